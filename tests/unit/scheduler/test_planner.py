from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.workdays import calendar
from services.scheduler.local_hours import Blackout, LocalSpan
from services.scheduler.planner import BUDGET_USED, GRID, Question, Slot, plan
from services.scheduler.policy_files import load_policies
from services.scheduler.windows import Clocks, HardRules, Window, allowed_starts, counted_from, window

HOUSE = load_policies().house
CALENDAR = calendar("CN")
SHANGHAI = ZoneInfo("Asia/Shanghai")
EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
ZONES = sorted(
    name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "posix", "right"))
)


def a_question(
    begins: datetime, hours: float, *, grace: float = 24, zone: str = "Asia/Shanghai", minutes: int = 15,
    earliest: datetime | None = None, blackouts: tuple[Blackout, ...] = (), own_hours: tuple[int, ...] = (),
    budget_free_at: datetime | None = None, preferences: tuple[LocalSpan, ...] = HOUSE.preferences,
) -> Question:  # fmt: skip
    deadline = begins + timedelta(hours=hours)
    return Question(
        window=Window(begins, deadline, deadline + timedelta(hours=grace)),
        earliest=earliest or begins,
        zone=ZoneInfo(zone),
        hard=HardRules(HOUSE.hard, timedelta(minutes=minutes), blackouts),
        is_workday=CALENDAR.is_workday,
        soft_bans=HOUSE.soft_bans,
        preferences=preferences,
        own_hours=own_hours,
        budget_free_at=budget_free_at,
    )


def judged(question: Question, start: datetime) -> Slot | None:
    """The rules once more, minute by minute and without intervals; None when the start is unlawful."""
    local = start.astimezone(question.zone)
    closes = datetime.combine(local.date(), time(22), tzinfo=question.zone).astimezone(UTC)
    if local.time() < time(8) or start + question.hard.longest > closes:
        return None
    if any(blackout.first <= local.date() <= blackout.last for blackout in question.hard.blackouts):
        return None
    monday_morning = local.weekday() == 0 and local.time() < time(12)
    friday_afternoon = local.weekday() == 4 and time(12) <= local.time() < time(18)
    if question.own_hours:
        liked = local.hour in question.own_hours
    else:
        nine_to_five = time(9) <= local.time() < time(11) or time(14) <= local.time() < time(17)
        liked = nine_to_five and CALENDAR.is_workday(local.date())
    return Slot(
        start=start,
        deadline_missed=start > question.window.deadline,
        bans_broken=int(monday_morning or friday_afternoon),
        outside_preference=not liked,
    )


