"""What the local voices cost: `python -m benchmarks.voice [--quick] [--json]`.

Processor time of one order's text at each speed, apart for the voice's own program and for the
encoder: what else the machine does changes it little, unlike seconds of a clock. The neural voice
is measured where its extra is installed. Nothing here recognises speech: whether people understand
it is not measured.
"""

import resource
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import Final, NamedTuple

from benchmarks.harness import Goal, Report, Table, main, versions
from forthwith.integrations.speech import recording
from forthwith.integrations.speech.chinese import spoken
from forthwith.integrations.speech.speech import RATES, Speech

TEXT: Final = (
    "您好，我要點餐。紅燒牛肉麵，大碗，2碗。滷肉飯，1碗。燙青菜，1份。珍珠奶茶，半糖，3杯。"
    "桌號5。一共1280元。謝謝。"
)
ROUNDS: Final = (5, 30)  # quick, full
CORE_SECONDS: Final = 1.5  # of one order, so that a core takes an order every other second
_LIMIT_SECONDS: Final = 60.0


class Cost(NamedTuple):
    """Seconds of a core, and the recording they bought."""

    voice: float
    encoder: float
    speech: Speech

    @property
    def both(self) -> float:
        """All seconds of the core."""
        return self.voice + self.encoder


def spoken_once(rate: float) -> Cost:
    """Speak the text, in this process but for the voice's program."""
    own, others = _seconds(resource.RUSAGE_SELF), _seconds(resource.RUSAGE_CHILDREN)
    speech = recording.recorded(spoken(TEXT), rate, _LIMIT_SECONDS)
    voice = _seconds(resource.RUSAGE_CHILDREN) - others
    return Cost(voice, _seconds(resource.RUSAGE_SELF) - own, speech)


def _seconds(whose: int) -> float:
    usage = resource.getrusage(whose)
    return usage.ru_utime + usage.ru_stime


def measure(quick: bool) -> Report:  # noqa: FBT001 - the harness calls it so
    """Speak at every speed in turns."""
    recording.load()
    rounds = [[spoken_once(rate) for rate in RATES] for _ in range(ROUNDS[not quick])]
    by_rate = dict(zip(RATES, zip(*rounds, strict=True), strict=True))
    report = Report(
        name="The local voices",
        arrival="one text after another",
        versions=versions("espeakng-loader", "av"),
    )
    report.tables.append(
        Table(
            f"An order of {len(TEXT)} characters, median of {len(rounds)} rounds",
            ("speed", "speech, s", "bytes", "voice, core s", "encoder, core s", "both, core s"),
            [_row(rate, costs) for rate, costs in by_rate.items()],
        )
    )
    if find_spec("haqumei") is not None:
        report.tables.append(neural(ROUNDS[0]))
    whole = statistics.median(sum(each.both for each in costs) for costs in rounds)
    report.goals.append(Goal("one order at all speeds", whole, CORE_SECONDS, "core s"))
    return report


def neural(rounds: int) -> Table:
    """The neural voice, as one process of the orders' runs has it: loaded once, then text by text.

    Each text is another one, so that none has been said before; its other speeds are.
    """
    from forthwith.integrations.speech.kokoro import synthesis  # noqa: PLC0415 - of its extra

    began = _seconds(resource.RUSAGE_SELF)
    synthesis.load()
    loading = _seconds(resource.RUSAGE_SELF) - began
    texts = [spoken(f"{TEXT}第{number}號。") for number in range(rounds)]
    said = [_neural_cost(partial(synthesis.recorded, text, 1.0)) for text in texts]
    again = [_neural_cost(partial(synthesis.recorded, texts[-1], rate)) for rate in RATES]
    length = statistics.median(each.speech.milliseconds for each in said) / 1000
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Table(
        f"The neural voice: the same order, median of {rounds}",
        ("", ""),
        [
            ["to load, core s", f"{loading:.1f}"],
            ["speech, s", f"{length:.1f}"],
            ["to speak it, core s", f"{statistics.median(each.core for each in said):.1f}"],
            ["to speak it, s", f"{statistics.median(each.clock for each in said):.1f}"],
            ["all speeds once more, core s", f"{sum(each.core for each in again):.2f}"],
            ["memory, MB", f"{memory:.0f}"],
        ],
    )


class NeuralCost(NamedTuple):
    """Seconds of all cores and of the clock, and the recording they bought."""

    core: float
    clock: float
    speech: Speech


def _neural_cost(record: Callable[[], Speech]) -> NeuralCost:
    began, clock = _seconds(resource.RUSAGE_SELF), time.monotonic()
    speech = record()
    core = _seconds(resource.RUSAGE_SELF) - began
    return NeuralCost(core, time.monotonic() - clock, speech)


def _row(rate: float, costs: tuple[Cost, ...]) -> list[str]:
    speech = costs[0].speech
    seconds = [(each.voice, each.encoder, each.both) for each in costs]
    medians = [f"{statistics.median(part):.3f}" for part in zip(*seconds, strict=True)]
    return [f"{rate:g}", f"{speech.milliseconds / 1000:.1f}", str(len(speech.audio)), *medians]


if __name__ == "__main__":
    sys.exit(main(measure))
