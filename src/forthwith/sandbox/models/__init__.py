"""Gemini and OpenAI on this machine: their protocols, quotas, refusals and cut answers."""

from forthwith.sandbox.models.answering import Asked, Endings, Reader, reading, stored
from forthwith.sandbox.models.server import PLAYED_KEY, ModelsSandbox, models_sandbox

__all__ = [
    "PLAYED_KEY",
    "Asked",
    "Endings",
    "ModelsSandbox",
    "Reader",
    "models_sandbox",
    "reading",
    "stored",
]
