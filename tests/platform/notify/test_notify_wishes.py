"""When people want to be told: quiet hours, digests, muting; urgent messages pass them all."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from freezing import frozen
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from support import working
from telling import ANN, OWNER, due_now, greeting, news, reached, row_of, told, until

from forthwith.platform.notify import Address, preferences
from forthwith.platform.notify.preferences import Preferences
from forthwith.platform.notify.quiet import QuietHours
from forthwith.platform.notify.schemas import PreferencesRequest
from forthwith.platform.runtime import Runtime
from forthwith.sandbox.mail import MailFault, MailServer

TAIPEI = ZoneInfo("Asia/Taipei")
NEW_YORK = ZoneInfo("America/New_York")
NIGHT = QuietHours(time(22), time(7))
SIESTA = QuietHours(time(13), time(15))


def at(text: str, zone: ZoneInfo = TAIPEI, fold: int = 0) -> datetime:
    """A local moment, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("hours", "now", "end"),
    [
        (NIGHT, "2026-11-22 21:59", None),
        (NIGHT, "2026-11-22 22:00", "2026-11-23 07:00"),
        (NIGHT, "2026-11-22 23:59:59.999999", "2026-11-23 07:00"),
        (NIGHT, "2026-11-23 00:00", "2026-11-23 07:00"),
        (NIGHT, "2026-11-23 06:59", "2026-11-23 07:00"),
        (NIGHT, "2026-11-23 07:00", None),
        (SIESTA, "2026-11-22 12:59", None),
        (SIESTA, "2026-11-22 13:00", "2026-11-22 15:00"),
        (SIESTA, "2026-11-22 15:00", None),
        (NIGHT, "2026-12-31 23:00", "2027-01-01 07:00"),
    ],
)
def test_quiet_hours_hold_until_their_end_in_local_time(
    hours: QuietHours, now: str, end: str | None
) -> None:
    assert hours.end(at(now), TAIPEI) == (at(end) if end else None)


def test_a_night_in_which_clocks_go_forward_is_an_hour_shorter() -> None:
    """2026-03-08 in New York: 02:00 becomes 03:00."""
    begin = at("2026-03-07 22:00", NEW_YORK)
    end = NIGHT.end(begin, NEW_YORK)

    assert end is not None
    assert end - begin == timedelta(hours=8)


def test_a_night_in_which_clocks_go_back_is_an_hour_longer() -> None:
    """2026-11-01 in New York: 02:00 becomes 01:00."""
    begin = at("2026-10-31 22:00", NEW_YORK)
    end = NIGHT.end(begin, NEW_YORK)

    assert end is not None
    assert end - begin == timedelta(hours=10)


def test_an_end_that_clocks_jump_over_lies_behind_the_jump() -> None:
    hours = QuietHours(time(22), time(2, 30))

    assert hours.end(at("2026-03-08 01:00", NEW_YORK), NEW_YORK) == at("2026-03-08 03:30", NEW_YORK)


def test_an_end_that_comes_twice_ends_the_quiet_hours_twice() -> None:
    hours = QuietHours(time(22), time(1, 30))
    first, second = (at("2026-11-01 01:30", NEW_YORK, fold) for fold in (0, 1))

    assert hours.end(at("2026-11-01 01:10", NEW_YORK), NEW_YORK) == first
    assert hours.end(at("2026-11-01 01:40", NEW_YORK), NEW_YORK) is None
    assert hours.end(at("2026-11-01 01:10", NEW_YORK, fold=1), NEW_YORK) == second


