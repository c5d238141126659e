import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from benchmarks import load
from benchmarks.figures import Latencies

OK = b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}"
BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"


@asynccontextmanager
async def _server(
    answer: bytes, seconds: float = 0.0, idle_seconds: float | None = None
) -> AsyncIterator[int]:
    """One request at a time, each taking `seconds`; its port. Closes what is idle for long."""
    one_at_a_time = asyncio.Lock()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            async with asyncio.timeout(idle_seconds):
                await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(4)
            async with one_at_a_time:
                await asyncio.sleep(seconds)
            writer.write(answer[:20])
            await asyncio.sleep(0)  # an answer may come in pieces
            writer.write(answer[20:])

    async def quietly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, TimeoutError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(quietly, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def _target(port: int) -> load.Target:
    request = (load.post("/", {}, 4), b"body")
    return load.Target(port, lambda: request)


async def _open(answer: bytes, seconds: float, rate: float) -> Latencies:
    async with _server(answer, seconds) as port:
        return await load.open_loop(_target(port), rate, 0.5)


def test_arrivals_are_the_same_for_the_same_seed_and_have_the_wanted_rate() -> None:
    arrivals = list(load.poisson(100.0, 50.0, seed=7))

    assert arrivals == list(load.poisson(100.0, 50.0, seed=7))
    assert arrivals != list(load.poisson(100.0, 50.0, seed=8))
    assert abs(len(arrivals) / 50.0 - 100.0) < 10.0
    assert all(0 < moment < 50.0 for moment in arrivals)


def test_every_arrival_of_an_open_loop_is_asked_and_answered() -> None:
    latencies = load.run(_open(OK, 0.0, rate=100.0))

    assert len(latencies.seconds) == len(list(load.poisson(100.0, 0.5, seed=1)))
    assert latencies.failed == 0


async def _in_turn(slow: float) -> dict[str, Latencies]:
    async with _server(OK) as one, _server(OK, slow) as other:
        targets = {"quick": _target(one), "slow": _target(other)}
        return await load.open_loops(targets, 100.0, 0.5)


def test_arrivals_go_to_several_targets_in_turn_and_are_told_apart() -> None:
    found = load.run(_in_turn(slow=0.05))

    counts = [len(found[name].seconds) for name in ("quick", "slow")]
    assert sum(counts) == len(list(load.poisson(100.0, 0.5, seed=1)))
    assert 0 <= counts[0] - counts[1] <= 1
    assert found["slow"].percentile(50) > 50


def test_latency_counts_the_wait_for_a_server_that_falls_behind() -> None:
    """No coordinated omission: at twice the server's rate the last one waits for half of all."""
    latencies = load.run(_open(OK, 0.02, rate=100.0))

    assert latencies.percentile(100) > 200.0


def test_another_status_is_a_failure_and_no_latency() -> None:
    latencies = load.run(_open(BUSY, 0.0, rate=50.0))

    assert latencies.seconds == []
    assert latencies.failed > 0


def test_clients_of_a_closed_loop_wait_for_their_answers() -> None:
    async def measured() -> Latencies:
        async with _server(OK, 0.01) as port:
            return await load.closed_loop(_target(port), 4, 0.4)

    latencies = load.run(measured())

    assert latencies.failed == 0
    assert latencies.rate <= 100.0
    assert latencies.mean > 20.0


def test_a_connection_that_the_server_closed_meanwhile_is_no_failure() -> None:
    seed = next(seed for seed in range(1_000) if _least_gap(seed) > 0.1)

    async def measured() -> Latencies:
        async with _server(OK, idle_seconds=0.02) as port:
            return await load.open_loop(_target(port), 5.0, 1.0, seed)

    latencies = load.run(measured())

    assert len(latencies.seconds) > 2
    assert latencies.failed == 0


def _least_gap(seed: int) -> float:
    """Seconds between the two arrivals that are closest; none with fewer than three."""
    arrivals = list(load.poisson(5.0, 1.0, seed))
    gaps = [after - before for before, after in itertools.pairwise(arrivals)]
    return min(gaps) if len(gaps) > 1 else 0.0


def test_a_server_that_is_gone_is_a_failure() -> None:
    async def measured() -> Latencies:
        async with _server(OK) as port:
            pass
        return await load.open_loop(_target(port), 50.0, 0.3)

    latencies = load.run(measured())

    assert latencies.seconds == []
    assert latencies.failed > 0
