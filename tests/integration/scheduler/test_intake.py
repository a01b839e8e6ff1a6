from datetime import UTC, datetime, timedelta

import pytest

from chassis.testing.harness import ServiceUnderTest
from contracts.context import ContactData, ServiceContext
from contracts.events.scheduler import (
    CallbackCancelled,
    CallbackClosed,
    CallbackDue,
    SamplingPeriodClosed,
    SamplingPeriodOpened,
    ServiceAccepted,
)
from contracts.vocabulary import Explanation, Verdict
from services.scheduler.sampling import draw
from tests.integration.scheduler.builders import NOW, a_completion


async def test_a_completion_becomes_a_ledger_row_and_a_permit_at_its_slot(scheduler: ServiceUnderTest) -> None:
    await scheduler.receive(a_completion())
    await scheduler.tick()
    (accepted,) = await scheduler.sent(ServiceAccepted)
    assert (accepted.verdict, accepted.stratum, accepted.inclusion_probability) == (Verdict.SELECTED, "complaint", 1.0)
    (due,) = await scheduler.sent(CallbackDue)
    assert due.completion_ref == accepted.completion_ref
    assert due.skill == "senior"
    assert due.intervals[0].begins == NOW


async def test_the_period_is_opened_before_its_first_draw_and_its_secret_recomputes_it(
    scheduler: ServiceUnderTest,
) -> None:
    documents = [a_completion(scenario="consultation", service_type="产品咨询") for _ in range(30)]
    await scheduler.receive(*documents)
    (opened,) = await scheduler.sent(SamplingPeriodOpened)
    assert opened.period == "2026-10"
    await scheduler.run_until(datetime(2026, 12, 2, tzinfo=UTC))
    (closed,) = await scheduler.sent(SamplingPeriodClosed)
    assert sum(cell.accepted for cell in closed.cells) == 30
    for accepted in await scheduler.sent(ServiceAccepted):
        drawn = draw(
            bytes.fromhex(closed.secret),
            source=accepted.source,
            service_id=accepted.service_id,
            thousandths=round(accepted.inclusion_probability * 1000),
        )
        assert drawn.selected == (accepted.verdict is Verdict.SELECTED)


async def test_the_same_document_twice_is_one_row_and_one_callback(scheduler: ServiceUnderTest) -> None:
    document = a_completion()
    await scheduler.receive(document, document)
    await scheduler.receive(a_completion(**document.model_dump(exclude={"attributes"})))
    await scheduler.tick()
    assert len(await scheduler.sent(ServiceAccepted)) == 1
    assert len(await scheduler.sent(CallbackDue)) == 1
    assert (await scheduler.query("SELECT duplicates, corrections FROM completion"))[0]["corrections"] == 0


async def test_context_and_contact_ride_sealed_and_open_with_the_vault(scheduler: ServiceUnderTest) -> None:
    await scheduler.receive(a_completion(product="JSQ30-A", handler={"id": "E-77", "team": "华东一组"}))
    await scheduler.tick()
    (due,) = await scheduler.sent(CallbackDue)
    ref = due.customer_ref
    keys = await scheduler.runtime.vault.keyring(contact=[ref], facts=["2026-10"], text=[ref])
    contact = ContactData.model_validate(keys.open(ref, "contact", due.contact))
    context = ServiceContext.model_validate(keys.open(ref, "context", due.context))
    assert contact.phone is not None and contact.phone.startswith("+86138")
    assert (context.product, context.handler.team) == ("JSQ30-A", "华东一组")


@pytest.mark.parametrize(
    ("fields", "verdict", "reason"),
    [
        ({"scenario": "no_such"}, Verdict.REJECTED, "unknown_scenario"),
        ({"completed_at": NOW + timedelta(days=1)}, Verdict.REJECTED, "completed_in_future"),
        ({"completed_at": NOW - timedelta(days=40)}, Verdict.OUT_OF_FRAME, "older_than_look_back"),
        ({"customer": {"timezone": "Mars/Olympus"}}, Verdict.REJECTED, "unknown_zone"),
        ({"handled_at": NOW + timedelta(days=1)}, Verdict.REJECTED, "handled_in_future"),
        ({"handled_at": NOW - timedelta(days=32)}, Verdict.REJECTED, "handled_far_from_completed"),
        ({"completed_at": datetime(9999, 12, 31, 23, tzinfo=UTC)}, Verdict.REJECTED, "completed_in_future"),
        ({"completed_at": datetime(1, 1, 1, tzinfo=UTC)}, Verdict.OUT_OF_FRAME, "older_than_look_back"),
    ],
)
async def test_a_faulty_document_is_a_row_with_its_reason(
    scheduler: ServiceUnderTest, fields: dict[str, object], verdict: Verdict, reason: str
) -> None:
    await scheduler.receive(a_completion(**fields))
    await scheduler.tick()
    (accepted,) = await scheduler.sent(ServiceAccepted)
    assert (accepted.verdict, accepted.reason) == (verdict, reason)
    assert await scheduler.sent(SamplingPeriodOpened) == []
    assert await scheduler.sent(CallbackDue) == []


async def test_a_customer_without_any_contact_is_in_the_frame_and_ends_as_no_contact_data(
    scheduler: ServiceUnderTest,
) -> None:
    await scheduler.receive(a_completion(customer={"phone": "not a number"}))
    (accepted,) = await scheduler.sent(ServiceAccepted)
    (closed,) = await scheduler.sent(CallbackClosed)
    assert accepted.verdict is Verdict.SELECTED
    assert closed.explanation is Explanation.NO_CONTACT_DATA


async def test_a_corrected_number_calls_the_released_permit_back(scheduler: ServiceUnderTest) -> None:
    document = a_completion()
    await scheduler.receive(document)
    await scheduler.tick()
    other = document.customer.model_copy(update={"phone": "13900139000"})
    await scheduler.receive(document.model_copy(update={"customer": other}))
    (cancelled,) = await scheduler.sent(CallbackCancelled)
    assert cancelled.reason == "corrected"
    assert len(await scheduler.sent(ServiceAccepted)) == 1


async def test_a_late_redelivery_of_the_first_body_does_not_undo_its_correction(scheduler: ServiceUnderTest) -> None:
    document = a_completion()
    other = document.customer.model_copy(update={"phone": "13900139000"})
    await scheduler.receive(document)
    await scheduler.receive(document.model_copy(update={"customer": other}))
    await scheduler.receive(document.model_copy())
    (row,) = await scheduler.query("SELECT corrections, duplicates, phone_index FROM completion")
    assert (row["corrections"], row["duplicates"]) == (1, 1)
    assert row["phone_index"] == scheduler.runtime.vault.phone_index("+8613900139000")
