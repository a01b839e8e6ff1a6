"""Every permit ends exactly once, in whatever order things are heard."""

import pytest

from chassis.testing.harness import ServiceUnderTest
from contracts.events.scheduler import CustomerErased
from contracts.events.survey import AttemptClosed
from contracts.vocabulary import CustomerRef, Disposition, NotAttempted
from tests.integration.survey.builders import EMAIL, HOUR, NOW, REF, a_part, a_permit, cancelled, closed, suppressed
from tests.integration.survey.mailbox import Mailbox


async def ends(survey: ServiceUnderTest) -> list[NotAttempted | Disposition]:
    return [attempt.not_attempted or attempt.disposition for attempt in await survey.sent(AttemptClosed)]


async def test_unclaimed_permit_ends_once_when_it_can_start_no_more(survey: ServiceUnderTest) -> None:
    await survey.receive(await a_permit(survey, channel="phone"))
    await survey.tick()
    assert await ends(survey) == []

    await survey.run_until(NOW + 10 * HOUR)
    await survey.run_until(NOW + 60 * HOUR)
    assert await ends(survey) == [NotAttempted.UNCLAIMED]


async def test_second_delivery_of_a_permit_changes_nothing(survey: ServiceUnderTest, mailbox: Mailbox) -> None:
    permit = await a_permit(survey)
    await survey.receive(permit)
    await survey.receive(permit)
    await survey.receive(permit, again=True)
    await survey.tick()
    assert await ends(survey) == [Disposition.DELIVERED]
    assert len(mailbox.letters) == 1


async def test_withdrawal_that_comes_before_its_permit_ends_it_on_arrival(survey: ServiceUnderTest) -> None:
    permit = await a_permit(survey)
    await survey.receive(cancelled(permit, "answered"))
    await survey.receive(permit)
    await survey.receive(cancelled(permit, "answered"))
    assert await ends(survey) == [NotAttempted.ALREADY_ANSWERED]


async def test_withdrawal_after_the_permit_ends_it_and_nothing_is_sent(
    survey: ServiceUnderTest, mailbox: Mailbox
) -> None:
    permit = await a_permit(survey)
    await survey.receive(permit)
    await survey.receive(cancelled(permit))
    await survey.tick()
    assert await ends(survey) == [NotAttempted.CANCELLED]
    assert mailbox.letters == []


@pytest.mark.parametrize("before", [True, False])
async def test_suppression_stops_a_permit_of_its_number_in_either_order(
    survey: ServiceUnderTest, mailbox: Mailbox, *, before: bool
) -> None:
    permit = await a_permit(survey)
    events = [suppressed(permit), permit] if before else [permit, suppressed(permit)]
    for event in events:
        await survey.receive(event)
    await survey.tick()
    assert await ends(survey) == [NotAttempted.SUPPRESSED]
    assert mailbox.letters == []


async def test_suppression_of_calls_leaves_a_message_alone(survey: ServiceUnderTest) -> None:
    permit = await a_permit(survey)
    await survey.receive(suppressed(permit, scope="phone"), permit)
    await survey.tick()
    assert await ends(survey) == [Disposition.DELIVERED]


async def test_the_highest_sequence_of_an_index_holds(survey: ServiceUnderTest) -> None:
    permit = await a_permit(survey)
    await survey.receive(suppressed(permit, sequence=2, state="lifted"))
    await survey.receive(suppressed(permit, sequence=1))
    await survey.receive(permit)
    await survey.tick()
    assert await ends(survey) == [Disposition.DELIVERED]


async def test_erased_customer_is_not_contacted_whatever_comes_first(
    survey: ServiceUnderTest, mailbox: Mailbox
) -> None:
    first, second = await a_permit(survey), await a_permit(survey, callback="cb-2")
    await survey.receive(first)
    await survey.receive(CustomerErased(customer_ref=CustomerRef(REF), erased_at=NOW))
    await survey.receive(second)
    await survey.tick()
    assert await ends(survey) == [NotAttempted.CANCELLED, NotAttempted.CANCELLED]
    assert mailbox.letters == []


async def test_closed_callback_takes_no_more_permits(survey: ServiceUnderTest) -> None:
    first = await a_permit(survey, channel="phone")
    await survey.receive(closed(first, "withdrawn"))
    await survey.receive(first)
    assert await ends(survey) == [NotAttempted.CANCELLED]


