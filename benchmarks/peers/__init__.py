"""Engines that `benchmarks.jobs` compares; each module runs in a process and venv of its own."""
