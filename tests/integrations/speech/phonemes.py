"""Print which common characters espeak-ng's Mandarin spells in English. A program of its own."""

import ctypes
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import espeakng_loader  # type: ignore[import-untyped]

ONLY_RETRIEVE, DO_NOT_EXIT = 1, 0x8000
UTF8, IPA = 1, 2
FREQUENTLY_USED = range(0xA440, 0xC67F)  # of Big5


def characters() -> Iterator[str]:
    for code in FREQUENTLY_USED:
        try:
            yield code.to_bytes(2, "big").decode("big5")
        except UnicodeDecodeError:
            continue


def phonemes(library: ctypes.CDLL, text: str) -> str:
    buffer = ctypes.create_string_buffer(text.encode())
    place = ctypes.c_void_p(ctypes.addressof(buffer))
    answer: bytes = library.espeak_TextToPhonemes(ctypes.byref(place), UTF8, IPA)
    return answer.decode()


def main() -> None:
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    data = Path(espeakng_loader.get_data_path())
    os.chdir(data.parent)
    library.espeak_Initialize(ONLY_RETRIEVE, 0, data.name.encode(), DO_NOT_EXIT)
    library.espeak_SetVoiceByName(b"cmn")
    english = (each for each in characters() if "(en)" in phonemes(library, each))
    sys.stdout.buffer.write("".join(english).encode())


if __name__ == "__main__":
    main()
