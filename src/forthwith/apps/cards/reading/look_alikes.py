"""Letters that readers see in place of digits inside telephone numbers."""

import re
from dataclasses import replace
from typing import Final

from . import labels
from .lines import Segment

_DIGITS: Final = str.maketrans("OoQlI|SBbZ", "0001115862")
_RUN: Final = re.compile(
    r"(?<![^\W_])[+(]*[\dOoQlI|SBbZ](?:[\s().+/-]{0,3}[\dOoQlI|SBbZ]){6,16}(?![^\W_])"
)
_BESIDE_DIGIT: Final = re.compile(r"(?<=\d)[OoQlI|SBbZ]|[OoQlI|SBbZ](?=\d)")
_LEAST_DIGITS: Final = 6
_MOST_LETTERS: Final = 2
_DOUBT: Final = 0.9  # of the confidence that is left to such a line


def mended(segment: Segment, *, labelled: bool) -> Segment:
    """`02-2539-O289` as `02-2539-0289`, where a label says that it is a number or nothing else is.

    `labelled` tells of a label beside the segment. Offsets in the text stay valid.
    """
    text = segment.text
    for match in _RUN.finditer(text):
        alone = len(match[0]) == len(text)
        if _is_misread(match[0]) and (labelled or alone or labels.before(text[: match.start()])):
            digits = match[0].translate(_DIGITS)
            text = text[: match.start()] + digits + text[match.end() :]
    return segment if text == segment.text else _doubted(segment, text)


def _doubted(segment: Segment, text: str) -> Segment:
    return replace(segment, text=text, score=_DOUBT * segment.score)


def _is_misread(run: str) -> bool:
    letters = sum(sign.isalpha() or sign == "|" for sign in run)
    beside = len(_BESIDE_DIGIT.findall(run))
    return beside == letters <= _MOST_LETTERS and sum(map(str.isdigit, run)) >= _LEAST_DIGITS
