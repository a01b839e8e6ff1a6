from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chassis.workdays import calendar
from contracts.vocabulary import CaseState, Severity
from services.followup.case import Actor, Case
from services.followup.due import Workdays
from services.followup.ladder import ladder, moved_up, next_at, raised
from services.followup.merging import NotMergeable, merged
from services.followup.periodic import first_after
from services.followup.rota import next_in_turn
from services.followup.states import Action

ZONE = ZoneInfo("Asia/Shanghai")
DAYS = Workdays(calendar("CN"), ZONE)
DUE = datetime(2026, 9, 30, 10, 0, tzinfo=UTC)
"""18:00 on the last working day before the national holiday (1 to 7 October 2026)."""
CASE = Case(
    case_id="AC-1", item_id="i", response_id="r", customer_ref="c", completion_ref="k", department="repair", team=None,
    codes=(), severity=Severity.MINOR, state=CaseState.OPEN, opened_at=DUE - timedelta(days=2), policy_due_at=DUE,
    due_at=DUE, calendar_version="x", changed_at=DUE,
)  # fmt: skip
PEOPLE = [Actor("b", "乙"), Actor("a", "甲"), Actor("c", "丙")]


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def test_the_reminder_comes_four_working_hours_before() -> None:
    assert next_at(CASE, DAYS) == DUE - timedelta(hours=4)


def test_the_ladder_rests_over_the_holiday() -> None:
    told = replace(CASE, escalation=1, reminded=True)
    assert next_at(told, DAYS) == local("2026-10-08T18:00")
    assert next_at(replace(told, escalation=2), DAYS) == local("2026-10-10T18:00")  # a worked Saturday


def test_nobody_is_above_the_last_rung() -> None:
    top = replace(CASE, escalation=len(ladder().rung), reminded=True)
    assert next_at(top, DAYS) is None
    assert raised(top, PEOPLE[0], "s1", DUE) is None


@pytest.mark.parametrize(
    "case",
    [replace(CASE, state=CaseState.CLOSED), replace(CASE, leader="AC-2")],
)
def test_a_closed_or_led_case_is_not_on_the_ladder(case: Case) -> None:
    assert next_at(case, DAYS) is None


def test_who_has_solved_it_is_not_reminded_but_an_end_that_stays_away_is_escalated() -> None:
    assert next_at(replace(CASE, state=CaseState.SOLVED), DAYS) == DUE


def test_nothing_moves_before_its_time() -> None:
    assert moved_up(CASE, DAYS, DUE - timedelta(hours=4, seconds=1)) is None
    step = moved_up(CASE, DAYS, DUE - timedelta(hours=4))
    assert step is not None
    assert (step.entry.action, step.case.escalation) == (Action.REMIND, 0)


def test_a_reminder_after_the_due_time_is_left_out_for_the_first_rung() -> None:
    step = moved_up(CASE, DAYS, DUE)
    assert step is not None
    assert (step.entry.action, step.case.escalation) == (Action.ESCALATE, 1)


def test_members_take_turns_and_one_who_left_is_passed_over() -> None:
    turns, last = [], None
    for _ in range(4):
        owner = next_in_turn(PEOPLE, last)
        assert owner is not None
        last = owner.login
        turns.append(last)
    assert turns == ["a", "b", "c", "a"]
    assert next_in_turn([PEOPLE[1], PEOPLE[2]], "b") == PEOPLE[2]
    assert next_in_turn([], "b") is None


@pytest.mark.parametrize(
    ("other", "rule"),
    [
        (CASE, "is this very case"),
        (replace(CASE, case_id="AC-2", customer_ref="another"), "is a case of another customer"),
        (replace(CASE, case_id="AC-2", department="billing"), "is a case of another department"),
        (replace(CASE, case_id="AC-2", leader="AC-3"), "is merged already"),
    ],
)
def test_what_cannot_be_merged_and_why(other: Case, rule: str) -> None:
    with pytest.raises(NotMergeable, match=rule):
        merged(CASE, other, PEOPLE[0], DUE)


def test_merging_takes_the_earlier_due_time() -> None:
    sooner = replace(CASE, case_id="AC-2", due_at=DUE - timedelta(days=1))
    leader = merged(sooner, CASE, PEOPLE[0], DUE)[-1].case
    assert (leader.case_id, leader.due_at) == ("AC-1", DUE - timedelta(days=1))


def test_the_digest_comes_on_working_days_and_a_list_on_the_first_of_a_week() -> None:
    assert first_after("repair", local("2026-09-30T09:00"), DAYS) == local("2026-10-08T08:30")
    assert first_after("suggestions_ops", local("2026-11-18T09:00"), DAYS) == local("2026-11-23T09:00")
    # the whole week before is off: its first working day is Thursday
    assert first_after("suggestions_ops", local("2026-09-30T09:00"), DAYS) == local("2026-10-08T09:00")
