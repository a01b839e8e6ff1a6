"""The sections of a report over invented months."""

import random
from datetime import timedelta

import pytest

from services.reporting.calendar import PeriodKind, UnknownPeriod, period_of
from services.reporting.composing.content import content_of
from services.reporting.composing.trends import control_limits
from services.reporting.figure import Refusal
from services.reporting.sections import Standing, TrendPoint
from tests.unit.reporting.builders import (
    DAY,
    LIMITS,
    NOW,
    PERIOD,
    ZONE,
    a_month,
    a_span,
    an_answer,
    call,
    content,
    some_work,
)


def test_a_dimension_above_all_others_is_a_strength_and_one_below_a_shortcoming() -> None:
    chance = random.Random(1)
    answers = [
        an_answer(n, attitude=chance.choice((4, 5, 5)), response_speed=chance.choice((2, 3)), overall=4)
        for n in range(60)
    ]
    found = content(answers)
    assert found.conclusions.strengths[0].key == "attitude"
    assert [row.key for row in found.conclusions.shortcomings] == ["response_speed"]


def test_the_weight_of_a_dimension_is_what_the_overall_score_follows() -> None:
    chance = random.Random(2)
    answers = []
    for n in range(300):
        scores = {key: chance.randint(1, 5) for key in ("response_speed", "competence", "attitude", "clarity")}
        answers.append(
            an_answer(n, overall=max(1, min(5, scores["competence"] + chance.choice((-1, 0, 0, 0)))), **scores)
        )
    weights = {row.key: row.weight for row in content(answers).dimensions}
    assert weights["competence"].low is not None
    assert weights["competence"].low > 0.8
    assert weights["attitude"].low is not None
    assert weights["attitude"].high is not None
    assert weights["attitude"].low < 0.05
    assert weights["attitude"].high > -0.05


def test_dimensions_that_never_differ_have_no_weight_and_no_standing() -> None:
    rows = content([an_answer(n) for n in range(40)]).dimensions
    assert {row.weight.refused for row in rows} == {Refusal.NO_ANSWER}
    assert {row.standing for row in rows} == {Standing.BETWEEN}


def test_promoters_passives_and_detractors_are_all_who_answered() -> None:
    section = content([an_answer(n, nps=(10, 9, 8, 7, 3)[n % 5]) for n in range(50)]).nps
    shares = {one.key: one.figure.estimate for one in section.shares}
    assert shares == pytest.approx({"promoters": 0.4, "passives": 0.4, "detractors": 0.2})
    assert section.nps.estimate == pytest.approx(20)
    assert [one.key for one in section.by_scenario] == ["complaint"]


def test_problem_types_may_sum_above_one_and_untagged_answers_are_no_answers() -> None:
    both = [an_answer(n, problem=True, problems=["attitude", "process"]) for n in range(20)]
    none = [an_answer(n, problem=False) for n in range(20, 40)]
    untagged = [an_answer(n, problem=None) for n in range(40, 50)]
    found = content([*both, *none, *untagged]).problems
    assert found.share.n == 40
    assert [(row.row, row.services, row.share.estimate) for row in found.by_type] == [
        ("problem/attitude", 20, pytest.approx(0.5)),
        ("problem/process", 20, pytest.approx(0.5)),
    ]


def test_departments_show_what_is_overdue_at_the_hour_of_the_report() -> None:
    due = {"department": "repair", "severity": "major"}
    cases = [
        {**due, "case_id": "late", "state": "open", "due_at": NOW - timedelta(hours=1)},
        {
            **due,
            "case_id": "closed late",
            "state": "closed",
            "due_at": NOW - timedelta(days=1),
            "closed_as": "not_reached",
        },
        {**due, "case_id": "urgent", "state": "working", "severity": "critical", "due_at": NOW + timedelta(hours=1)},
    ]
    (row,) = content([an_answer(1)], cases=cases).problems.by_department
    assert (row.opened, row.in_work, row.overdue, row.closed, row.not_reached) == (3, 1, 1, 1, 1)
    assert row.cases[0] == "urgent"


def test_a_score_far_from_the_median_of_thirty_is_an_anomaly_and_of_twenty_nine_is_none() -> None:
    usual = [an_answer(n, overall=5) for n in range(29)]
    assert content([*usual[:28], an_answer(99, overall=1)]).anomalies == ()
    (found,) = content([*usual, an_answer(99, overall=2)]).anomalies
    assert (found.response_id, found.score, found.median, found.n, found.verified) == ("response-0099", 2, 5, 30, False)
    asked = an_answer(100, purpose="verification", about_response_id="response-0099")
    (again,) = content([*usual, an_answer(99, overall=2), asked]).anomalies
    assert again.verified


def test_figures_without_flagged_answers_stand_beside_those_with_them() -> None:
    answers = [an_answer(n, overall=1 if n < 10 else 5, flags=["too_fast"] if n < 10 else []) for n in range(40)]
    rows = {row.key: row for row in content(answers).flagged}
    assert rows["overall"].with_flagged.estimate == pytest.approx(4)
    assert rows["overall"].without.estimate == pytest.approx(5)
    assert content(answers[10:]).flagged == ()


