"""One host printed twice, behind `@` and as a web address: what one place lost the other has."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from forthwith.platform import text as texts

from .lines import Segment

_HOST: Final = re.compile(r"(?<![\w@.-])(?:www\.)?((?:[a-z0-9-]+\.)+[a-z]{2,24})(?![\w@-])")
_SHORTEST: Final = 6  # letters; what is shorter stands inside other words
_LOOSE: Final = {".": r"[.,]?\s?", "-": "[-.]?", "l": "[l1I|]", "o": "[o0O]", "i": "[il1]"}


def printed(segments: Iterable[Segment]) -> list[str]:
    """Hosts of web addresses, without `www.`, each once."""
    hosts = (match[1] for s in segments if "@" not in s.text for match in _HOST.finditer(s.text))
    known = (host for host in hosts if len(host) > _SHORTEST and texts.registered_domain(host))
    return list(dict.fromkeys(known))


def loosely(host: str) -> str:
    """A pattern of the host and of what readers make of it: dots lost, `1` for `l`."""
    return "".join(_LOOSE.get(sign, re.escape(sign)) for sign in host)


def repairs(hosts: Sequence[str], before: str) -> list[tuple[re.Pattern[str], str]]:
    """Repairs for `lines.repaired`: each host as the other place prints it, behind `before`."""
    return [
        (re.compile(rf"{before}{loosely(host)}(?![\w.-]*\w)", re.IGNORECASE), host)
        for host in hosts
        if len(host) > _SHORTEST
    ]
