"""What voices of the sandbox say: a hum as long as the text would take."""

import io
import math
import wave
from array import array
from typing import Final

SAMPLES_PER_SECOND: Final = 24_000
_SECONDS_PER_CHARACTER: Final = 0.2
_HERTZ: Final = 220
_LOUDNESS: Final = 8_000  # of 32,767


def hum(text: str, rate: float) -> bytes:
    """A WAV of 16-bit samples of one channel."""
    count = round(max(1, len(text)) * _SECONDS_PER_CHARACTER / rate * SAMPLES_PER_SECOND)
    turn = 2 * math.pi * _HERTZ / SAMPLES_PER_SECOND
    samples = array("h", (round(_LOUDNESS * math.sin(turn * number)) for number in range(count)))
    file = io.BytesIO()
    with wave.open(file, "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(2)
        recording.setframerate(SAMPLES_PER_SECOND)
        recording.writeframes(samples.tobytes())
    return file.getvalue()
