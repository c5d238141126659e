"""`forthwith costs` and `forthwith upstream`: what an operator sees of vendors."""

import asyncio
import json
from pathlib import Path

import pytest
from command import forthwith

from forthwith.cli import upstream as command
from forthwith.platform.config import PlatformSettings
from forthwith.platform.errors import KeyRejected, NotFound, Transient
from forthwith.platform.runtime import Runtime
from forthwith.platform.upstream import Key, Limits, Upstream, Vendor
from forthwith.platform.upstream.costs import Charge, Outcome, Source

pytestmark = pytest.mark.slow  # each command is a process of its own

VENDOR = Vendor(
    name="metered",
    keys=[Key(f"key-{number}", f"secret-{number}", Limits(rpm=60)) for number in (1, 2, 3)],
)


async def _spend(runtime: Runtime) -> None:
    for app, micros in (("cards", 2_000), ("orders", 1_000)):
        charge = {"vendor": "metered", "operation": "answer", "app": app, "micros": micros}
        runtime.stores.ledger.add(Charge(**charge, outcome=Outcome.ANSWERED))
        runtime.stores.ledger.save(Charge(**charge, outcome=Outcome.ANSWERED, source=Source.MEMORY))
    await runtime.stores.ledger.flush()


@pytest.mark.slow
async def test_costs_are_shown_as_a_table_with_bars_and_as_json(
    runtime: Runtime, against: dict[str, str], tmp_path: Path
) -> None:
    await _spend(runtime)
    shown = await asyncio.to_thread(forthwith, "costs", home=tmp_path, **against)
    told = await asyncio.to_thread(
        forthwith, "costs", "--by", "vendor", "--json", home=tmp_path, **against
    )

    assert "0.0020 USD" in shown.stdout
    assert shown.stdout.count("█") == 24 + 12
    (line,) = json.loads(told.stdout)
    assert (line["group"], line["calls"], line["saved_calls"]) == ("metered", 2, 2)


async def test_costs_by_something_else_are_a_sentence(
    runtime: Runtime, against: dict[str, str], tmp_path: Path
) -> None:
    outcome = await asyncio.to_thread(
        forthwith, "costs", "--by", "weather", home=tmp_path, **against
    )

    assert outcome.returncode == 1
    assert "--by is one of" in outcome.stderr


async def test_without_vendors_that_is_said(
    runtime: Runtime, against: dict[str, str], tmp_path: Path
) -> None:
    cards = {**against, "FORTHWITH_APPS": "cards"}
    outcome = await asyncio.to_thread(forthwith, "upstream", "keys", home=tmp_path, **cards)

    assert outcome.returncode == 0, outcome.stderr
    assert "needs keys" in outcome.stdout


async def test_keys_are_listed_by_alias_as_the_fleet_knows_them_and_can_be_reset(
    runtime: Runtime, settings: PlatformSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    """What one process learned of a key, another one shows and mends; no secret is printed."""
    upstream = Upstream(VENDOR, runtime.stores)
    await upstream.keys.note("key-1", KeyRejected("401"))
    await upstream.keys.note("key-2", Transient("429", retry_after=60))
    capsys.readouterr()
    await command.show_keys(settings, [VENDOR], as_json=True)
    before = capsys.readouterr().out
    await command.reset(settings, [VENDOR], "metered", "key-1")
    await command.show_keys(settings, [VENDOR], as_json=False)
    after = capsys.readouterr().out

    assert [key["state"] for key in json.loads(before)] == ["retired", "cooling", "ok"]
    assert json.loads(before)[1]["until"] is not None
    assert "retired" not in after
    assert "secret" not in before + after


@pytest.mark.parametrize(("vendor", "key"), [("nobody", "key-1"), ("metered", "key-9")])
async def test_resetting_what_is_not_there_names_what_is(
    runtime: Runtime, settings: PlatformSettings, vendor: str, key: str
) -> None:
    with pytest.raises(NotFound, match="metered"):
        await command.reset(settings, [VENDOR], vendor, key)
