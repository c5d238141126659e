"""The local voice, espeak-ng, as a program of its own: request on standard input, WAV on output.

espeak-ng is under the GPL, and a text may crash or hang it: so it is loaded by no other process
than this short-lived one, which ends with its text, its parent or its share of the machine.
Started by its path (`recording.py`), it imports nothing of ours.
"""

import ctypes
import io
import json
import os
import re
import resource
import signal
import sys
import wave
from pathlib import Path
from typing import Final

import espeakng_loader  # type: ignore[import-untyped]

_VOICE: Final = b"cmn"  # `zh` answers 2 and goes on in the default voice, which is English
_CPU_SECONDS: Final = 20
_MEMORY_BYTES: Final = 512 * 1024 * 1024
_VOLUME: Final = 70  # at 100, its own, peaks reach full scale, and encoding them clips

# of speak_lib.h, API revision 12
_RETRIEVAL: Final = 1
_DONT_EXIT: Final = 0x8000
_RATE_PARAMETER: Final = 1
_VOLUME_PARAMETER: Final = 2
_POSITION_CHARACTER: Final = 1
_UTF8_AND_PHONEMES: Final = 0x101
_CALLBACK: Final = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)

# Syllables that the dictionary of 1.52 lacks and spells in English, as its own phonemes.
_MISSING: Final = {
    "兒": "而",
    **dict.fromkeys("兄凶兇匈洶胸", "[[S;j'ong55]]"),
    **dict.fromkeys("雄熊", "[[S;j'ong35]]"),
    **dict.fromkeys("窮穹瓊穷琼", "[[tS;hj'ong35]]"),
    **dict.fromkeys("炯迥窘", "[[tS;j'ong214]]"),
}
_MARKS_OF_PHONEMES: Final = re.compile(r"\[\[|\]\]")


def main() -> None:
    """Speak one request, `{"text", "words_per_minute"}`."""
    _limit_to_its_share()
    request = json.load(sys.stdin)
    sys.stdout.buffer.write(_wav(*_samples(request["text"], request["words_per_minute"])))


def _limit_to_its_share() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    if sys.platform == "linux":
        parent_death_signal = 1  # prctl(2)
        ctypes.CDLL(None).prctl(parent_death_signal, signal.SIGKILL)


def _samples(text: str, words_per_minute: int) -> tuple[bytes, int]:
    """16-bit samples, and how many there are a second."""
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    data = Path(espeakng_loader.get_data_path())
    os.chdir(data.parent)  # it ends the process where the path is long, so that it gets a short one
    samples_per_second = library.espeak_Initialize(_RETRIEVAL, 0, data.name.encode(), _DONT_EXIT)
    if samples_per_second <= 0:
        sys.exit("espeak-ng does not find its data")
    if library.espeak_SetVoiceByName(_VOICE) != 0:
        sys.exit("espeak-ng has no Mandarin voice")
    library.espeak_SetParameter(_RATE_PARAMETER, words_per_minute, 0)
    library.espeak_SetParameter(_VOLUME_PARAMETER, _VOLUME, 0)
    return _synthesised(library, _pronounced(text)), samples_per_second


def _pronounced(text: str) -> str:
    plain = _MARKS_OF_PHONEMES.sub(" ", text)
    return "".join(_MISSING.get(character, character) for character in plain)


def _synthesised(library: ctypes.CDLL, text: str) -> bytes:
    samples = bytearray()

    def take(chunk: "ctypes._Pointer[ctypes.c_short] | None", count: int, _events: int) -> int:
        if chunk and count > 0:
            samples.extend(ctypes.string_at(chunk, count * 2))
        return 0

    callback = _CALLBACK(take)
    library.espeak_SetSynthCallback(callback)
    encoded = text.encode() + b"\0"
    status = library.espeak_Synth(
        *(encoded, len(encoded), 0, _POSITION_CHARACTER, 0, _UTF8_AND_PHONEMES, None, None)
    )
    if status != 0:
        sys.exit(f"espeak-ng answered {status}")
    library.espeak_Synchronize()
    return bytes(samples)


def _wav(samples: bytes, samples_per_second: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(2)
        recording.setframerate(samples_per_second)
        recording.writeframes(samples)
    return file.getvalue()


if __name__ == "__main__":
    main()
