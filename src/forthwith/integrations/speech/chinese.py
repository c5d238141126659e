"""Chinese text as it is said: amounts, counts, times and numbers in words.

Rules in order, each on what the ones before have left: what looks most special is said first
(order numbers, telephones, dates), a plain number last. Libraries for this were looked at in
November 2026: cn2an knows neither 兩 nor measure words, WeTextProcessing needs a compiler.
"""

import re
import unicodedata
from collections.abc import Callable
from re import Match
from typing import Final

from forthwith.integrations.speech.numerals import END, cardinal, decimal, one_by_one

Rule = tuple[re.Pattern[str], Callable[[Match[str]], str]]

_NUMBER: Final = r"[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+"
_DECIMAL: Final = rf"(?P<whole>{_NUMBER})(?:\.(?P<fraction>[0-9]+))?"
_MEASURES: Final = (
    "人份|人|位|份|碗|杯|個|盤|碟|盒|瓶|罐|包|袋|串|片|塊|顆|粒|條|根|隻|支|枝|張|組|套|壺|鍋|籠|樣|件|次|元|圓|倍|"
    "小時|鐘頭|分鐘|分|點|秒|天|週|年|公斤|公克|公升|毫升|斤|打|層|球|匙|桌|客|道|箱|排|尾|捲|粒|毛"
)
_CURRENCIES: Final = {
    **dict.fromkeys(("NT$", "NTD", "TWD", "$"), "元"),
    **dict.fromkeys(("US$", "USD"), "美元"),
    **dict.fromkeys(("JP¥", "JPY", "¥"), "日圓"),
    **dict.fromkeys(("HK$", "HKD"), "港幣"),
}
_UNITS: Final = {
    **dict.fromkeys(("ml", "cc"), "毫升"),
    "l": "公升",
    "kg": "公斤",
    "g": "公克",
    "cm": "公分",
    "km": "公里",
    "°c": "度",
    "min": "分鐘",
}
_SIGNS: Final = {
    **dict.fromkeys(",;:()[]{}~《》〈〉「」『』【】〔〕—–…|", "，"),
    "&": "和",
    "+": "加",
    "/": "、",
    ".": "。",
    "!": "！",
    "?": "？",
}
_HOURS: Final = ((18, "晚上"), (13, "下午"), (12, "中午"), (6, "上午"), (0, "凌晨"))
_SAID_HOURS: Final = {"AM": "上午", "PM": "下午"}
_LONGEST_NUMBER: Final = 8
"""Digits without commas or a unit; what is longer is the number of something."""
_LARGEST_PART: Final = 10
"""Of a fraction such as 1/2; 11/22 is a day."""
_MOST_HOURS, _MOST_MINUTES, _MOST_MONTHS, _MOST_DAYS = 24, 59, 12, 31


def spoken(text: str) -> str:
    """The text in words that a voice cannot misread; the same once more is no change.

    Markup, control characters and signs that nobody says are left out; letters and other
    scripts stay.
    """
    text = _plain(text)
    for pattern, words in _RULES:
        text = pattern.sub(words, text)
    return text.strip(" ，、。")


def _plain(text: str) -> str:
    """Usual forms of characters, ASCII digits, no markup, nothing invisible."""
    without_tags = re.sub(r"<[^<>]*>", " ", unicodedata.normalize("NFKC", text))
    lines = re.sub(r"\s*[\r\n]+\s*", "，", without_tags)
    return "".join(map(_plain_character, lines))


def _plain_character(character: str) -> str:
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    return " " if unicodedata.category(character)[0] in "CZ" else character


def _spelled(code: str) -> str:
    """Each letter and digit by itself; letters in capitals, so that they are read as such."""
    signs = (one_by_one(sign) if sign.isdecimal() else f" {sign.upper()} " for sign in code)
    return re.sub(r"\s+", " ", "".join(signs)).strip()


def _code(match: Match[str]) -> str:
    parts = (_spelled(part) for part in re.split(r"[\s_-]+", match["code"]))
    return f"{match['label']}，{'，'.join(filter(None, parts))}"


def _telephone(match: Match[str]) -> str:
    parts = re.findall(r"[0-9]+", match[0])
    country = "加" if match[0].startswith("+") else ""
    return f"，{country}{'，'.join(map(one_by_one, parts))}，"


def _date(match: Match[str]) -> str:
    month, day = int(match["month"]), int(match["day"])
    if not (1 <= month <= _MOST_MONTHS and 1 <= day <= _MOST_DAYS):
        return match[0]
    return f"{one_by_one(match['year'])}年{cardinal(month)}月{cardinal(day)}日"


def _year(match: Match[str]) -> str:
    return f"{one_by_one(match['year'])}年"


def _share_or_day(match: Match[str]) -> str:
    first, second = int(match["first"]), int(match["second"])
    if 0 < first < second <= _LARGEST_PART:
        return f"{cardinal(second)}分之{cardinal(first)}"
    if 1 <= first <= _MOST_MONTHS and 1 <= second <= _MOST_DAYS:
        return f"{cardinal(first)}月{cardinal(second)}日"
    return match[0]


def _time(match: Match[str]) -> str:
    hour, minute = int(match["hour"]), int(match["minute"])
    if hour > _MOST_HOURS or minute > _MOST_MINUTES:
        return match[0]
    said = match["period"] or match["period_behind"]
    period = _SAID_HOURS.get(said.upper(), said) if said else _period(hour % 24)
    return f"{period}{_count(hour % 12 or 12)}點{_minutes(minute)}"


def _period(hour: int) -> str:
    return next(name for first, name in _HOURS if hour >= first)


