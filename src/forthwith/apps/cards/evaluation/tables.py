"""An evaluation as tables for a terminal, and as JSON."""

from typing import Any

from rich.console import Console
from rich.table import Table

from forthwith.apps.cards.evaluation.measure import Evaluation, FileResult
from forthwith.apps.cards.reading import CardReading


def print_tables(console: Console, evaluation: Evaluation) -> None:
    """Fields, whole cards, seconds, calibration."""
    fields = Table("field", "labelled", "recall", "precision", "exact", title="Fields")
    for name, tally in evaluation.tallies.items():
        exact = tally.exact / tally.expected
        fields.add_row(
            name,
            str(tally.expected),
            f"{tally.recall:.1%}",
            f"{tally.precision:.1%}",
            f"{exact:.1%}",
        )
    console.print(fields)
    count = len(evaluation.results)
    median, slow = evaluation.seconds
    console.print(f"whole cards right: {evaluation.whole} of {count}")
    console.print(f"seconds a photo: p50 {median:.2f}, p95 {slow:.2f}")
    for provider, (photos, micros) in evaluation.readers.items():
        console.print(f"read by {provider}: {photos} photos, {micros / 1_000_000:.6f} USD")
    calibration = Table("confidence", "answers", "mean", "right", title="Confidence")
    for each in evaluation.calibration:
        calibration.add_row(
            f"{each.low:.2f}-{each.high:.2f}",
            str(each.answers),
            f"{each.mean_confidence:.2f}",
            f"{each.right:.1%}",
        )
    console.print(calibration)


def print_errors(console: Console, evaluation: Evaluation) -> None:
    """Every card with a miss: the labelled and the read values side by side."""
    for result in evaluation.results:
        missed = misses(result)
        if not missed:
            continue
        table = Table("field", "labelled", "read", title=result.file.name, title_justify="left")
        for name in missed:
            table.add_row(name, labelled_value(result, name), read_value(result, name))
        console.print(table)


def misses(result: FileResult) -> list[str]:
    """Names of the fields of a card that are not wholly right."""
    fields = result.score.fields
    return [
        name
        for name, tally in fields.items()
        if tally.found < tally.expected or (tally.expected and tally.right < tally.answered)
    ]


def labelled_value(result: FileResult, field: str) -> str:
    """What the label says of a field, as text."""
    fields = result.label["fields"]
    if field in {"numbers", "typed numbers"}:
        kinds = ("phone", "mobile", "fax")
        numbers = [(kind, each) for kind in kinds for each in fields.get(kind, ())]
        return ", ".join(f"{kind} {each['printed']}" for kind, each in numbers)
    value = fields.get(field, "")
    return value if isinstance(value, str) else " / ".join(value)


def read_value(result: FileResult, field: str) -> str:
    """What was read for a field, as text; the error when nothing was."""
    if result.reading is None:
        return result.error or ""
    return " | ".join(_read(card, field) for card in result.reading.cards)


def _read(card: CardReading, field: str) -> str:
    lists: dict[str, Any] = {
        "email": card.emails,
        "website": card.websites,
        "address": card.addresses,
    }
    if field in lists:
        return ", ".join(each.value for each in lists[field])
    if field in {"numbers", "typed numbers"}:
        return ", ".join(f"{each.kind} {each.printed}" for each in card.phones)
    found = getattr(card, field)
    return (found.value or "") if found is not None else ""


def as_json(evaluation: Evaluation) -> dict[str, Any]:
    """The figures, and per file what was read and missed."""
    median, slow = evaluation.seconds
    return {
        "cards": len(evaluation.results),
        "whole": evaluation.whole,
        "seconds": {"p50": round(median, 3), "p95": round(slow, 3)},
        "readers": {
            provider: {"photos": photos, "cost_micros": micros}
            for provider, (photos, micros) in evaluation.readers.items()
        },
        "fields": {
            name: {
                "labelled": tally.expected,
                "recall": round(tally.recall, 4),
                "precision": round(tally.precision, 4),
                "exact": round(tally.exact / tally.expected, 4),
            }
            for name, tally in evaluation.tallies.items()
        },
        "calibration": [each._asdict() for each in evaluation.calibration],
        "files": [
            {"file": result.file.name, "missed": misses(result), "error": result.error}
            for result in evaluation.results
        ],
    }
