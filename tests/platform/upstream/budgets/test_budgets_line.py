"""The line against a model that looks at everybody each time: who is next, however they leave."""

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forthwith.platform.upstream.budgets import Cost, Priority
from forthwith.platform.upstream.budgets.accounts import Grant
from forthwith.platform.upstream.budgets.line import Line, Waiter

steps = st.one_of(
    st.tuples(st.just("join"), st.sampled_from(Priority)),
    st.tuples(st.just("join ahead"), st.sampled_from(Priority)),
    st.tuples(st.just("serve"), st.none()),
    st.tuples(st.just("leave"), st.integers(0, 20)),
)


@pytest.fixture(scope="module")
def future() -> "Iterator[asyncio.Future[Grant]]":
    """The line never looks at it."""
    loop = asyncio.new_event_loop()
    yield loop.create_future()
    loop.close()


class _Model:
    """Queues and shares, all looked at anew for each question."""

    def __init__(self) -> None:
        self.queues: dict[Priority, list[Waiter]] = {each: [] for each in Priority}
        self.served = dict.fromkeys(Priority, 0.0)

    @property
    def everybody(self) -> list[Waiter]:
        return [each for queue in self.queues.values() for each in queue]

    def join(self, waiter: Waiter, *, ahead: bool) -> None:
        own = waiter.priority
        present = [self.served[each] for each, queue in self.queues.items() if queue]
        if not self.queues[own] and present:
            self.served[own] = max(self.served[own], min(present))
        self.queues[own].insert(0 if ahead else len(self.queues[own]), waiter)

    def head(self) -> Waiter | None:
        present = [each for each, queue in self.queues.items() if queue]
        if not present:
            return None
        return self.queues[min(present, key=lambda each: (self.served[each], -each))][0]


@given(story=st.lists(steps, max_size=60))
def test_who_is_next_is_as_if_everybody_were_looked_at(
    story: list[tuple[str, Priority | int | None]], future: "asyncio.Future[Grant]"
) -> None:
    line, model = Line(), _Model()
    for step, which in story:
        if isinstance(which, Priority):
            waiter = Waiter(Cost(), which, None, future, 0.0)
            line.join(waiter, ahead=step == "join ahead")
            model.join(waiter, ahead=step == "join ahead")
        elif which is not None and model.everybody:
            leaving = model.everybody[which % len(model.everybody)]
            line.leave(leaving)
            line.leave(leaving)  # who is out already stays out
            model.queues[leaving.priority].remove(leaving)
        elif which is None and (head := model.head()) is not None:
            line.serve(head)
            model.queues[head.priority].remove(head)
            model.served[head.priority] += 1 / head.priority

        assert line.head() is model.head()
        assert line.length == len(model.everybody)