def _minutes(minute: int) -> str:
    if minute == 0:
        return ""
    return f"{'零' if minute < 10 else ''}{cardinal(minute)}分"  # noqa: PLR2004 - 05 is 零五


def _count(number: int) -> str:
    """A number before a measure word."""
    return "兩" if number == 2 else cardinal(number)  # noqa: PLR2004 - two


def _measured(whole: int, fraction: str) -> str:
    """What is counted or paid: nobody says the zeros of 80.00."""
    said = fraction.rstrip("0")
    return decimal(whole, said) if said else _count(whole)


def _money(match: Match[str]) -> str:
    whole = int(match["whole"].replace(",", ""))
    if whole >= END:
        return one_by_one(match["whole"].replace(",", ""))
    amount = _measured(whole, match["fraction"] or "")
    minus = "負" if match["minus"] else ""
    return f"{minus}{amount}{_CURRENCIES[match['currency'].upper().replace(' ', '')]}"


def _pieces(match: Match[str]) -> str:
    return f" {_count(int(match['count']))}份"


def _span(match: Match[str]) -> str:
    first, last = int(match["first"]), int(match["last"])
    return f"{_count(first)}到{_count(last)}"


def _percent(match: Match[str]) -> str:
    return f"百分之{_number_of(match)}"


def _metric(match: Match[str]) -> str:
    unit = _UNITS[match["unit"].lower()]
    return f"{_number_of(match, has_measure=True)}{unit}"


def _number(match: Match[str]) -> str:
    minus = "負" if match["minus"] else ""
    measure = match["measure"] or ""
    if match["ordinal"]:
        return f"第{_number_of(match)}{measure}"
    return f"{minus}{_number_of(match, has_measure=bool(measure))}{measure}"


def _number_of(match: Match[str], *, has_measure: bool = False) -> str:
    digits, fraction = match["whole"].replace(",", ""), match["fraction"] or ""
    is_name = len(digits) > _LONGEST_NUMBER and not has_measure and "," not in match["whole"]
    if is_name or int(digits) >= END or (len(digits) > 1 and digits.startswith("0")):
        return one_by_one(digits) + (f"點{one_by_one(fraction)}" if fraction else "")
    if has_measure:
        return _measured(int(digits), fraction)
    return decimal(int(digits), fraction)


def _capitals(match: Match[str]) -> str:
    return " ".join(match[0])


def _sign(match: Match[str]) -> str:
    return _SIGNS.get(match[0], " ")


_CURRENCY: Final = "|".join(re.escape(each) for each in sorted(_CURRENCIES, key=len, reverse=True))
_UNIT: Final = "|".join(sorted(_UNITS, key=len, reverse=True))
_RULES: Final[tuple[Rule, ...]] = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (
            r"(?<![0-9.,+-])(?:\+[0-9]{2,3}[- ]?[0-9]{1,3}|\(?0[0-9]{1,3}\)?)"
            r"[- ]?[0-9]{3,4}[- ]?[0-9]{3,4}(?![0-9,.-])",
            _telephone,
        ),
        (
            r"(?P<label>編號|號碼|單號|代碼|代號|電話|手機|分機|統編|取餐號|驗證碼)"
            r"(?:\s|[:#是為])*(?P<code>[A-Za-z0-9](?:[A-Za-z0-9]|[_-](?=[A-Za-z0-9]))*)",
            _code,
        ),
        (r"(?P<label>)#\s*(?P<code>[A-Za-z0-9](?:[A-Za-z0-9]|[_-](?=[A-Za-z0-9]))*)", _code),
        (
            r"(?<![0-9])(?P<year>[12][0-9]{3})(?P<sep>[-/.])(?P<month>[0-9]{1,2})(?P=sep)"
            r"(?P<day>[0-9]{1,2})(?![0-9])",
            _date,
        ),
        (r"(?<![0-9])(?P<year>[12][0-9]{3})\s*年", _year),
        (r"(?<![0-9/])(?P<first>[0-9]{1,2})/(?P<second>[0-9]{1,2})(?![0-9/])", _share_or_day),
        (
            r"(?:(?P<period>上午|下午|晚上|早上|中午|凌晨)\s*)?(?<![0-9:])(?P<hour>[0-9]{1,2}):"
            r"(?P<minute>[0-9]{2})(?::[0-9]{2})?(?![0-9:])(?:\s*(?P<period_behind>(?i:AM|PM))\b)?",
            _time,
        ),
        (
            rf"(?P<minus>(?<![0-9])-\s*)?(?P<currency>(?i:{_CURRENCY}))\s*{_DECIMAL}"
            r"(?:\s*(?:美元|日圓|港幣|元|圓|塊))?",
            _money,
        ),
        (r"\s*[xX×✕*]\s*(?P<count>[0-9]{1,4})(?![0-9A-Za-z.])(?:\s*份)?", _pieces),
        (r"(?<![0-9.,-])(?P<first>[0-9]{1,4})\s*[-~–至]\s*(?P<last>[0-9]{1,4})(?![0-9.,-])", _span),
        (rf"{_DECIMAL}\s*%", _percent),
        (rf"{_DECIMAL}\s*(?P<unit>(?i:{_UNIT}))(?![A-Za-z])", _metric),
        (
            rf"(?P<ordinal>第\s*)?(?P<minus>(?:(?<=[\s:])|^)-\s*)?{_DECIMAL}"
            rf"(?:\s*(?P<measure>{_MEASURES}))?",
            _number,
        ),
        (r"(?<![A-Za-z])[A-Z]{2,3}(?![A-Za-z])", _capitals),
        (r"[^\w\s，、。！？'’]|_", _sign),
        (r"\s+", lambda _: " "),
        (r" ?([，、。！？])[ ，、。]*", lambda match: match[1]),
    )
)
