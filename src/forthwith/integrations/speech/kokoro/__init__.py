"""The neural voice of this machine: Kokoro-82M, in a process of its own."""
