from datetime import UTC, datetime, timedelta

import pytest

from chassis.testing.harness import ServiceUnderTest
from contracts.events.parts import CallbackPart
from contracts.events.scheduler import CallbackCancelled, CallbackClosed, CallbackDue, ContactSuppressed
from contracts.vocabulary import (
    AgreedAgent,
    Channel,
    ChannelReason,
    Disposition,
    Explanation,
    NotAttempted,
    Purpose,
    RequestState,
    ResponseStatus,
)
from tests.integration.scheduler.builders import (
    NOW,
    a_completion,
    a_preference,
    a_request,
    a_response,
    an_attempt,
    an_opt_out,
)

HOUR = timedelta(hours=1)


async def released(scheduler: ServiceUnderTest, **fields: object) -> CallbackDue:
    await scheduler.receive(a_completion(**fields))
    await scheduler.tick()
    return (await scheduler.sent(CallbackDue))[-1]


async def explanations(scheduler: ServiceUnderTest) -> list[Explanation]:
    return [closed.explanation for closed in await scheduler.sent(CallbackClosed)]


async def test_no_answer_is_tried_again_after_the_delay_and_ends_exhausted_at_the_deadline(
    scheduler: ServiceUnderTest,
) -> None:
    due = await released(scheduler)
    for _ in range(3):
        await scheduler.receive(an_attempt(due, Disposition.NO_ANSWER, at=await scheduler.runtime.now()))
        await scheduler.run_until(NOW + timedelta(hours=30))
        due = (await scheduler.sent(CallbackDue))[-1]
    dues = await scheduler.sent(CallbackDue)
    assert [one.permit_no for one in dues] == list(range(1, len(dues) + 1))
    assert all(one.intervals[0].begins <= one.deadline for one in dues)
    assert await explanations(scheduler) == [Explanation.EXHAUSTED]


async def test_an_attempt_told_twice_plans_once(scheduler: ServiceUnderTest) -> None:
    due = await released(scheduler)
    attempt = an_attempt(due, Disposition.BUSY, at=NOW)
    await scheduler.receive(attempt)
    await scheduler.receive(attempt, again=True)
    await scheduler.receive(attempt.model_copy())
    await scheduler.run_until(NOW + HOUR)
    assert [one.permit_no for one in await scheduler.sent(CallbackDue)] == [1, 2]


async def test_an_agreed_time_is_kept_with_the_same_agent_also_after_the_deadline(scheduler: ServiceUnderTest) -> None:
    due = await released(scheduler)
    agreed = datetime(2026, 10, 16, 6, 30, tzinfo=UTC)
    await scheduler.receive(
        an_attempt(
            due, Disposition.APPOINTMENT, at=NOW, agreed_at=agreed, agreed_agent=AgreedAgent.OWN, agent="agent-1"
        )
    )
    await scheduler.run_until(agreed)
    second = (await scheduler.sent(CallbackDue))[-1]
    assert (second.permit_no, second.intervals[0].begins, second.reserved_agent) == (2, agreed, "agent-1")


async def test_a_refusal_with_consent_leads_to_an_email_permit_and_without_to_the_end(
    scheduler: ServiceUnderTest,
) -> None:
    due = await released(scheduler, customer={"email": "kehu@example.com"})
    await scheduler.receive(an_attempt(due, Disposition.REFUSAL, at=NOW, online_consented=True))
    await scheduler.tick()
    online = (await scheduler.sent(CallbackDue))[-1]
    assert (online.channel, online.channel_reason) == (Channel.EMAIL, ChannelReason.PREFERENCE)
    link_until = NOW + timedelta(hours=72)
    await scheduler.receive(an_attempt(online, Disposition.DELIVERED, at=NOW, link_until=link_until))
    await scheduler.run_until(link_until)
    assert await explanations(scheduler) == [Explanation.REFUSED]


@pytest.mark.parametrize("response_first", [True, False])
async def test_a_complete_response_closes_whichever_topic_arrives_first(
    scheduler: ServiceUnderTest, response_first: bool
) -> None:
    due = await released(scheduler)
    told = [an_attempt(due, Disposition.COMPLETE, at=NOW), a_response(due, at=NOW)]
    for event in reversed(told) if response_first else told:
        await scheduler.receive(event)
    (closed,) = await scheduler.sent(CallbackClosed)
    assert (closed.explanation, closed.response_id) == (Explanation.COMPLETE, f"R-{due.callback_id}")
    (row,) = await scheduler.query("SELECT explanation FROM completion")
    assert row["explanation"] == "complete"


@pytest.mark.parametrize("response_first", [True, False])
async def test_a_break_off_is_one_whichever_topic_arrives_first(
    scheduler: ServiceUnderTest, response_first: bool
) -> None:
    due = await released(scheduler)
    told = [an_attempt(due, Disposition.BREAK_OFF, at=NOW), a_response(due, at=NOW, status=ResponseStatus.PARTIAL)]
    for event in reversed(told) if response_first else told:
        await scheduler.receive(event)
    await scheduler.tick()
    assert await explanations(scheduler) == [Explanation.BREAK_OFF]


async def test_silence_about_a_permit_ends_as_unreported(scheduler: ServiceUnderTest) -> None:
    await released(scheduler)
    await scheduler.run_until(NOW + timedelta(days=4))
    assert await explanations(scheduler) == [Explanation.UNREPORTED]


async def test_an_unclaimed_first_permit_misses_the_window(scheduler: ServiceUnderTest) -> None:
    due = await released(scheduler)
    at = due.not_after
    await scheduler.run_until(at)
    await scheduler.receive(an_attempt(due, Disposition.NOT_ATTEMPTED, at=at, not_attempted=NotAttempted.UNCLAIMED))
    (closed,) = await scheduler.sent(CallbackClosed)
    assert (closed.explanation, closed.deadline_missed) == (Explanation.WINDOW_MISSED, True)


