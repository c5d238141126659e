import json

import pytest

from benchmarks import harness
from benchmarks.harness import Goal, Report, Table

NOT_MEASURED = float("nan")


def _report(*goals: Goal) -> Report:
    report = Report("numbers", arrival="closed loop", versions={"versions": "one 1.0"})
    report.tables.append(Table("Figures", ["what", "ms"], [["ours", "1.00"]]))
    report.goals += goals
    return report


MET = Goal("mean", 4.0, 5.0, "ms")
MISSED = Goal("runs", 2.0, 3.0, at_most=False)


def test_a_goal_at_its_bound_is_met_from_either_side() -> None:
    assert Goal("mean", 5.0, 5.0).ok
    assert Goal("runs", 3.0, 3.0, at_most=False).ok


def test_a_goal_beyond_its_bound_is_missed() -> None:
    assert not Goal("mean", 5.1, 5.0).ok
    assert not MISSED.ok


@pytest.mark.parametrize("at_most", [True, False])
def test_what_could_not_be_measured_misses_its_goal(*, at_most: bool) -> None:
    goal = Goal("takeover", NOT_MEASURED, 10.0, "s", at_most=at_most)

    assert not goal.ok
    assert "not measured" in goal.cells()


@pytest.mark.parametrize(("goals", "code"), [((MET,), 0), ((MET, MISSED), 1), ((), 0)])
def test_the_exit_code_says_whether_every_goal_is_met(goals: tuple[Goal, ...], code: int) -> None:
    assert harness.main(lambda quick: _report(*goals), []) == code


def test_the_benchmark_is_told_whether_to_be_quick() -> None:
    told = []

    def measure(quick: bool) -> Report:  # noqa: FBT001 - as benchmarks write it
        told.append(quick)
        return _report()

    harness.main(measure, [])
    harness.main(measure, ["--quick"])

    assert told == [False, True]


def test_the_tables_name_machine_load_and_arrival(capsys: pytest.CaptureFixture[str]) -> None:
    harness.main(lambda quick: _report(MISSED), [])
    printed = capsys.readouterr().out

    for fact in ("cores shared by", "load before", "load after", "closed loop", "one 1.0"):
        assert fact in printed
    assert "| ours | 1.00 |" in printed
    assert "MISSED" in printed


def test_json_has_every_goal_with_value_bound_and_ok(capsys: pytest.CaptureFixture[str]) -> None:
    harness.main(lambda quick: _report(MET, MISSED), ["--json"])
    printed = json.loads(capsys.readouterr().out)

    assert [(goal["value"], goal["bound"], goal["ok"]) for goal in printed["goals"]] == [
        (4.0, 5.0, True),
        (2.0, 3.0, False),
    ]
    assert printed["ok"] is False
    assert printed["tables"][0]["rows"] == [["ours", "1.00"]]


def test_json_tells_a_figure_that_is_missing_by_null(capsys: pytest.CaptureFixture[str]) -> None:
    harness.main(lambda quick: _report(Goal("takeover", NOT_MEASURED, 10.0)), ["--json"])

    assert json.loads(capsys.readouterr().out)["goals"][0]["value"] is None
