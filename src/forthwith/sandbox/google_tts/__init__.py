"""Google Cloud Text-to-Speech v1 on this machine: its shapes, its refusals, and a hum."""

from forthwith.sandbox.google_tts.server import GoogleTts

__all__ = ["GoogleTts"]
