"""What a voice hands back, and what may be asked of one."""

from typing import Final

import msgspec

ESPEAK: Final = "espeak"
KOKORO: Final = "kokoro"
GOOGLE: Final = "google_tts"
AZURE: Final = "azure_speech"

RATES: Final = (0.7, 1.0, 1.3)
"""Speeds that a text is spoken at; 1.0 is a voice's own."""

MOST_CHARACTERS: Final = 1_000
"""Of one text: about four minutes, and below the 5,000 bytes that Google takes."""


class Speech(msgspec.Struct, frozen=True):
    """A recording: m4a (AAC mono, its index in front), how long it plays, and whose voice it is."""

    audio: bytes
    milliseconds: int
    provider: str