async def test_permit_for_an_unknown_questionnaire_is_a_dead_letter_and_its_neighbour_goes_on(
    survey: ServiceUnderTest,
) -> None:
    bad = await a_permit(survey, callback="cb-2", ref="customer-2", parts=[a_part(questionnaire="nowhere")])
    await survey.receive(bad, await a_permit(survey))
    await survey.tick()
    assert await ends(survey) == [Disposition.DELIVERED]
    letters = await survey.query("SELECT * FROM dead_letter")
    assert len(letters) == 1


async def test_text_message_without_a_gateway_bounces_and_says_why(survey: ServiceUnderTest) -> None:
    await survey.receive(await a_permit(survey, channel="sms"))
    await survey.tick()
    (attempt,) = await survey.sent(AttemptClosed)
    assert attempt.disposition is Disposition.BOUNCED
    assert attempt.detail == "no gateway for text messages is set up"


async def test_message_waits_for_its_allowed_interval(survey: ServiceUnderTest, mailbox: Mailbox) -> None:
    later = {"begins": NOW + 2 * HOUR, "ends": NOW + 3 * HOUR}
    await survey.receive(await a_permit(survey, intervals=[later]))
    await survey.run_until(NOW + HOUR)
    assert mailbox.letters == []
    await survey.run_until(NOW + 2 * HOUR)
    assert len(mailbox.letters) == 1


async def test_message_that_missed_all_its_intervals_is_late(survey: ServiceUnderTest, mailbox: Mailbox) -> None:
    await survey.receive(await a_permit(survey))
    await survey.step_to(NOW + 7 * HOUR)
    await survey.tick()
    assert await ends(survey) == [NotAttempted.LATE]
    assert mailbox.letters == []


async def test_letter_brings_a_link_and_names_neither_customer_nor_product(
    survey: ServiceUnderTest, mailbox: Mailbox
) -> None:
    await survey.receive(await a_permit(survey))
    await survey.tick()
    (letter,) = mailbox.letters
    text = letter.as_string() + letter.get_content()
    assert letter["To"] == EMAIL
    assert mailbox.codes()
    assert not any(word in text for word in ("JSQ30", "不出热水", "客户甲", "13800138000"))
    (attempt,) = await survey.sent(AttemptClosed)
    assert attempt.link_until == NOW + 72 * HOUR


async def test_refused_address_bounces_at_once(survey: ServiceUnderTest, mailbox: Mailbox) -> None:
    mailbox.refusal = "550 no such user"
    await survey.receive(await a_permit(survey))
    await survey.tick()
    (attempt,) = await survey.sent(AttemptClosed)
    assert attempt.disposition is Disposition.BOUNCED
    assert attempt.detail == "the mail server answered 550"


async def test_busy_mail_server_is_tried_again_under_the_same_message_id(
    survey: ServiceUnderTest, mailbox: Mailbox
) -> None:
    mailbox.refusal = "451 try later"
    await survey.receive(await a_permit(survey))
    await survey.tick()
    assert await ends(survey) == []
    mailbox.refusal = None
    await survey.run_until(NOW + HOUR)
    assert await ends(survey) == [Disposition.DELIVERED]
    assert len(mailbox.letters) == 1


async def test_tries_end_when_the_mail_server_stays_busy(survey: ServiceUnderTest, mailbox: Mailbox) -> None:
    mailbox.refusal = "451 try later"
    await survey.receive(await a_permit(survey))
    await survey.run_until(NOW + 12 * HOUR)
    assert await ends(survey) == [Disposition.BOUNCED]
    assert mailbox.letters == []


async def test_letter_left_in_hand_by_a_dead_process_goes_out_once_more_with_its_id(
    survey: ServiceUnderTest, mailbox: Mailbox
) -> None:
    await survey.receive(await a_permit(survey))
    await survey.tick()
    await survey.query("DELETE FROM contact_attempt RETURNING 1")  # as if it had died between sending and settling
    await survey.query("UPDATE permit SET state = 'sending' RETURNING 1")
    await survey.query(
        "UPDATE message SET state = 'sending', sending_since = clock_timestamp() - interval '3 minutes' RETURNING 1"
    )
    await survey.tick()
    assert len({letter["Message-ID"] for letter in mailbox.letters}) == 1
    assert len(mailbox.letters) == 2
    assert len(set(mailbox.codes())) == 1