def brute_force(question: Question) -> Slot | None:
    begins = max(question.earliest, question.window.not_before, question.budget_free_at or question.earliest)
    first = datetime.fromtimestamp(-(-begins.timestamp() // 300) * 300, UTC)
    best: Slot | None = None
    while first <= question.window.not_after:
        slot = judged(question, first)
        if slot is not None and (best is None or slot.cost < best.cost):
            best = slot
        first += GRID
    return best


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """All zones, changes of the clock, holidays, late retries, agreed times, blackouts, own hours, budgets."""
    begins = EPOCH + timedelta(minutes=draw(st.integers(0, 4 * 366 * 24 * 60)))
    zone = draw(st.sampled_from(ZONES))
    day = begins.astimezone(ZoneInfo(zone)).date() + timedelta(days=draw(st.integers(0, 3)))
    closed = Blackout(first=day, last=day + timedelta(days=draw(st.integers(0, 2))), reason="盘点")
    agreed = draw(st.booleans())
    earliest = begins + timedelta(minutes=draw(st.integers(0, 4000)))
    question = a_question(
        begins,
        draw(st.sampled_from((1, 2, 14, 24, 48, 72, 96))),
        grace=draw(st.sampled_from((0, 1, 14, 24, 30))),
        zone=zone,
        minutes=draw(st.integers(1, 60)),
        earliest=earliest,
        blackouts=draw(st.sampled_from(((), (), (closed,)))),
        own_hours=tuple(sorted(draw(st.sets(st.integers(0, 22), max_size=3)))),
        budget_free_at=draw(st.sampled_from((None, None, begins + timedelta(hours=30)))),
    )
    if not agreed:
        return question
    window = Window(earliest, earliest + timedelta(hours=2), earliest + timedelta(hours=30))
    return replace(question, window=window, soft_bans=(), preferences=(), own_hours=())


def holds(question: Question) -> None:
    """The planned slot is lawful, and no start on the grid is better."""
    slot = plan(question).slot
    if question.soft_bans == ():
        # an agreed time knows hard hours only
        lawful = [s for s in _grid(question) if judged(question, s) is not None]
        assert (slot.start if slot else None) == min(
            lawful, key=lambda s: (s > question.window.deadline, s), default=None
        )
        return
    assert slot == brute_force(question)


def _grid(question: Question) -> list[datetime]:
    begins = max(question.earliest, question.window.not_before, question.budget_free_at or question.earliest)
    first = datetime.fromtimestamp(-(-begins.timestamp() // 300) * 300, UTC)
    count = max(0, int((question.window.not_after - first) // GRID) + 1)
    return [first + GRID * number for number in range(count)]


@settings(max_examples=2000, deadline=None)
@given(questions())
def test_no_start_on_the_grid_is_better_than_the_planned_one(question: Question) -> None:
    holds(question)


@pytest.mark.slow
@settings(max_examples=100_000, deadline=None, database=None)
@given(questions())
def test_no_start_on_the_grid_is_better_than_the_planned_one_in_100_000_cases(question: Question) -> None:
    holds(question)


def planned_at(question: Question) -> datetime:
    slot = plan(question).slot
    assert slot is not None
    return slot.start.astimezone(question.zone)


def test_the_day_the_clock_jumps_forward_begins_lawfully_at_its_own_eight() -> None:
    night = datetime(2026, 3, 29, 0, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    start = planned_at(a_question(night, 20, zone="Europe/Berlin", preferences=()))
    assert (start.hour, start.minute, start.utcoffset()) == (8, 0, timedelta(hours=2))


def test_the_day_the_clock_falls_back_begins_lawfully_at_its_own_eight() -> None:
    night = datetime(2026, 10, 25, 0, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    start = planned_at(a_question(night, 20, zone="Europe/Berlin", preferences=()))
    assert (start.hour, start.minute, start.utcoffset()) == (8, 0, timedelta(hours=1))


def test_the_29th_of_february_is_a_day_like_others() -> None:
    evening = datetime(2028, 2, 28, 23, 0, tzinfo=SHANGHAI)
    assert planned_at(a_question(evening, 24)).date() == date(2028, 2, 29)


def test_a_zone_at_five_forty_five_starts_on_its_own_hours() -> None:
    kathmandu = datetime(2026, 10, 13, 23, 0, tzinfo=ZoneInfo("Asia/Kathmandu"))
    start = planned_at(a_question(kathmandu, 24, zone="Asia/Kathmandu"))
    assert (start.hour, start.minute) == (9, 0)
    assert start.utcoffset() == timedelta(hours=5, minutes=45)


def test_a_customer_who_moves_zone_is_planned_by_the_new_clock() -> None:
    begins = datetime(2026, 10, 14, 0, 0, tzinfo=UTC)
    before, after = (planned_at(a_question(begins, 24, zone=zone)) for zone in ("Asia/Shanghai", "America/New_York"))
    assert (before.hour, after.hour) == (9, 9)
    assert after - before == timedelta(hours=12)


def test_a_wrong_end_of_window_never_leads_to_a_call_in_the_night() -> None:
    # a deadline at three in the morning, as a date without its time would give
    evening = datetime(2026, 10, 14, 21, 50, tzinfo=SHANGHAI)
    for hours in (1, 5, 5.5, 6):
        slot = plan(a_question(evening, hours, grace=3)).slot
        assert slot is None
    assert planned_at(a_question(evening, 5, grace=24)).hour == 9


def test_a_blackout_is_hard_also_against_the_deadline() -> None:
    day = datetime(2026, 10, 14, 8, 0, tzinfo=SHANGHAI)
    closed = Blackout(first=date(2026, 10, 14), last=date(2026, 10, 15), reason="盘点")
    planned = plan(a_question(day, 24, grace=48, blackouts=(closed,)))
    assert planned.slot is not None and planned.slot.deadline_missed
    assert planned.slot.start.astimezone(SHANGHAI).date() == date(2026, 10, 16)


def test_hours_in_which_the_customer_answered_take_the_place_of_the_house_preference() -> None:
    saturday = datetime(2026, 10, 17, 8, 0, tzinfo=SHANGHAI)
    planned = plan(a_question(saturday, 20, own_hours=(19,)))
    assert planned.slot is not None
    assert planned.slot.start.astimezone(SHANGHAI).hour == 19
    assert planned.slot.broken == ()


def test_a_used_budget_holds_the_start_and_says_so_when_nothing_is_left() -> None:
    day = datetime(2026, 10, 14, 8, 0, tzinfo=SHANGHAI)
    free = day + timedelta(hours=8)
    assert planned_at(a_question(day, 24, budget_free_at=free)) >= free
    nothing = plan(a_question(day, 24, budget_free_at=day + timedelta(days=5)))
    assert (nothing.slot, nothing.reasons) == (None, (BUDGET_USED,))


def test_a_monday_morning_yields_to_a_later_unbanned_start_before_the_deadline() -> None:
    monday = datetime(2026, 10, 19, 9, 0, tzinfo=SHANGHAI)
    slot = plan(a_question(monday, 24)).slot
    assert slot is not None
    assert slot.start.astimezone(SHANGHAI) == datetime(2026, 10, 19, 14, 0, tzinfo=SHANGHAI)
    assert slot.broken == ()


def test_a_soft_ban_yields_to_the_deadline_and_says_so() -> None:
    friday = datetime(2026, 10, 16, 12, 30, tzinfo=SHANGHAI)
    planned = plan(a_question(friday, 2))
    assert planned.slot is not None
    assert planned.slot.broken == ("soft_ban", "outside_preference")[: len(planned.slot.broken)]
    assert planned.reasons[0] == "every lawful start before the deadline breaks a soft ban"


def test_with_no_lawful_start_before_the_deadline_the_first_in_the_grace_is_a_miss() -> None:
    night = datetime(2026, 10, 13, 22, 30, tzinfo=SHANGHAI)
    planned = plan(a_question(night, 2))
    assert planned.slot is not None and planned.slot.deadline_missed
    assert planned.reasons[0] == "no lawful start lies before the deadline"
    assert plan(a_question(night, 2, grace=1)).slot is None


def test_eight_is_allowed_and_the_last_start_leaves_room_for_the_maximum_length() -> None:
    day = datetime(2026, 10, 14, 0, 0, tzinfo=SHANGHAI)
    (span,) = allowed_starts(
        day, day + timedelta(hours=23), hard=HardRules(HOUSE.hard, timedelta(minutes=15)), zone=SHANGHAI
    )
    assert (span.begins.astimezone(SHANGHAI).time(), span.ends.astimezone(SHANGHAI).time()) == (time(8), time(21, 45))


def test_a_holiday_is_no_preferred_day_and_a_make_up_sunday_is() -> None:
    national_day = datetime(2024, 10, 1, 8, 0, tzinfo=SHANGHAI)
    holiday = plan(a_question(national_day, 6)).slot
    make_up_sunday = plan(a_question(datetime(2024, 9, 29, 8, 0, tzinfo=SHANGHAI), 6)).slot
    assert CALENDAR.is_workday(date(2024, 9, 29))
    assert holiday is not None and holiday.outside_preference
    assert make_up_sunday is not None and not make_up_sunday.outside_preference


def test_each_scenario_counts_from_its_own_clock() -> None:
    policies = load_policies()
    completed, handled = datetime(2026, 10, 14, 8, tzinfo=UTC), datetime(2026, 10, 14, 6, tzinfo=UTC)
    both = Clocks(completed, handled)
    after_sale, consultation = policies.of("after_sale"), policies.of("consultation")
    assert after_sale is not None and consultation is not None
    assert window(after_sale, counted_from(after_sale, both)).deadline == handled + timedelta(hours=24)
    assert window(after_sale, counted_from(after_sale, Clocks(completed))).deadline == completed + timedelta(hours=24)
    second = window(consultation, counted_from(consultation, both))
    assert (second.not_before, second.deadline) == (completed + timedelta(hours=24), completed + timedelta(hours=72))
