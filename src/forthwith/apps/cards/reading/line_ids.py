"""The id in the LINE messenger, behind its name."""

import re
from collections.abc import Sequence
from typing import Final

from . import dictionaries
from .lines import Found, Segment

_LINE_ID: Final = re.compile(
    r"(?<![a-z-])(?<!direct )(?<!hot )(?<!land )(?<!main )(?<!free )"
    r"line\s*(?:官方)?(?:id|账号|帐号|@|:)[\s:@]*(?P<id>@?[a-z0-9][a-z0-9._-]{2,30})$"
)


def take_line_id(segments: Sequence[Segment]) -> tuple[Found | None, list[Segment]]:
    """The id behind a `LINE` label, and the segments without it."""
    for segment in segments:
        match = _LINE_ID.search(dictionaries.flat(segment.text))
        if match is None:
            continue
        printed = segment.text[match.start("id") : match.end("id")]
        official = "@" in match[0] and not printed.startswith("@")
        value = f"@{printed}" if official else printed
        rest = [p for s in segments for p in (s.without(match.span()) if s is segment else [s])]
        return Found(value, 0.9 * segment.score, segment), rest
    return None, list(segments)
