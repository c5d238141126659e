"""Text, codes and their places on a photo, read on this machine without any service."""
