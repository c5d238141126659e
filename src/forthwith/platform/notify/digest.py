"""Several messages to one target as one."""

from collections.abc import Sequence
from typing import Final

from forthwith.platform.notify.notice import Content
from forthwith.platform.notify.templates import Datum, Template

_MOST_SHOWN: Final = 50
_RULE: Final = "\n\n---\n\n"

TEMPLATE: Final = Template(
    "notify.digest",
    subject={
        "zh-TW": "{count} 則通知",
        "en": "{count} notifications",
        "ja": "{count} 件のお知らせ",
    },
    body={
        "zh-TW": "{messages}\n\n(共 {count} 則)",
        "en": "{messages}\n\n({count} in all)",
        "ja": "{messages}\n\n(全 {count} 件)",
    },
)


def joined(contents: Sequence[Content]) -> Content:
    """One message of them all, in the language of the first; a single one stays as it is."""
    first = contents[0]
    if len(contents) == 1:
        return first
    shown = [f"{each.subject}\n\n{each.body}" for each in contents[:_MOST_SHOWN]]
    data: dict[str, Datum] = {"count": len(contents), "messages": _RULE.join(shown)}
    wording = TEMPLATE.render(first.language, data)
    return Content(
        first.target, wording.subject, first.language, wording.body, {"count": len(contents)}
    )
