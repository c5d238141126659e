"""Things to try the platform with; nothing here is part of the installed package."""
