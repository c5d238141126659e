import asyncio
from uuid import uuid4

import msgspec
import pytest
from job_runs import OWNER, Opener, ask, reached
from sqlalchemy import Column, Integer, MetaData, Table, Uuid
from support import working

from forthwith.platform.jobs import Run, job
from forthwith.platform.runtime import Runtime


@job("test.asked")
async def asked(_run: Run, _: Runtime, *, word: str = "") -> str:
    return word


async def test_a_run_exists_only_if_the_transaction_that_asked_for_it_commits(
    open_jobs: Opener,
) -> None:
    async with open_jobs(asked) as runtime:
        async with runtime.db.transaction() as session:
            await runtime.jobs.enqueue(session, "test.asked", {}, owner=OWNER)
            await session.rollback()

        assert await runtime.db.fetch("select 1 from platform.runs") == []
        assert await runtime.db.fetch("select 1 from pgqueuer.pgqueuer") == []


async def test_arguments_that_do_not_fit_are_refused_before_anything_is_queued(
    open_jobs: Opener,
) -> None:
    async with open_jobs(asked) as runtime:
        with pytest.raises(msgspec.ValidationError):
            await ask(runtime, "test.asked", word=3)
        with pytest.raises(msgspec.ValidationError):
            await ask(runtime, "test.asked", unknown="x")


async def test_a_job_that_nobody_declares_is_refused(open_jobs: Opener) -> None:
    async with open_jobs(asked) as runtime:
        with pytest.raises(LookupError, match=r"test\.other"):
            await ask(runtime, "test.other")


async def test_an_unfinished_run_with_the_key_is_kept_and_a_finished_one_is_not(
    open_jobs: Opener,
) -> None:
    async with open_jobs(asked) as runtime:

        async def ask_once() -> object:
            async with runtime.db.transaction() as session:
                return await runtime.jobs.enqueue(
                    session, "test.asked", {}, owner=OWNER, unique="nightly"
                )

        first, second = await ask_once(), await ask_once()
        async with working(runtime):
            (row,) = await runtime.db.fetch("select id from platform.runs")
            await reached(runtime, row["id"])
        third = await ask_once()

    assert first == second == row["id"]
    assert third != first


async def test_twenty_at_once_with_one_key_make_one_run(open_jobs: Opener) -> None:
    async with open_jobs(asked) as runtime:

        async def ask_once() -> object:
            async with runtime.db.transaction() as session:
                return await runtime.jobs.enqueue(
                    session, "test.asked", {}, owner=OWNER, unique="race"
                )

        answers = await asyncio.gather(*(ask_once() for _ in range(20)))

        assert len(set(answers)) == 1
        assert len(await runtime.db.fetch("select 1 from platform.runs")) == 1


async def test_the_key_is_the_owners_own(open_jobs: Opener) -> None:
    async with open_jobs(asked) as runtime, runtime.db.transaction() as session:
        runs = [
            await runtime.jobs.enqueue(session, "test.asked", {}, owner=owner, unique="same")
            for owner in (OWNER, uuid4())
        ]

    assert runs[0] != runs[1]


async def test_a_cancelled_run_frees_its_key(open_jobs: Opener) -> None:
    async with open_jobs(asked) as runtime:
        runs = []
        for _ in range(2):
            async with runtime.db.transaction() as session:
                run = await runtime.jobs.enqueue(
                    session, "test.asked", {}, owner=OWNER, unique="key"
                )
            runs.append(run)
            await runtime.jobs.cancel(OWNER, run)

    assert runs[0] != runs[1]


async def test_arguments_are_sealed_at_rest(open_jobs: Opener) -> None:
    async with open_jobs(asked) as runtime:
        await ask(runtime, "test.asked", word="a-personal-word")
        (row,) = await runtime.db.fetch("select args from platform.runs")

    assert b"a-personal-word" not in row["args"]


NOTED = Table("noted", MetaData(), Column("id", Uuid), Column("words", Integer, default=0))


async def test_a_row_without_a_value_for_a_column_is_refused(open_jobs: Opener) -> None:
    """A table's own default is not known to the statement."""
    async with open_jobs(asked) as runtime:
        row = {"id": uuid4()}
        with pytest.raises(LookupError, match="a value for: words"):
            await runtime.jobs.enqueue_with(NOTED, row, "test.asked", {}, owner=OWNER, run=uuid4())
