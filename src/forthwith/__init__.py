"""Forthwith answers at once and does the slow work behind."""

__version__ = "0.1.0"
