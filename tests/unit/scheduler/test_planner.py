from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.workdays import calendar
from services.scheduler.planner import GRID, Question, Slot, plan
from services.scheduler.policy_files import load_policies
from services.scheduler.windows import Clocks, Window, allowed_starts, counted_from, window

HOUSE = load_policies().house
CALENDAR = calendar("CN")
SHANGHAI = ZoneInfo("Asia/Shanghai")
EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
ZONES = [
    "Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia",
    "America/Sao_Paulo", "Europe/Dublin", "Africa/Casablanca", "Asia/Tehran", "Pacific/Chatham",
]  # fmt: skip


def a_question(
    begins: datetime, hours: float, *, grace: float = 24, zone: str = "Asia/Shanghai", minutes: int = 15,
    earliest: datetime | None = None,
) -> Question:  # fmt: skip
    deadline = begins + timedelta(hours=hours)
    return Question(
        window=Window(begins, deadline, deadline + timedelta(hours=grace)),
        earliest=earliest or begins,
        zone=ZoneInfo(zone),
        longest=timedelta(minutes=minutes),
        house=HOUSE,
        is_workday=CALENDAR.is_workday,
    )


def judged(question: Question, start: datetime) -> Slot | None:
    """The rules once more, minute by minute and without intervals; None when the start is unlawful."""
    local = start.astimezone(question.zone)
    closes = datetime.combine(local.date(), time(22), tzinfo=question.zone).astimezone(UTC)
    if local.time() < time(8) or start + question.longest > closes:
        return None
    monday_morning = local.weekday() == 0 and local.time() < time(12)
    friday_afternoon = local.weekday() == 4 and time(12) <= local.time() < time(18)
    liked = time(9) <= local.time() < time(11) or time(14) <= local.time() < time(17)
    return Slot(
        start=start,
        deadline_missed=start > question.window.deadline,
        bans_broken=int(monday_morning or friday_afternoon),
        outside_preference=not (liked and CALENDAR.is_workday(local.date())),
    )


def brute_force(question: Question) -> Slot | None:
    begins = max(question.earliest, question.window.not_before)
    first = datetime.fromtimestamp(-(-begins.timestamp() // 300) * 300, UTC)
    slots = []
    while first <= question.window.not_after:
        slot = judged(question, first)
        if slot is not None:
            slots.append(slot)
        first += GRID
    return min(slots, key=lambda slot: slot.cost, default=None)


@settings(max_examples=400, deadline=None)
@given(
    begins=st.integers(0, 4 * 365 * 24 * 60).map(lambda minutes: EPOCH + timedelta(minutes=minutes)),
    hours=st.integers(1, 72),
    grace=st.integers(0, 30),
    zone=st.sampled_from(ZONES),
    minutes=st.integers(1, 60),
    later=st.integers(0, 4000),
)
def test_no_start_on_the_grid_is_better_than_the_planned_one(
    begins: datetime, hours: int, grace: int, zone: str, minutes: int, later: int
) -> None:
    question = a_question(
        begins, hours, grace=grace, zone=zone, minutes=minutes, earliest=begins + timedelta(minutes=later)
    )
    assert plan(question).slot == brute_force(question)


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
        day, day + timedelta(hours=23), hard=HOUSE.hard, longest=timedelta(minutes=15), zone=SHANGHAI
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