async def test_two_customers_with_one_number_share_the_contact_budget(scheduler: ServiceUnderTest) -> None:
    await released(scheduler, customer={"phone": "13700137000"})
    await released(scheduler, customer={"phone": "+86 137 0013 7000"})
    await scheduler.run_until(NOW + timedelta(days=3))
    assert len(await scheduler.sent(CallbackDue)) == 1
    assert Explanation.SUPPRESSED_BY_BUDGET in await explanations(scheduler)


async def test_an_opt_out_stops_everybody_with_that_number_once(scheduler: ServiceUnderTest) -> None:
    first = await released(scheduler, customer={"phone": "13700137001"})
    later = a_completion(scenario="consultation", customer={"phone": "13700137001"})
    await scheduler.receive(later)
    await scheduler.receive(an_opt_out(first.customer_ref, first.phone_index, NOW))
    await scheduler.tick()
    told = await scheduler.sent(ContactSuppressed)
    assert len({one.customer_ref for one in told}) == len(told) == 2
    assert {one.sequence for one in told} == {1}
    (cancelled,) = await scheduler.sent(CallbackCancelled)
    assert (cancelled.callback_id, cancelled.reason) == (first.callback_id, "suppressed")
    assert await explanations(scheduler) == [Explanation.OPTED_OUT] * 2


async def test_a_suppressed_number_is_told_for_a_new_customer_and_never_called(scheduler: ServiceUnderTest) -> None:
    first = await released(scheduler, customer={"phone": "13700137002"})
    await scheduler.receive(an_opt_out(first.customer_ref, first.phone_index, NOW))
    await scheduler.tick()
    await scheduler.receive(a_completion(customer={"phone": "13700137002"}))
    await scheduler.run_until(NOW + HOUR)
    assert len(await scheduler.sent(ContactSuppressed)) == 2
    assert len(await scheduler.sent(CallbackDue)) == 1


async def test_the_latest_preference_holds_and_a_tie_is_out(scheduler: ServiceUnderTest) -> None:
    document = a_completion(scenario="consultation")
    await scheduler.receive(document)
    await scheduler.receive(a_preference(document, "out", NOW - HOUR), a_preference(document, "in", NOW))
    await scheduler.tick()
    states = await scheduler.query("SELECT DISTINCT state FROM suppression")
    assert [row["state"] for row in states] == ["lifted"]
    await scheduler.receive(a_preference(document, "out", NOW))
    await scheduler.tick()
    states = await scheduler.query("SELECT DISTINCT state FROM suppression")
    assert [row["state"] for row in states] == ["suppressed"]


async def test_a_request_before_the_first_release_joins_the_planned_callback(scheduler: ServiceUnderTest) -> None:
    await scheduler.receive(a_completion(scenario="consultation", completed_at=NOW))
    (row,) = await scheduler.query("SELECT completion_ref, customer_ref, context FROM completion")
    seed = CallbackDue.model_construct(
        completion_ref=row["completion_ref"], customer_ref=row["customer_ref"], parts=(), context=row["context"]
    )
    await scheduler.receive(a_request(seed, not_before=NOW + HOUR, deadline=NOW + timedelta(hours=60)))
    await scheduler.run_until(NOW + timedelta(hours=30))
    (due,) = await scheduler.sent(CallbackDue)
    assert {part.purpose for part in due.parts} == {Purpose.SURVEY, Purpose.PROGRESS}
    assert due.deadline == NOW + timedelta(hours=60)


async def test_a_request_after_the_release_waits_for_the_end_and_passes_the_budget(scheduler: ServiceUnderTest) -> None:
    due = await released(scheduler)
    request = a_request(due, not_before=NOW, deadline=NOW + timedelta(hours=20), reserved_agent="agent-7")
    await scheduler.receive(request)
    await scheduler.tick()
    assert len(await scheduler.sent(CallbackDue)) == 1
    await scheduler.receive(an_attempt(due, Disposition.COMPLETE, at=NOW), a_response(due, at=NOW))
    await scheduler.run_until(NOW + timedelta(hours=20))
    second = (await scheduler.sent(CallbackDue))[-1]
    assert second.callback_id != due.callback_id
    assert [(p.purpose, p.round, p.questionnaire) for p in second.parts] == [(Purpose.PROGRESS, 1, "progress")]
    assert (second.reserved_agent, second.in_design) == ("agent-7", False)


async def test_a_withdrawn_request_ends_its_callback_and_calls_the_permit_back(scheduler: ServiceUnderTest) -> None:
    due = await released(scheduler)
    await scheduler.receive(an_attempt(due, Disposition.COMPLETE, at=NOW), a_response(due, at=NOW))
    request = a_request(due, not_before=NOW, deadline=NOW + timedelta(hours=20))
    await scheduler.receive(request)
    await scheduler.tick()
    await scheduler.receive(request.model_copy(update={"revision": 2, "state": RequestState.WITHDRAWN}))
    await scheduler.receive(request)
    await scheduler.tick()
    assert (await explanations(scheduler))[-1] is Explanation.WITHDRAWN
    assert isinstance((await scheduler.sent(CallbackDue))[-1].parts[0], CallbackPart)


async def test_release_never_exceeds_the_capacity_of_the_hour_and_nothing_is_lost(scheduler: ServiceUnderTest) -> None:
    await scheduler.receive(*[a_completion() for _ in range(60)])
    await scheduler.tick()
    # 24 calls an hour × 1.2
    assert len(await scheduler.sent(CallbackDue)) == 28
    await scheduler.run_until(NOW + timedelta(hours=24))
    assert len(await scheduler.sent(CallbackDue)) == 60
