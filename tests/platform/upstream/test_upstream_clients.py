from forthwith.platform.upstream.stores import in_memory
from forthwith.platform.upstream.upstreams import Upstreams


class _Connections:
    def __init__(self) -> None:
        self.is_closed = False

    async def close(self) -> None:
        self.is_closed = True


async def test_a_client_is_made_once_and_closed_with_the_process() -> None:
    upstreams = Upstreams((), in_memory())
    made = [upstreams.client("line", _Connections) for _ in range(3)]
    await upstreams.close()

    assert made[0] is made[1] is made[2]
    assert made[0].is_closed
