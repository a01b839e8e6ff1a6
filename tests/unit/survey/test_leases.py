"""How long a lease lasts, and who may take what."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.survey.leases import (
    Agent,
    Lease,
    LeaseState,
    Refusal,
    Refused,
    claimed_until,
    dialled_until,
    reserved_until,
    wrap_up_until,
)

NOW = datetime(2026, 10, 20, 2, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def a_lease(state: LeaseState = LeaseState.CLAIMED) -> Lease:
    return Lease("cb-1", 1, "customer-1", "lin", "林晓", state, NOW, None, None, NOW + MINUTE)


@given(st.integers(0, 300))
def test_before_dialling_silence_and_the_five_minutes_both_end_it(seconds: int) -> None:
    heard = NOW + timedelta(seconds=seconds)
    until = claimed_until(NOW, heard)
    assert until <= NOW + 5 * MINUTE
    assert until <= heard + timedelta(seconds=90)
    assert until in (NOW + 5 * MINUTE, heard + timedelta(seconds=90))


def test_after_dialling_it_lasts_for_the_longest_call_and_ten_minutes() -> None:
    assert dialled_until(NOW, 15) == NOW + 25 * MINUTE
    assert wrap_up_until(NOW) == NOW + 120 * MINUTE


def test_a_reserved_callback_waits_half_an_hour_or_half_of_a_short_window() -> None:
    assert reserved_until(NOW, NOW + 360 * MINUTE) == NOW + 30 * MINUTE
    assert reserved_until(NOW, NOW + 20 * MINUTE) == NOW + 10 * MINUTE
    assert reserved_until(NOW, NOW - MINUTE) == NOW


def test_everybody_takes_general_work_and_only_seniors_take_senior_work() -> None:
    assert Agent("lin", "林晓").takes == ("general",)
    assert Agent("lin", "林晓", skills=("senior", "boiler")).takes == ("boiler", "general")
    assert Agent("wu", "吴敏", senior=True).takes == ("general", "senior")


def test_only_the_holder_may_act() -> None:
    a_lease().demand_agent(Agent("lin", "林晓"))
    with pytest.raises(Refused) as refused:
        a_lease().demand_agent(Agent("xu", "许航"))
    assert (refused.value.reason, refused.value.holder) == (Refusal.NOT_YOURS, "林晓")


@pytest.mark.parametrize(
    ("state", "wanted", "reason"),
    [
        (LeaseState.DIALLED, LeaseState.CLAIMED, Refusal.ALREADY_DIALLED),
        (LeaseState.CLAIMED, LeaseState.DIALLED, Refusal.NOT_DIALLED),
        (LeaseState.WRAP_UP, LeaseState.DIALLED, Refusal.HUNG_UP),
    ],
)
def test_a_step_at_the_wrong_time_is_refused_by_name(state: LeaseState, wanted: LeaseState, reason: Refusal) -> None:
    with pytest.raises(Refused) as refused:
        a_lease(state).demand(wanted)
    assert refused.value.reason is reason
