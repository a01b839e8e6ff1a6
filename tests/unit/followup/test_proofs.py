from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.events.parts import About
from contracts.vocabulary import CaseId, CaseState, Channel, ClosedAs, Disposition, Explanation, PromiseId, Severity
from services.followup.case import Case
from services.followup.contact import Attempt, Ended, proofs, reaches
from services.followup.promise import Promise, broken, kept
from services.followup.recovery import recovered, share

NOW = datetime(2026, 11, 19, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
CASE = Case(
    case_id="AC-1", item_id="i", response_id="r", customer_ref="c", completion_ref="k", department="repair", team=None,
    codes=(), severity=Severity.MINOR, state=CaseState.SOLVED, opened_at=NOW - 9 * HOUR, policy_due_at=NOW + 9 * HOUR,
    due_at=NOW + 9 * HOUR, calendar_version="x", changed_at=NOW, solved_at=NOW,
)  # fmt: skip
PROMISE = Promise(
    promise_id="p", response_id="r", customer_ref="c", completion_ref="k", department="repair", what="", made_by="a",
    made_at=NOW, due_at=NOW + 5 * HOUR, ask_at=NOW + HOUR, changed_at=NOW, case_id="AC-1",
)  # fmt: skip


def an_attempt(at: datetime = NOW + HOUR, **given: Any) -> Attempt:
    call = Attempt(
        attempt_id="a", callback_id="b", customer_ref="c", completion_ref="k", channel=Channel.PHONE,
        disposition=Disposition.COMPLETE, connected_at=at, ended_at=at, agent=None,
        about=(About(case_id=CaseId("AC-1")),), reached=True,
    )  # fmt: skip
    return replace(call, **given)


def an_end(**given: Any) -> Ended:
    return replace(Ended("b", "AC-1", Explanation.EXHAUSTED, NOW + HOUR, NOW), **given)


@pytest.mark.parametrize(
    ("channel", "disposition", "connected", "reached"),
    [
        (Channel.PHONE, Disposition.COMPLETE, True, True),
        (Channel.PHONE, Disposition.APPOINTMENT, True, True),
        (Channel.PHONE, Disposition.BREAK_OFF, False, False),
        (Channel.PHONE, Disposition.REFUSAL, True, False),
        (Channel.PHONE, Disposition.VOICEMAIL, True, False),
        (Channel.PHONE, Disposition.NO_ANSWER, False, False),
        (Channel.EMAIL, Disposition.DELIVERED, False, True),
        (Channel.EMAIL, Disposition.BOUNCED, False, False),
    ],
)
def test_what_reaches_a_customer(channel: Channel, disposition: Disposition, connected: bool, reached: bool) -> None:
    assert reaches(channel, disposition, NOW if connected else None) is reached


def test_a_call_after_the_action_proves_contact() -> None:
    assert [p.closed_as for p in proofs(CASE, [an_attempt()], [], frozenset())] == [ClosedAs.CONTACTED]


@pytest.mark.parametrize(
    "attempt",
    [
        an_attempt(NOW),
        an_attempt(NOW - HOUR),
        an_attempt(customer_ref="another"),
        an_attempt(reached=False),
        an_attempt(channel=Channel.EMAIL, disposition=Disposition.DELIVERED, connected_at=None, about=()),
    ],
)
def test_what_proves_nothing(attempt: Attempt) -> None:
    assert proofs(CASE, [attempt], [], frozenset()) == []


def test_a_message_about_the_promise_of_the_case_proves_contact() -> None:
    message = an_attempt(
        channel=Channel.SMS, disposition=Disposition.DELIVERED, connected_at=None,
        about=(About(promise_id=PromiseId("p")),),
    )  # fmt: skip
    assert len(proofs(CASE, [message], [], frozenset({"p"}))) == 1


@pytest.mark.parametrize(
    ("end", "enough"),
    [
        (an_end(), True),
        (an_end(explanation=Explanation.OPTED_OUT), True),
        (an_end(explanation=Explanation.COMPLETE), False),
        (an_end(explanation=Explanation.UNREPORTED), False),
        (an_end(requested_at=NOW - HOUR), False),
        (an_end(requested_at=None), False),
        (an_end(case_id="AC-2"), False),
    ],
)
def test_only_the_callback_requested_after_the_action_proves_that_nobody_was_reached(end: Ended, enough: bool) -> None:
    assert bool(proofs(CASE, [], [end], frozenset())) is enough


def test_nothing_is_proved_before_the_action() -> None:
    assert proofs(replace(CASE, state=CaseState.WORKING, solved_at=None), [an_attempt()], [an_end()], frozenset()) == []


def test_a_promise_is_kept_by_contact_after_it_was_made_and_before_it_is_due() -> None:
    assert kept(PROMISE, an_attempt(), NOW) is not None
    assert kept(PROMISE, an_attempt(NOW), NOW) is None
    assert kept(PROMISE, an_attempt(PROMISE.due_at), NOW) is not None
    assert kept(PROMISE, an_attempt(PROMISE.due_at + timedelta(seconds=1)), NOW) is None
    assert kept(PROMISE, an_attempt(about=(About(case_id=CaseId("AC-2")),)), NOW) is None
    assert kept(PROMISE, an_attempt(reached=False), NOW) is None


def test_a_promise_is_broken_at_its_due_time_and_not_before() -> None:
    assert broken(PROMISE, PROMISE.due_at - timedelta(seconds=1)) is None
    after = broken(PROMISE, PROMISE.due_at)
    assert after is not None
    assert broken(after, PROMISE.due_at) is None


def test_recovered_means_dissatisfied_before_and_not_after() -> None:
    assert recovered(2, 3)
    assert not recovered(2, 2)
    assert not recovered(3, 5)


def test_the_interval_of_a_share_is_wilsons() -> None:
    found = share(14, 24)
    assert (round(found.low, 3), round(found.high, 3)) == (0.388, 0.755)
    assert share(0, 3).low == pytest.approx(0)
    assert share(3, 3).high == pytest.approx(1)
