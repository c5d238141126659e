"""Reading every photo of a folder and comparing it with its label."""

import asyncio
import itertools
import statistics
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from forthwith.apps.cards.reading import Address, CardReading, Contact
from forthwith.apps.cards.reading.scoring import Score, Tally, agrees, score, total
from forthwith.apps.cards.schemas import Reading
from forthwith.platform.errors import BadRequest

ReadPhoto = Callable[[bytes], Awaitable[Reading]]
"""A reader: photo bytes in, contacts out."""

EDGES: Final = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0)
"""Bounds of the confidence bins."""


class Answer(NamedTuple):
    """One value the reader gave, how sure it was, and whether it is right."""

    field: str
    value: str
    confidence: float
    right: bool


class FileResult(msgspec.Struct, frozen=True):
    """One photo: its label, what was read, how it compares; `error` when nothing was."""

    file: Path
    label: Mapping[str, Any]
    reading: Reading | None
    score: Score
    error: str | None = None


class Bin(NamedTuple):
    """Answers whose confidence lies between two bounds, and the share that is right."""

    low: float
    high: float
    answers: int
    mean_confidence: float
    right: float


class Evaluation(msgspec.Struct, frozen=True):
    """All results of a folder."""

    results: tuple[FileResult, ...]

    @property
    def tallies(self) -> dict[str, Tally]:
        """Counts per field over all cards, without fields that no label has."""
        tallies, _ = total(result.score for result in self.results)
        return {name: tally for name, tally in tallies.items() if tally.expected}

    @property
    def whole(self) -> int:
        """Cards whose name, company, every e-mail and every number are right."""
        return sum(result.score.whole for result in self.results)

    @property
    def seconds(self) -> tuple[float, float]:
        """Median and 95th percentile of the seconds per photo."""
        spent = [result.reading.seconds for result in self.results if result.reading]
        if not spent:
            return 0.0, 0.0
        cuts = statistics.quantiles(spent, n=20, method="inclusive") if len(spent) > 1 else spent
        return statistics.median(spent), cuts[-1]

    @property
    def readers(self) -> dict[str, tuple[int, int]]:
        """By provider, how many photos it read and what they cost, in millionths of a dollar."""
        found: dict[str, tuple[int, int]] = {}
        for reading in (result.reading for result in self.results if result.reading):
            photos, micros = found.get(reading.provider, (0, 0))
            found[reading.provider] = photos + 1, micros + reading.cost_micros
        return found

    @property
    def calibration(self) -> list[Bin]:
        """Confidence against correctness, over every answer to a labelled field."""
        answers = [answer for result in self.results for answer in answers_of(result)]
        bins = []
        for low, high in itertools.pairwise(EDGES):
            inside = [a for a in answers if low <= a.confidence < high or high == a.confidence == 1]
            if inside:
                mean = statistics.fmean(a.confidence for a in inside)
                right = statistics.fmean(a.right for a in inside)
                bins.append(Bin(low, high, len(inside), mean, right))
        return bins


def load_labels(folder: Path) -> dict[str, dict[str, Any]]:
    """`labels.json` of a folder. Raises `BadRequest` when there is none that can be read."""
    path = folder / "labels.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, dict[str, Any]])
    except OSError:
        raise BadRequest(f"{path} cannot be read; a labelled folder has one.") from None
    except msgspec.MsgspecError as error:
        raise BadRequest(f"{path} is not a file of labels: {error}") from None


async def evaluate(
    folder: Path, labels: Mapping[str, Mapping[str, Any]], read: ReadPhoto
) -> AsyncIterator[FileResult]:
    """Read and compare the labelled photos one after another, so that seconds mean something."""
    for name, label in labels.items():
        yield await _evaluate_one(folder / name, label, read)


async def _evaluate_one(path: Path, label: Mapping[str, Any], read: ReadPhoto) -> FileResult:
    try:
        reading = await read(await asyncio.to_thread(path.read_bytes))
    except Exception as error:  # noqa: BLE001 - a photo that fails is a result, not the end
        return FileResult(path, label, None, score((), label["fields"]), str(error))
    return FileResult(path, label, reading, score(reading.cards, label["fields"]))


def answers_of(result: FileResult) -> list[Answer]:
    """Every value that was given for a field the label has, with its confidence."""
    if result.reading is None or not result.reading.cards:
        return []
    return answers_of_card(result.reading.cards[0], result.label["fields"])


def answers_of_card(card: CardReading, fields: Mapping[str, Any]) -> list[Answer]:
    """The same for one card and the `fields` of its label."""
    return [*_single_answers(card, fields), *_list_answers(card, fields), *_numbers(card, fields)]


def _single_answers(card: CardReading, fields: Mapping[str, Any]) -> list[Answer]:
    found = []
    for name in ("name", "company", "title", "tax_id"):
        field = getattr(card, name)
        if name in fields and field is not None and field.value is not None:
            right = any(agrees(field.value, truth) for truth in _accepted(fields[name]))
            found.append(Answer(name, field.value, field.confidence, right))
    return found


def _list_answers(card: CardReading, fields: Mapping[str, Any]) -> list[Answer]:
    lists: dict[str, Sequence[Contact | Address]] = {
        "email": card.emails,
        "website": card.websites,
        "address": card.addresses,
    }
    return [
        Answer(name, each.value, each.confidence, _agrees_with_any(each.value, fields[name]))
        for name, values in lists.items()
        if name in fields
        for each in values
    ]


def _numbers(card: CardReading, fields: Mapping[str, Any]) -> list[Answer]:
    truths = [number for kind in ("phone", "mobile", "fax") for number in fields.get(kind, ())]
    printed = [truth["printed"] for truth in truths]
    known = {truth["e164"] for truth in truths if truth["e164"]}
    return [
        Answer(
            "numbers",
            each.printed,
            each.confidence,
            each.e164 in known or _agrees_with_any(each.printed, printed),
        )
        for each in card.phones
        if truths
    ]


def _accepted(truth: str | Sequence[str]) -> list[str]:
    return [truth] if isinstance(truth, str) else list(truth)


def _agrees_with_any(value: str, truths: Sequence[str]) -> bool:
    return any(agrees(value, truth) for truth in truths)
