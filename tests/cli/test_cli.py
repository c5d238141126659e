"""The command line: help, checks, runs."""

import json
from pathlib import Path
from uuid import UUID

import pytest
from command import forthwith
from support import API_KEY, ENCRYPTION_KEY, JWT_SECRET

from forthwith import __version__
from forthwith.platform import ids
from forthwith.platform.identity import find_principal
from forthwith.platform.runtime import Runtime


async def queued_run(runtime: Runtime) -> UUID:
    """A run of the operator that nobody works on."""
    principal = await find_principal(runtime.db, API_KEY)
    assert principal is not None
    async with runtime.db.transaction() as session:
        return await runtime.jobs.enqueue(
            session, "cards.read", {"card_id": ids.new()}, owner=principal.owner
        )


def test_help_names_every_command(tmp_path: Path) -> None:
    """Enough to find one's way, applications included."""
    text = forthwith("--help", home=tmp_path).stdout

    for command in ("up", "serve", "work", "migrate", "doctor", "runs", "cards"):
        assert f" {command} " in text


def test_the_version_is_printed(tmp_path: Path) -> None:
    """And nothing else."""
    assert forthwith("--version", home=tmp_path).stdout.strip() == __version__


def test_an_unknown_command_is_refused_with_exit_2(tmp_path: Path) -> None:
    """With where to look for help."""
    outcome = forthwith("dance", home=tmp_path)

    assert outcome.returncode == 2
    assert "--help" in outcome.stderr


def test_a_fleet_without_its_key_does_not_start(tmp_path: Path) -> None:
    """The variable's name and the command that makes a key, no stack trace."""
    outcome = forthwith(
        "migrate", home=tmp_path, DATABASE_URL="postgresql://nobody@localhost/x", ENCRYPTION_KEY=""
    )

    assert outcome.returncode == 2
    assert "ENCRYPTION_KEY" in outcome.stderr
    assert "Traceback" not in outcome.stderr


@pytest.mark.parametrize(
    ("command", "name"),
    [
        *((each, "CARDS_READER") for each in ("up", "serve", "work")),
        ("up", "LOCAL_VOICE"),
        ("orders say a", "LOCAL_VOICE"),
        ("cards notion status", "NOTION_TIMEOUT_SECONDS"),
    ],
)
def test_a_wrong_setting_of_an_application_is_one_line(
    tmp_path: Path, command: str, name: str
) -> None:
    """Which, what was given and what is allowed, before anything is started."""
    outcome = forthwith(*command.split(), home=tmp_path, **{name: "foo"})

    assert outcome.returncode == 2
    assert outcome.stderr.startswith(f"{name}: ")
    assert outcome.stderr.endswith("(given: foo)\n")
    assert outcome.stderr.count("\n") == 1


def test_a_wrong_secret_is_named_and_not_shown(tmp_path: Path) -> None:
    outcome = forthwith("serve", home=tmp_path, VAPID_PRIVATE_KEY="a-wrong-secret")

    assert outcome.returncode == 2
    assert outcome.stderr.startswith("VAPID_PRIVATE_KEY: ")
    assert "a-wrong-secret" not in outcome.stderr


def test_an_application_that_there_is_not_is_named_with_those_there_are(tmp_path: Path) -> None:
    outcome = forthwith("work", home=tmp_path, FORTHWITH_APPS="dances")

    assert outcome.returncode == 2
    assert outcome.stderr == "FORTHWITH_APPS names dances; there are: cards, orders\n"


@pytest.mark.slow
async def test_runs_are_listed_shown_cancelled_and_retried(
    runtime: Runtime, against: dict[str, str], tmp_path: Path
) -> None:
    """Through real processes, as an operator does it."""
    run = str(await queued_run(runtime))
    home = tmp_path / "home"
    listed = forthwith("runs", "list", "--json", home=home, **against)
    cancelled = forthwith("runs", "cancel", run, home=home, **against)
    again = forthwith("runs", "cancel", run, home=home, **against)
    retried = forthwith("runs", "retry", run, home=home, **against)
    shown = forthwith("runs", "show", run, "--json", home=home, **against)

    assert [each["id"] for each in json.loads(listed.stdout)] == [run]
    assert cancelled.returncode == 0, cancelled.stderr
    assert again.returncode == 1
    assert "is cancelled" in again.stderr
    assert retried.returncode == 0, retried.stderr
    told = json.loads(shown.stdout)
    assert told["run"]["status"] == "queued"
    assert [event["kind"] for event in told["events"]] == ["queued", "cancelled", "queued"]


@pytest.mark.parametrize("run", ["nonsense", "01932c5e-7b1a-7c3e-9a51-0a8f2f3b4c5d"])
async def test_a_run_that_is_not_there_is_a_sentence(
    runtime: Runtime, against: dict[str, str], tmp_path: Path, run: str
) -> None:
    """Exit 1 and what to do, no stack trace."""
    outcome = forthwith("runs", "show", run, home=tmp_path, **against)

    assert outcome.returncode == 1
    assert "Traceback" not in outcome.stderr
    assert "run" in outcome.stderr


async def test_doctor_finds_everything_well(
    runtime: Runtime, against: dict[str, str], tmp_path: Path
) -> None:
    """Each part with what was found; exit 0."""
    outcome = forthwith("doctor", home=tmp_path, **against)

    assert outcome.returncode == 0, outcome.stdout
    assert "configured PostgreSQL" in outcome.stdout


def test_doctor_says_what_to_do_about_a_database_that_is_away(tmp_path: Path) -> None:
    """Exit 1 and advice."""
    outcome = forthwith(
        "doctor",
        home=tmp_path,
        DATABASE_URL="postgresql://nobody@127.0.0.1:1/x",
        ENCRYPTION_KEY=ENCRYPTION_KEY,
        JWT_SECRET=JWT_SECRET,
        COLUMNS="200",
    )

    assert outcome.returncode == 1
    assert "check DATABASE_URL" in outcome.stdout
