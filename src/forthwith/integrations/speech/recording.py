"""What works in a process of the pool: the local voice, and the encoder of all voices."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Final

from forthwith.integrations.speech.speech import ESPEAK, Speech
from forthwith.platform.errors import Unavailable

_WORDS_PER_MINUTE: Final = 190
"""At rate 1.0: 4.6 syllables a second, as people speak; espeak-ng's usual 160 drags."""
_PROGRAM: Final = Path(__file__).with_name("espeak.py")
_REASON_LENGTH: Final = 200  # characters


class VoiceFailed(Exception):
    """The local voice ended without a recording."""


def recorded(text: str, rate: float, seconds: float) -> Speech:
    """Speak a text; keeps a core busy for about a third of a second.

    Args:
        text: In words, as `spoken` gives it.
        rate: Times the usual speed.
        seconds: After which the voice's process is ended.

    Raises:
        VoiceFailed: It crashed, hung, or said nothing.
        Unavailable: The extra that speaks is not installed.
    """
    _ensure_installed()
    wav = _voiced(text, round(_WORDS_PER_MINUTE * rate), seconds)
    try:
        return packed(wav, ESPEAK)
    except ValueError as error:
        raise VoiceFailed(f"The local voice failed: {error}.") from error


def packed(audio: bytes, provider: str) -> Speech:
    """A voice's recording, packed as all are.

    Raises:
        ValueError: It is no recording, or an empty one.
        Unavailable: The extra that speaks is not installed.
    """
    _ensure_installed()
    from forthwith.integrations.speech import m4a  # noqa: PLC0415 - of the extra, and slow

    return m4a.packed(audio, provider)


def load() -> None:
    """Load what speaks and encodes, so that the first text need not wait.

    Raises:
        Unavailable: The extra that speaks is not installed.
    """
    recorded("您好", 1.0, 60.0)


def _ensure_installed() -> None:
    if any(importlib.util.find_spec(each) is None for each in ("av", "espeakng_loader")):
        raise Unavailable("This installation does not speak: pip install 'forthwith[speech]'")


def _voiced(text: str, words_per_minute: int, seconds: float) -> bytes:
    request = json.dumps({"text": text, "words_per_minute": words_per_minute}).encode()
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-I", str(_PROGRAM)],
            input=request,
            capture_output=True,
            timeout=seconds,
            check=True,
        )
    except subprocess.TimeoutExpired:
        raise VoiceFailed(f"The local voice took longer than {seconds:g} seconds.") from None
    except subprocess.CalledProcessError as error:
        reason = error.stderr.decode(errors="replace").strip()[-_REASON_LENGTH:]
        raise VoiceFailed(f"The local voice ended with {error.returncode}: {reason}") from None
    return done.stdout
