"""Fictional business cards with the truth about them, as many as a measurement needs."""

from examples.cardmaker.generate import compose, generate, invent, languages, layouts, levels

__all__ = ["compose", "generate", "invent", "languages", "layouts", "levels"]
