"""Fictional menus with the truth about them, as many as a measurement needs."""

from examples.menumaker.generate import LAYOUTS, LEVELS, generate
from examples.menumaker.printed import Menu

__all__ = ["LAYOUTS", "LEVELS", "Menu", "generate"]
