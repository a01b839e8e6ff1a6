"""Reminders: a second message while the first can still be answered."""

from dataclasses import replace
from datetime import timedelta

import pytest

from contracts.events.survey import AttemptClosed
from contracts.vocabulary import Channel, ChannelReason, Disposition, Explanation, NotAttempted, Purpose, Scenario
from services.scheduler.callback import Callback, PermitKind, PermitState
from services.scheduler.course import LINK_LIFE, Course
from services.scheduler.policy import Retry
from services.scheduler.rules import Rules
from tests.unit.scheduler.builders import NOW, a_callback, a_permit, some_rules

HOUR = timedelta(hours=1)


def rules_with_a_reminder(attempts: int = 2) -> Rules:
    rules = some_rules()
    care = rules.policies.scenarios[Scenario.CARE]
    retries = {**care.retries, Disposition.DELIVERED: Retry(attempts=attempts, delay_minutes=24 * 60)}
    changed = {**rules.policies.scenarios, Scenario.CARE: care.model_copy(update={"retries": retries})}
    return replace(rules, policies=replace(rules.policies, scenarios=changed))


def a_written_one(*ends: Disposition) -> Callback:
    """Reached by e-mail only; each message so far ended like this, the first one an hour ago."""
    permits = tuple(
        a_permit(
            permit_no=number,
            channel=Channel.EMAIL,
            state=PermitState.ENDED,
            disposition=end,
            link_until=NOW + LINK_LIFE if end is Disposition.DELIVERED else None,
        )
        for number, end in enumerate(ends, 1)
    )
    return a_callback(
        scenario=Scenario.CARE, phone_index=None, not_before=NOW, deadline=NOW + 168 * HOUR,
        not_after=NOW + 240 * HOUR, counted_at=NOW, last_word=Explanation.EXHAUSTED, permits=permits,
    )  # fmt: skip


def an_end(callback: Callback, disposition: Disposition, **fields: object) -> AttemptClosed:
    return AttemptClosed.model_validate({
        "customer_ref": callback.customer_ref, "completion_ref": callback.completion_ref, "attempt_id": "a",
        "callback_id": callback.callback_id, "permit_no": callback.permits[-1].permit_no, "parts": (),
        "channel": Channel.EMAIL, "channel_reason": ChannelReason.POLICY, "purpose": Purpose.SURVEY, "round": 1,
        "disposition": disposition, "started_at": NOW, "ended_at": NOW, **fields,
    })  # fmt: skip


def test_a_delivered_message_is_followed_by_a_reminder_while_its_link_is_waited_for() -> None:
    written = a_written_one(Disposition.DELIVERED)
    step = Course(rules_with_a_reminder(), NOW).after_attempt(written, an_end(written, Disposition.DELIVERED))
    assert step.permit is not None
    assert (step.permit.channel, step.permit.kind, step.permit.permit_no) == (Channel.EMAIL, PermitKind.RETRY, 2)
    assert step.permit.due_at >= NOW + 24 * HOUR
    assert (step.closes_at, step.explanation) == (NOW + LINK_LIFE, None)


def test_a_reminder_is_sent_as_often_as_the_policy_states_and_not_without_it() -> None:
    written = a_written_one(Disposition.DELIVERED, Disposition.DELIVERED)
    assert (
        Course(rules_with_a_reminder(), NOW).after_attempt(written, an_end(written, Disposition.DELIVERED)).permit
        is None
    )
    once = a_written_one(Disposition.DELIVERED)
    assert Course(some_rules(), NOW).after_attempt(once, an_end(once, Disposition.DELIVERED)).permit is None


@pytest.mark.parametrize(
    ("end", "why"), [(Disposition.BOUNCED, None), (Disposition.NOT_ATTEMPTED, NotAttempted.UNCLAIMED)]
)
def test_a_reminder_that_fails_leaves_the_first_link_open(end: Disposition, why: NotAttempted | None) -> None:
    written = a_written_one(Disposition.DELIVERED, end)
    told = an_end(written, end, not_attempted=why)
    step = Course(rules_with_a_reminder(), NOW).after_attempt(written, told)
    assert (step.explanation, step.closes_at) == (None, NOW + LINK_LIFE)
    after = Course(rules_with_a_reminder(), NOW + LINK_LIFE).after_attempt(written, told)
    assert after.explanation is Explanation.EXHAUSTED


def test_a_refusal_ends_the_callback_whatever_link_is_open() -> None:
    written = a_written_one(Disposition.DELIVERED, Disposition.REFUSAL)
    step = Course(rules_with_a_reminder(), NOW).after_attempt(written, an_end(written, Disposition.REFUSAL))
    assert step.explanation is Explanation.REFUSED


@pytest.mark.parametrize(
    ("wish", "way"), [(Channel.SMS, Channel.SMS), (Channel.EMAIL, Channel.EMAIL), (None, Channel.EMAIL)]
)
def test_the_link_after_a_refusal_goes_the_way_that_the_customer_chose(wish: Channel | None, way: Channel) -> None:
    refused = a_refusing_one(phone_index="p")
    told = an_end(refused, Disposition.REFUSAL, channel=Channel.PHONE, online_consented=True, online_channel=wish)
    step = Course(some_rules(), NOW).after_attempt(refused, told)
    assert step.permit is not None
    assert (step.permit.channel, step.permit.kind) == (way, PermitKind.AGREED)
    assert step.last_word is Explanation.REFUSED


def test_no_link_goes_where_no_way_leads() -> None:
    refused = a_refusing_one(phone_index=None)
    told = an_end(refused, Disposition.REFUSAL, online_consented=True, online_channel=Channel.SMS)
    assert Course(some_rules(), NOW).after_attempt(refused, told).explanation is Explanation.REFUSED


def a_refusing_one(*, phone_index: str | None) -> Callback:
    called = a_permit(permit_no=1, channel=Channel.PHONE, state=PermitState.ENDED, disposition=Disposition.REFUSAL)
    return replace(a_written_one(), phone_index=phone_index, permits=(called,))
