"""The wordings of messages: per language, registered by whoever owns them.

A wording may name data as `{name}` and nothing else: no attributes, no indexes, no formats, so
that rendering never evaluates anything. Braces that belong to the text are doubled.
"""

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

Datum: TypeAlias = str | int | float | bool | None
"""What a message may carry: scalars of JSON."""

FALLBACK: Final = "en"
_LONGEST_SUBJECT: Final = 200  # characters
_LONGEST_BODY: Final = 20_000  # characters
_FORMATTER: Final = string.Formatter()
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_CONTROLS_IN_TEXT: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Wording:
    """A rendered message in one language."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of message, named `owner.kind`; subject and body by language, English always.

    `digest_minutes` above 0 lets messages of this kind wait so long for others to the same
    target, and go as one. Raises ValueError for a wording that is no plain text with names.
    """

    name: str
    subject: Mapping[str, str]
    body: Mapping[str, str]
    digest_minutes: int = 0
    _names: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if FALLBACK not in self.subject or self.subject.keys() != self.body.keys():
            raise ValueError(f"{self.name} needs subject and body in {FALLBACK}, and in equal ones")
        texts = [*self.subject.values(), *self.body.values()]
        names = frozenset(name for text in texts for name in _names_in(text))
        object.__setattr__(self, "_names", names)

    def render(self, language: str, data: Mapping[str, Datum]) -> Wording:
        """The message in this language, or in English. Raises LookupError for a missing datum."""
        if missing := self._names - data.keys():
            raise LookupError(f"{self.name} needs data for: {', '.join(sorted(missing))}")
        chosen = language if language in self.subject else FALLBACK
        subject = _CONTROLS.sub(" ", _filled(self.subject[chosen], data)).strip()
        body = _CONTROLS_IN_TEXT.sub("", _filled(self.body[chosen], data))
        return Wording(subject[:_LONGEST_SUBJECT], body[:_LONGEST_BODY])


def _names_in(text: str) -> list[str]:
    """The data that a wording names. Raises ValueError for anything but `{name}`."""
    names = []
    for _, name, form, conversion in _FORMATTER.parse(text):
        if name is None:
            continue
        if not name.isidentifier() or form or conversion:
            raise ValueError(f"{{{name}}} in a template is more than a name")
        names.append(name)
    return names


def _filled(text: str, data: Mapping[str, Datum]) -> str:
    """One pass: braces inside a datum stay what they are."""
    return "".join(
        literal + ("" if name is None else _shown(data[name]))
        for literal, name, _, _ in _FORMATTER.parse(text)
    )


def _shown(datum: Datum) -> str:
    return "" if datum is None else str(datum)


_registered: Final[dict[str, Template]] = {}


def register(*templates: Template) -> None:
    """Make templates known to this process; a module does so once, beside its wordings.

    Raises ValueError when a name stands for another template already.
    """
    for each in templates:
        if _registered.setdefault(each.name, each) != each:
            raise ValueError(f"two templates are named {each.name}")


def find(name: str) -> Template:
    """The template of this name. Raises LookupError when nobody registered it."""
    found = _registered.get(name)
    if found is None:
        raise LookupError(f"no template is named {name}")
    return found
