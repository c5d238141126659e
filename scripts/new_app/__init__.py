"""The shape of an application, as `make new-app NAME=tickets` copies it."""
