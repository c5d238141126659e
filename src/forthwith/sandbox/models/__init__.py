"""Gemini and OpenAI on this machine: their protocols, quotas, refusals and cut answers."""

from forthwith.sandbox.models.answering import Asked, Endings, Reader, stored
from forthwith.sandbox.models.server import ModelsSandbox, models_sandbox

__all__ = ["Asked", "Endings", "ModelsSandbox", "Reader", "models_sandbox", "stored"]
