# ruff: noqa: PLR2004  # weights of evidence and ratios of letters are written where they act
"""Postal addresses: lines that look like one, grouped by where they stand."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from forthwith.platform import text as texts

from . import organisations, postal, spelling, titles
from .address_lines import COUNTRY_AT_END, LABEL_ALONE, evidence, is_street, without_label
from .fields import Address
from .lines import Segment, joined, reading_order

_SEED: Final = 1.5  # evidence of one line from which an address may grow


@dataclass(slots=True)
class _Block:
    """Lines under one another, or beside one another on one row, with their weights."""

    members: list[Segment] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)


def take_addresses(segments: Sequence[Segment], region: str) -> tuple[list[Address], list[Segment]]:
    """Addresses, and the segments that are not part of one."""
    rest = list(segments)
    addresses: list[Address] = []
    for block in _blocks(segments):
        for group in _runs(block):
            addresses.append(_address(group, region))
            rest = [s for s in rest if s not in group]
    return addresses, [s for s in rest if not LABEL_ALONE.fullmatch(s.text)]


def _blocks(segments: Sequence[Segment]) -> list[_Block]:
    blocks: list[_Block] = []
    for segment in reading_order(segments):
        homes = [b for b in blocks if _joins(b.members[-1], segment)]
        home = next((b for b in homes if not segment.on_row_of(b.members[-1])), None)
        home = home or next(iter(homes), None)
        if home is None:
            blocks.append(home := _Block())
        home.members.append(segment)
        home.weights.append(evidence(segment.text))
    return blocks


def _joins(last: Segment, segment: Segment) -> bool:
    if not 0.6 < segment.height / last.height < 1.6:
        return False
    if segment.on_row_of(last):
        return -0.5 * last.height < segment.left - last.right < 1.5 * last.height
    aligned = (
        abs(segment.left - last.left) < 3 * segment.height
        or abs(segment.centre - last.centre) < 2 * segment.height
        or abs(segment.right - last.right) < segment.height
    )
    within = last.left <= segment.left and segment.right <= last.right + segment.height
    both = evidence(last.text) >= 1 and evidence(segment.text) >= 1
    return (aligned or (within and both)) and segment.is_below(last, 1.0)


def _runs(block: _Block) -> list[list[Segment]]:
    """Maximal runs of a block that look like an address each."""
    runs: list[list[int]] = []
    for index, weight in enumerate(block.weights):
        if weight < 0.5 and not _is_bridged(block, index):
            runs.append([])
        elif not runs or _starts_anew(block, index):
            runs.append([index])
        else:
            runs[-1].append(index)
    return [[block.members[i] for i in run] for run in runs if _is_address(block, run)]


def _is_bridged(block: _Block, index: int) -> bool:
    """A line without evidence between two lines of one address, such as a building's name."""
    if not 0 < index < len(block.weights) - 1:
        return False
    text = block.members[index].text
    if titles.evidence(text) >= 0.6 or organisations.has_legal_form(text):
        return False
    above, below = block.weights[index - 1], block.weights[index + 1]
    return above >= _SEED and below >= _SEED and not _starts_anew(block, index + 1)


def _starts_anew(block: _Block, index: int) -> bool:
    text, above = block.members[index].text, block.members[index - 1].text
    if _is_cjk(text) != _is_cjk(above) and min(map(evidence, (text, above))) >= _SEED:
        return True
    if without_label(text) != text or COUNTRY_AT_END.search(above):
        return True
    # Two full addresses of one shape under one another, as on the card of a chain of shops.
    return is_street(text) and is_street(above)


def _is_cjk(text: str) -> bool:
    return any(map(texts.is_cjk, text))


def _is_address(block: _Block, run: Sequence[int]) -> bool:
    weights = [block.weights[i] for i in run]
    text = " ".join(block.members[i].text for i in run)
    if not weights or max(weights) < _SEED:
        return False
    return without_label(text) != text or (sum(weights) >= 2 and any(map(str.isdigit, text)))


def _with_comma(segment: Segment) -> Segment:
    """The comma at the end of a line, which was trimmed with the other signs there."""
    printed = f"{segment.text}," in segment.whole
    return replace(segment, text=f"{segment.text},") if printed else segment


def _address(group: Sequence[Segment], region: str) -> Address:
    cjk = _is_cjk(group[-1].text)
    whole = joined([s if cjk else _with_comma(s) for s in group], "" if cjk else " ")
    value = spelling.of_place(without_label(whole.text), region)
    weight = sum(evidence(s.text) for s in group)
    return Address(
        value=value,
        confidence=round(min(0.95, 0.6 + 0.06 * weight) * whole.score, 3),
        boxes=whole.sources,
        normalised=postal.normalise(value, region),
    )
