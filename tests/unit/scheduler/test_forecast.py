from datetime import UTC, datetime, timedelta

from contracts.vocabulary import Priority
from services.scheduler.forecast import Ahead, expected_misses
from services.scheduler.pages.load_chart import chart, tick_step
from services.scheduler.pages.load_view import Bar

TEN = datetime(2026, 10, 14, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
HOURS = [TEN + HOUR * number for number in range(8)]


def calls(
    count: int, *, hour: int = 0, deadline: int = 1, priority: Priority = Priority.ORDINARY, first: bool = True,
    agreed: bool = False, late: int = 0, skill: str = "general", scenario: str = "after_sale",
) -> Ahead:  # fmt: skip
    """Due `hour` hours from ten, with deadlines `deadline` hours from ten."""
    due = TEN + HOUR * hour
    return Ahead(
        due, skill, scenario, priority, TEN + HOUR * deadline, first=first, agreed=agreed,
        urgency=due + HOUR * (priority - 1), calls=count, late=late,
    )  # fmt: skip


def misses(*ahead: Ahead, room: int = 10) -> int:
    return expected_misses(ahead, HOURS, lambda skill, hour: room).total()


def test_what_fits_into_its_hour_misses_nothing() -> None:
    assert misses(calls(10), calls(10, hour=1)) == 0


def test_what_does_not_fit_waits_and_misses_the_deadline_that_passes_meanwhile() -> None:
    # ten at once, ten an hour later, still within the hour of the deadline, five after it
    assert misses(calls(25)) == 5


def test_a_complaint_goes_before_the_rest_and_the_rest_misses() -> None:
    ahead = (calls(10, deadline=0, scenario="consultation"), calls(10, deadline=0, priority=Priority.COMPLAINT))
    assert expected_misses(ahead, HOURS, lambda skill, hour: 10) == {"consultation": 10}


def test_a_retry_or_an_agreed_minute_is_no_missed_window() -> None:
    assert misses(calls(25, first=False)) == 0
    assert misses(calls(25, agreed=True)) == 0


def test_an_agreed_minute_takes_no_room_from_others() -> None:
    assert misses(calls(10, agreed=True), calls(10, deadline=0)) == 0


def test_a_first_contact_planned_after_its_deadline_is_a_miss_in_whatever_room() -> None:
    assert misses(calls(3, hour=2, deadline=1)) == 3
    assert misses(calls(3, late=2, deadline=0)) == 2


def test_what_finds_no_room_at_all_misses() -> None:
    assert misses(calls(4), room=0) == 4


def test_skills_do_not_lend_each_other_room() -> None:
    ahead = (calls(20, deadline=0), calls(1, skill="senior"))
    assert expected_misses(ahead, HOURS, lambda skill, hour: 10 if skill == "general" else 1000).total() == 10


def test_todays_chart_leaves_hours_that_are_over_out_and_holds_its_highest_bar() -> None:
    bars = [Bar(hour, urgent=hour, other=40, capacity=48, past=hour < 20) for hour in range(8, 22)]
    drawn = chart(bars)
    assert drawn is not None
    assert [column.bar.hour for column in drawn.columns] == [20, 21]
    assert all(0 < column.other_y < column.urgent_y for column in drawn.columns)
    assert drawn.ticks[-1][0] >= 61
    assert chart([Bar(8, 1, 1, 1, past=True)]) is None


def test_ticks_are_round() -> None:
    assert [tick_step(largest) for largest in (0, 1, 4, 5, 9, 20, 61, 400, 401)] == [1, 1, 1, 2, 5, 5, 20, 100, 200]
