"""Chinese text spoken: by a cloud voice where a key is set, else on this machine."""
