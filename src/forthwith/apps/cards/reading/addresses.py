# ruff: noqa: PLR2004  # weights of evidence and ratios of letters are written where they act
"""Postal addresses: lines that look like one, grouped by where they stand."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from forthwith.platform import text as texts

from . import organisations, postal, spelling, titles
from .address_lines import COUNTRY_AT_END, LABEL_ALONE, evidence, is_street, without_label
from .fields import Address
from .lines import Segment, joined, reading_order

_SEED: Final = 1.5  # evidence of one line from which an address may grow
_PITCH: Final = 1.0  # letter heights between the lines of one address, at most
_NO_BUILDING: Final = re.compile(r"[.!?。]$|\S\.\S|[@:/]")  # a sentence, a site, a label
_OPEN: Final = ("-", ",")  # at the end of a line that goes on below


@dataclass(slots=True)
class _Block:
    """Lines under one another, or beside one another on one row, with their weights."""

    members: list[Segment] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)


Group: TypeAlias = Sequence[Segment]
"""The lines of one address, from the first to the last."""


def take_addresses(segments: Sequence[Segment]) -> tuple[list[Group], list[Segment]]:
    """The lines of each address, and the segments that are not part of one."""
    groups: list[Group] = [group for block in _blocks(segments) for group in _runs(block)]
    taken = {id(segment) for group in groups for segment in group}
    rest = [s for s in segments if id(s) not in taken]
    return groups, [s for s in rest if not LABEL_ALONE.fullmatch(s.text)]


def with_buildings(
    groups: Sequence[Group], free: Sequence[Segment], domains: Sequence[str]
) -> list[Group]:
    """The groups, each with the name of its building above the street.

    No word tells such a line: it is one of the `free` lines, which are nothing else, set in the
    style of the address and at its pitch.
    """
    lines = [line for line in free if _names_building(line, domains)]
    return [_with_building(group, lines, free) for group in groups]


def _names_building(line: Segment, domains: Sequence[str]) -> bool:
    """Whether a line may be a building; a company or a title that is not the best one is none."""
    text = line.text
    if texts.comparable(text) != texts.comparable(line.whole) or _NO_BUILDING.search(text):
        return False
    return (
        (_is_cjk(text) or len(text.split()) > 1)
        and titles.evidence(text) < 0.5
        and organisations.company_evidence(text, domains) < 0.4
        and organisations.department_evidence(text) < 0.7
    )


def _with_building(group: Group, lines: Sequence[Segment], free: Sequence[Segment]) -> Group:
    first = group[0]
    if len(group) < 2 or without_label(first.text) != first.text:
        return group
    above = [line for line in free if line is not first and first.is_below(line, _PITCH)]
    fits = len(above) == 1 and above[0] in lines and _is_building(above[0], group)
    return (above[0], *group) if fits else group


def _is_building(line: Segment, group: Group) -> bool:
    first, second = group[:2]
    pitch = second.middle - first.middle
    return (
        second.is_below(first)
        and abs(first.middle - line.middle - pitch) < 0.25 * pitch
        and 0.87 < line.height / first.height < 1.15
        and abs(line.left - first.left) < 0.5 * first.height
        and _is_cjk(line.text) == _is_cjk(first.text)
    )


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
    line = block.members[index]
    if titles.evidence(line.text) >= 0.6 or organisations.has_legal_form(line.text):
        return False
    above, below = block.weights[index - 1], block.weights[index + 1]
    least = 0.5 if line.whole.endswith(_OPEN) else _SEED
    return above >= _SEED and below >= least and not _starts_anew(block, index + 1)


def _starts_anew(block: _Block, index: int) -> bool:
    text, above = block.members[index].text, block.members[index - 1].text
    scripts = {_is_cjk(without_label(each)) for each in (text, above)}
    if len(scripts) == 2 and min(map(evidence, (text, above))) >= _SEED:
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


def address(group: Group, region: str) -> Address:
    """One address out of its lines."""
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
