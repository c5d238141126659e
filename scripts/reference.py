"""Writes docs/configuration.md, docs/metrics.md and .env.example from the code.

`--check` writes nothing and exits 1 when a file is out of date.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from prometheus_client import Metric
from prometheus_client.metrics import MetricWrapperBase
from pydantic import AliasChoices
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from forthwith import registry
from forthwith.apps.cards.readers import counters as card_readers
from forthwith.platform import activity, metrics
from forthwith.platform.config import PlatformSettings, Settings
from forthwith.platform.identity import shared_counts
from forthwith.platform.upstream import breaker, counters
from forthwith.platform.upstream.budgets import counters as budget_counters
from forthwith.platform.upstream.cache import tallies
from forthwith.platform.upstream.costs import ledger

ROOT = Path(__file__).parent.parent
METRICS = (
    *(metrics, activity, shared_counts, counters, breaker, budget_counters, ledger, tallies),
    card_readers,
)
HEAD = "Generated from the settings classes by `make docs`; a test keeps it true."


class Row(NamedTuple):
    """One setting: its environment names, what it is unless set, what it does."""

    names: list[str]
    default: str
    description: str


def sections() -> Iterator[tuple[str, list[Row]]]:
    """Every settings class with its rows: the platform's first, then the applications'."""
    for field in PlatformSettings.model_fields.values():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Settings):
            yield _section(field.annotation)
    for settings in dict.fromkeys(each for app in registry.APPS for each in app.settings()):
        yield _section(settings)


def _section(settings: type[Settings]) -> tuple[str, list[Row]]:
    title = (settings.__doc__ or settings.__name__).strip().splitlines()[0].rstrip(".")
    return title, [_row(name, field) for name, field in settings.model_fields.items()]


def _row(name: str, field: FieldInfo) -> Row:
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        names = [str(choice) for choice in alias.choices]
    else:
        names = [str(alias or name.upper())]
    default = "" if field.default in (None, PydanticUndefined) else str(field.default)
    return Row(names, default, field.description or "")


def markdown() -> str:
    """docs/configuration.md."""
    parts = ["# Configuration", "", HEAD, ""]
    parts += ["All settings come from the environment, or from a file `.env` beside the process."]
    for title, rows in sections():
        parts += [
            "",
            f"## {title}",
            "",
            "| variable | unless set | what it does |",
            "|---|---|---|",
        ]
        for row in rows:
            names = ", ".join(f"`{name}`" for name in row.names)
            default = f"`{row.default}`" if row.default else ""
            parts.append(f"| {names} | {default} | {row.description} |")
    return "\n".join(parts) + "\n"


def env_example() -> str:
    """.env.example: every setting, commented out."""
    parts = [f"# {HEAD}", "# Copy to .env and uncomment what you want to change."]
    for title, rows in sections():
        parts += ["", f"# {title}"]
        for row in rows:
            parts += [f"#   {row.description}", f"# {row.names[0]}={row.default}"]
    return "\n".join(parts) + "\n"


def metrics_page() -> str:
    """docs/metrics.md: what /metrics exposes of ours, beside Python's and the process's own."""
    parts = [
        "# Metrics",
        "",
        "Generated from the code by `make docs`; a test keeps it true. Prometheus",
        "text at `/metrics`: open on this machine, with an API key elsewhere.",
        "",
        "| metric | type | labels | what it counts |",
        "|---|---|---|---|",
    ]
    for family, labels in _families():
        suffix = "_total" if family.type == "counter" else ""
        name = f"`{family.name}{suffix}`"
        parts.append(f"| {name} | {family.type} | {', '.join(labels)} | {family.documentation} |")
    return "\n".join(parts) + "\n"


def _families() -> Iterator[tuple[Metric, Sequence[str]]]:
    """Every metric of ours with its labels, in the order of its declaration."""
    for module in METRICS:
        for each in vars(module).values():
            if isinstance(each, MetricWrapperBase):
                yield next(iter(each.describe())), each._labelnames  # noqa: SLF001 - the client has no public name
    for family in (*budget_counters.families(), *tallies.families()):
        yield family, family._labelnames  # noqa: SLF001 - the same


def main() -> int:
    """Write the files, or check them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when out of date")
    check = parser.parse_args().check
    files = {
        ROOT / "docs" / "configuration.md": markdown(),
        ROOT / "docs" / "metrics.md": metrics_page(),
        ROOT / ".env.example": env_example(),
    }
    stale = [path for path, text in files.items() if not path.exists() or path.read_text() != text]
    for path in stale:
        if check:
            print(f"{path.relative_to(ROOT)} is out of date; run: make docs")
        else:
            path.write_text(files[path])
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