@given(
    st.times(),
    st.times(),
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 - UTC is put on below
    st.sampled_from(
        ["Asia/Taipei", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"]
    ),
)
def test_quiet_hours_end_and_are_over_then(
    begin: time, end: time, moment: datetime, name: str
) -> None:
    hours, zone, now = QuietHours(begin, end), ZoneInfo(name), moment.replace(tzinfo=UTC)
    over = hours.end(now, zone)

    if over is not None:
        assert now < over <= now + timedelta(hours=50)
        assert hours.end(over, zone) is None


async def wish(runtime: Runtime, **wishes: Any) -> None:
    """Let the owner want it so."""
    async with runtime.db.transaction() as session:
        await preferences.write(session, runtime.codec, OWNER, Preferences(**wishes))


async def held_until(runtime: Runtime, notification: Any) -> datetime:
    """When the run of a message is to be tried next, once it was looked at."""
    run = (await row_of(runtime, notification))["run"]

    async def was_looked_at() -> bool:
        kinds = await runtime.db.fetch("select kind from platform.events where stream = $1", run)
        return "snoozed" in {row["kind"] for row in kinds}

    await until(was_looked_at, within=30)
    row = await runtime.db.fetchrow("select run_at from platform.runs where id = $1", run)
    assert row is not None
    moment: datetime = row["run_at"]
    return moment


async def test_a_message_waits_for_the_end_of_quiet_hours(
    telling: Runtime, mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    local = datetime.now(UTC).astimezone(TAIPEI)
    quiet = QuietHours((local - timedelta(hours=1)).time(), (local + timedelta(hours=2)).time())
    await wish(telling, quiet_hours=quiet)
    notification = await told(telling, greeting())
    async with working(telling):
        until_then = await held_until(telling, notification)
        assert len(mail.mailbox.caught) == 0
        with frozen(monkeypatch, local + timedelta(hours=3)):
            row = await reached(telling, notification)

    assert abs(until_then - local - timedelta(hours=2)) < timedelta(seconds=30)
    assert row["state"] == "sent"
    assert len(mail.mailbox.caught) == 1


async def test_an_urgent_message_passes_quiet_hours_and_muting(
    telling: Runtime, mail: MailServer
) -> None:
    local = datetime.now(UTC).astimezone(TAIPEI)
    quiet = QuietHours((local - timedelta(hours=1)).time(), (local + timedelta(hours=2)).time())
    await wish(telling, quiet_hours=quiet, muted=("mail", "test.greeting"))
    notification = await told(telling, greeting(urgent=True))
    async with working(telling):
        row = await reached(telling, notification)

    assert row["state"] == "sent"


@pytest.mark.parametrize("muted", ["mail", "test.greeting", "mail:test.greeting"])
async def test_what_is_muted_is_suppressed(telling: Runtime, mail: MailServer, muted: str) -> None:
    await wish(telling, muted=(muted,))
    notification = await told(telling, greeting())
    async with working(telling):
        row = await reached(telling, notification)

    assert (row["state"], row["reason"]) == ("suppressed", "MUTED")
    assert len(mail.mailbox.caught) == 0


async def test_what_is_muted_elsewhere_is_sent(telling: Runtime) -> None:
    await wish(telling, muted=("push", "test.news", "mail:test.news"))
    notification = await told(telling, greeting())
    async with working(telling):
        row = await reached(telling, notification)

    assert row["state"] == "sent"


async def test_news_within_a_window_become_one_message(telling: Runtime, mail: MailServer) -> None:
    first = await told(telling, news("rain"))
    others = [await told(telling, news(what)) for what in ("snow", "{sun}")]
    due = await telling.db.fetchrow("select min(run_at) - now() as wait from platform.runs")
    async with working(telling):
        rows = [await reached(telling, each) for each in (first, *others)]

    (caught,) = mail.mailbox.caught
    assert due is not None
    assert timedelta(minutes=9) < due["wait"] <= timedelta(minutes=10)
    assert {row["state"] for row in rows} == {"sent"}
    assert len({row["leader"] for row in rows}) == 1
    assert caught.headers["subject"] == "3 notifications"
    assert caught.headers["message-id"] == f"<{rows[0]['leader']}@forthwith.example>"
    assert [caught.body.count(f"News: {what}\n") for what in ("rain", "snow", "{sun}")] == [1, 1, 1]


async def test_a_single_piece_of_news_is_sent_as_it_is(telling: Runtime, mail: MailServer) -> None:
    notification = await told(telling, news("rain"))
    async with working(telling):
        await reached(telling, notification)

    assert mail.mailbox.caught[0].headers["subject"] == "News: rain"


async def test_news_to_somebody_else_are_their_own_message(
    telling: Runtime, mail: MailServer
) -> None:
    told_to = [ANN, "bob@example.org"]
    made = [await told(telling, news("rain", to=[Address("mail", each)])) for each in told_to]
    async with working(telling):
        for each in made:
            await reached(telling, each)

    assert [caught.recipients for caught in mail.mailbox.caught] in (
        [[ANN], ["bob@example.org"]],
        [["bob@example.org"], [ANN]],
    )


async def test_a_digest_that_fails_fails_all_it_took_along_and_is_tried_again_as_one(
    telling: Runtime, mail: MailServer
) -> None:
    mail.mailbox.faults = [MailFault("reply", status=550)]
    made = [await told(telling, news(what)) for what in ("rain", "snow")]
    async with working(telling):
        rows = [await reached(telling, each) for each in made]
        leader = next(row for row in rows if row["leader"] == row["id"])
        await telling.jobs.retry(OWNER, leader["run"])
        again = [await reached(telling, each, "sent") for each in made]

    assert {row["state"] for row in rows} == {"failed"}
    assert {row["state"] for row in again} == {"sent"}
    assert [caught.headers["subject"] for caught in mail.mailbox.caught] == ["2 notifications"]


async def test_news_that_come_while_a_digest_is_being_sent_are_not_lost(
    telling: Runtime, mail: MailServer
) -> None:
    mail.mailbox.faults = [MailFault("hang", seconds=1.0)]
    first = await told(telling, news("rain"))

    async def is_being_sent() -> bool:
        await due_now(telling)
        return not mail.mailbox.faults

    async with working(telling):
        await until(is_being_sent, within=30)
        late = await told(telling, news("snow"))
        rows = [await reached(telling, each) for each in (first, late)]

    assert {row["state"] for row in rows} == {"sent"}
    assert len(mail.mailbox.caught) == 2


async def test_an_owner_who_wants_no_digests_gets_each_message_at_once(
    telling: Runtime, mail: MailServer
) -> None:
    await wish(telling, digest_minutes=0)
    made = [await told(telling, news(what)) for what in ("rain", "snow")]
    async with working(telling):
        for each in made:
            await reached(telling, each)

    assert len(mail.mailbox.caught) == 2


async def test_preferences_are_given_back_as_they_were_put(api: httpx.AsyncClient) -> None:
    wanted = {
        "time_zone": "America/New_York",
        "quiet_hours": {"begin": "22:00", "until": "07:30"},
        "digest_minutes": 30,
        "muted": ["push", "cards.read", "mail:orders.done"],
    }
    usual = (await api.get("/notifications/preferences")).json()["data"]
    put = await api.put("/notifications/preferences", json=wanted)

    assert usual == {
        "time_zone": "Asia/Taipei",
        "quiet_hours": None,
        "digest_minutes": None,
        "muted": [],
    }
    assert put.json()["data"] == wanted
    assert (await api.get("/notifications/preferences")).json()["data"] == wanted


@pytest.mark.parametrize(
    ("wanted", "pointer"),
    [
        ({"time_zone": "Mars/Olympus"}, "#/time_zone"),
        ({"time_zone": "America"}, "#/time_zone"),
        ({"time_zone": "../../etc/passwd"}, "#/time_zone"),
        ({"time_zone": "\x00"}, "#/time_zone"),
        ({"quiet_hours": {"begin": "22:00"}}, "#/quiet_hours/until"),
        ({"quiet_hours": {"begin": "22:00", "until": "22:00"}}, "#/quiet_hours"),
        ({"quiet_hours": {"begin": "24:00", "until": "07:00"}}, "#/quiet_hours/begin"),
        ({"digest_minutes": -1}, "#/digest_minutes"),
        ({"digest_minutes": 10**30}, "#/digest_minutes"),
        ({"muted": ["Push!"]}, "#/muted/0"),
        ({"muted": ["push"] * 101}, "#/muted"),
        ({"colour": "red"}, "#/colour"),
    ],
)
def test_preferences_that_make_no_sense_are_refused(wanted: dict[str, Any], pointer: str) -> None:
    with pytest.raises(ValidationError) as caught:
        PreferencesRequest.model_validate(wanted)

    (error,) = caught.value.errors()
    assert "#/" + "/".join(str(step) for step in error["loc"]) == pointer


async def test_a_wrong_preference_is_pointed_at(api: httpx.AsyncClient) -> None:
    wanted = {"quiet_hours": {"begin": "24:00", "until": "07:00"}}
    answer = await api.put("/notifications/preferences", json=wanted)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/quiet_hours/begin"
