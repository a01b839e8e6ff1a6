from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.context import Purchase, ServiceContext
from services.tagging.customers import History, judge, rules

NOW = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def codes(history: History, now: datetime = NOW) -> dict[str, str]:
    return {mark.code: mark.because for mark in judge(history, rules(), now).marks}


def a_context(level: str | None = None, *bought: tuple[str, float]) -> ServiceContext:
    purchases = tuple(Purchase(product="热水器", at=at, amount=amount) for at, amount in bought)
    return ServiceContext(completed_at=NOW, level=level, purchases=purchases)


def ago(*days: int) -> tuple[datetime, ...]:
    return tuple(NOW - one * DAY for one in days)


def test_nothing_known_gives_no_tag() -> None:
    assert codes(History()) == {}


@pytest.mark.parametrize(
    ("context", "because"),
    [
        (a_context("VIP3"), "level"),
        (a_context(None, ("2026-10-01", 1), ("2026-09-01", 1), ("2026-08-01", 1)), "purchases"),
        (a_context(None, ("2026-10-01T08:00:00+08:00", 20_000)), "amount"),
    ],
)
def test_high_value_by_level_by_number_or_by_amount_of_purchases(context: ServiceContext, because: str) -> None:
    assert codes(History(context=context)) == {"high_value": because}


def test_purchases_of_two_years_ago_or_without_a_date_do_not_count() -> None:
    assert codes(History(context=a_context(None, ("2024-10-01", 90_000), ("soon", 90_000)))) == {}


@pytest.mark.parametrize(
    ("history", "because"),
    [
        (History(low_scores=ago(10, 300)), "low_scores"),
        (History(complaints=ago(10, 300)), "complaints"),
        (History(signs=ago(10)), "signs"),
    ],
)
def test_complaint_risk_by_repeated_low_scores_by_complaints_or_by_what_the_customer_says(
    history: History, because: str
) -> None:
    assert codes(history) == {"complaint_risk": because}


def test_one_low_score_is_no_risk_and_an_old_one_does_not_count() -> None:
    assert codes(History(low_scores=ago(10))) == {}
    assert codes(History(low_scores=ago(10, 366))) == {}


def test_three_suggestions_in_a_year_make_an_active_suggester() -> None:
    assert codes(History(suggestions=ago(1, 2))) == {}
    assert codes(History(suggestions=ago(1, 2, 364))) == {"active_suggester": "suggestions"}


def test_a_mark_says_what_was_seen_and_what_was_asked() -> None:
    (mark,) = judge(History(low_scores=ago(1, 2, 3)), rules(), NOW).marks
    assert (mark.seen, mark.limit) == (3, 2)


_DAYS = st.lists(st.integers(0, 800).map(lambda days: NOW - days * DAY), max_size=6).map(tuple)


@given(st.builds(History, complaints=_DAYS, low_scores=_DAYS, suggestions=_DAYS, signs=_DAYS))
def test_until_its_instant_a_verdict_holds_though_nothing_happens(history: History) -> None:
    verdict = judge(history, rules(), NOW)
    end = verdict.until or NOW + 1000 * DAY
    shortly_before = judge(history, rules(), max(NOW, end - timedelta(seconds=1)))
    assert [m.code for m in shortly_before.marks] == [m.code for m in verdict.marks]