def test_the_mode_effect_compares_only_channels_that_chance_assigned() -> None:
    drawn = [
        an_answer(n, channel="phone" if n % 2 else "email", channel_reason="random", overall=5 if n % 2 else 4)
        for n in range(60)
    ]
    chosen = [an_answer(n, channel="email", channel_reason="preference", overall=1) for n in range(60, 90)]
    found = content([*drawn, *chosen]).channels
    effects = {row.key: row for row in found.effects}
    assert effects["overall"].difference.estimate == pytest.approx(1)
    assert effects["overall"].difference.n == 60
    assert (found.random.count, found.random.of) == (60, 90)
    assert content(chosen).channels.effects == ()


def point(estimate: float) -> TrendPoint:
    return TrendPoint(period="2026-01", estimate=estimate, low=None, high=None, n=50, standardised=None, outside=False)


def test_a_month_beyond_the_limits_of_the_months_before_is_marked() -> None:
    earlier = [{"overall": point(value)} for value in (4.0, 4.1, 4.0, 4.1, 4.0)]
    answers = [an_answer(n, overall=2 + n % 2) for n in range(40)]
    trend = content(answers, earlier=earlier).trends[0]
    assert (trend.key, trend.points[-1].period) == ("overall", PERIOD)
    assert [one.outside for one in trend.points] == [False] * 5 + [True]


def test_the_limits_are_those_of_individuals_and_moving_ranges() -> None:
    """Centre ± 2.66 · mean moving range."""
    lower, centre, upper = control_limits([10.0, 12.0, 11.0, 13.0]) or (0, 0, 0)
    assert (lower, centre, upper) == pytest.approx((11.5 - 2.66 * 5 / 3, 11.5, 11.5 + 2.66 * 5 / 3))
    assert control_limits([10.0, 12.0, 11.0]) is None


def test_frequent_high_scorers_gave_five_twice_and_never_less() -> None:
    twice = [an_answer(n, customer_ref="a", overall=5, purchases=3) for n in range(2)]
    once = [an_answer(2, customer_ref="b", overall=5)]
    mixed = [an_answer(n, customer_ref="c", overall=5 - n % 2) for n in (3, 4)]
    gone = [an_answer(n, customer_ref="d", overall=5, erased=True) for n in (5, 6)]
    found = content([*twice, *once, *mixed, *gone]).profiles
    assert found.high_scorers == 1
    assert {(row.purchases, row.channel, row.overall.n) for row in found.rows} == {
        ("0", "phone", 5),
        ("2-4", "phone", 2),
    }


def test_the_order_of_the_rows_does_not_change_one_digit() -> None:
    chance = random.Random(9)
    answers = [
        an_answer(n, overall=chance.randint(1, 5), attitude=chance.randint(1, 5), team=chance.choice("ab"),
                  channel=chance.choice(("phone", "email")), problem=n % 3 == 0,
                  problems=["process"] if n % 3 == 0 else [],
                  flags=["too_fast"] if n % 7 == 0 else [], channel_reason="random")
        for n in range(120)
    ]  # fmt: skip
    calls = [call(n, chance.random() * 300) for n in range(60)]
    digests = set()
    for _turn in range(4):
        digests.add(content(answers, calls=sorted(calls, key=lambda one: str(one["attempt_id"]))).digest())
        chance.shuffle(answers)
    assert len(digests) == 1


def test_a_week_counts_the_services_completed_in_it() -> None:
    week = period_of("2026-W42", ZONE)
    answers = [
        an_answer(n, overall=5 if n < 20 else 3, completed_at=DAY + timedelta(days=7 * (n // 20))) for n in range(40)
    ]
    month = a_month(answers, {"complaint": 80})
    whole = a_span(month, week)
    part = type(whole)(week, whole.months, whole.ledger, month.frame.filter(month.frame["completed_at"] == DAY), {})
    found = content_of(part, some_work(), LIMITS)
    assert (found.summary.figures["overall"].estimate, found.summary.figures["overall"].n) == (5, 20)
    assert found.weekly is not None
    assert found.efficiency is None


@pytest.mark.parametrize("key", ["2026-13", "2026-W54", "2025-W53", "2026", "October"])
def test_what_names_no_period_is_refused_with_a_sentence(key: str) -> None:
    with pytest.raises(UnknownPeriod, match=key):
        period_of(key, ZONE)


def test_periods_run_from_midnight_to_midnight_of_the_operator() -> None:
    month, week = period_of("2026-12", ZONE), period_of("2026-W53", ZONE)
    assert (month.kind, month.starts.isoformat(), month.ends.isoformat()) == (
        PeriodKind.MONTH, "2026-11-30T16:00:00+00:00", "2026-12-31T16:00:00+00:00",
    )  # fmt: skip
    assert (week.first.isoformat(), week.last.isoformat(), week.months) == (
        "2026-12-28",
        "2027-01-03",
        ("2026-12", "2027-01"),
    )
