"""What `forthwith cards read` prints of a photo."""

from typing import Any

import msgspec
import typer


def show(answer: dict[str, Any], *, as_json: bool) -> None:
    """Print a photo's cards or error: a line of JSON, or lines for people."""
    if as_json:
        typer.echo(msgspec.json.encode(answer).decode())
        return
    typer.secho(answer["file"], bold=True)
    if "error" in answer:
        typer.secho(f"  {answer['error']['message']}", fg=typer.colors.RED)
    for each in answer.get("advice", ()):
        typer.secho(f"  {each['message']}", fg=typer.colors.YELLOW)
    for card in answer.get("cards", ()):
        for label, value in _lines(card):
            typer.echo(f"  {label:<12}{value}")
    if "provider" in answer:
        paid = f"{answer['cost_micros'] / 1_000_000:f} {answer['currency'] or 'USD'}"
        source = f"  read by {answer['provider']} in {answer['seconds']:.2f} s for {paid}"
        typer.secho(source, fg=typer.colors.BRIGHT_BLACK)


def _lines(card: dict[str, Any]) -> list[tuple[str, str]]:
    """The fields of a card that have a value, in the order people read them."""
    single = [(name, card[name]) for name in ("name", "company", "department", "title")]
    lines = [(name, field["value"]) for name, field in single if field and field["value"]]
    lines += [(each["kind"], each["e164"] or each["printed"]) for each in card["phones"]]
    for label, name in (("e-mail", "emails"), ("website", "websites"), ("address", "addresses")):
        lines += [(label, each["value"]) for each in card[name]]
    lines += [(name, card[name]["value"]) for name in ("tax_id", "line_id") if card[name]]
    return lines
