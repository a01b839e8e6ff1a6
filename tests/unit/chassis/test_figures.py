"""Figures of the chassis: what is measured stands, what is gone does not, what was rolled back never counts."""

from prometheus_client import CollectorRegistry, Gauge

from chassis.metrics import Board
from chassis.progress import Progress


def test_a_value_that_is_measured_no_more_is_taken_down() -> None:
    registry = CollectorRegistry()
    gauge = Gauge("waiting", "Planted.", ["service", "topic"], registry=registry)
    board, other = Board(), Board()
    other.show({gauge: {("survey", "a"): 7}})
    board.show({gauge: {("tagging", "a"): 1, ("tagging", "b"): 2}})
    board.show({gauge: {("tagging", "b"): 3}})

    def shown(service: str, topic: str) -> float | None:
        return registry.get_sample_value("waiting", {"service": service, "topic": topic})

    assert [shown("tagging", "a"), shown("tagging", "b"), shown("survey", "a")] == [None, 3, 7]
    board.clear()
    assert [shown("tagging", "b"), shown("survey", "a")] == [None, 7]


def test_receiving_gets_on_when_records_are_settled_though_the_lag_rises() -> None:
    progress = Progress()
    for minute, (lag, settled) in enumerate([(10, 0), (90, 40), (300, 80)]):
        progress.note(lag=lag, settled=settled, now=minute * 60.0)
    assert progress.stuck_for(120.0) == 0


def test_receiving_is_stuck_since_the_last_record_was_settled() -> None:
    progress = Progress()
    for minute, (lag, settled) in enumerate([(10, 0), (10, 5), (12, 5), (15, 5)]):
        progress.note(lag=lag, settled=settled, now=minute * 60.0)
    assert progress.stuck_for(200.0) == 140.0


def test_nothing_is_stuck_where_nothing_waits() -> None:
    progress = Progress()
    progress.note(lag=10, settled=5, now=0.0)
    progress.note(lag=0, settled=15, now=60.0)
    assert progress.stuck_for(9000.0) == 0
