from datetime import timedelta
from typing import Any

from chassis.runtime import open_runtime
from chassis.testing.harness import ServiceUnderTest
from contracts.events.intake import CustomerActed, CustomerRegistered
from contracts.events.scheduler import CallbackCancelled, CallbackClosed, CallbackDue, ServiceAccepted
from contracts.vocabulary import Explanation, Scenario
from services.scheduler.app import SERVICE
from services.scheduler.timers.absent import call_the_absent
from tests.integration.scheduler.builders import NOW, a_completion

DAY = timedelta(days=1)
CUSTOMER = {"customer_id": "C-new", "name": "客户乙", "phone": "13700138001", "registration_channel": "小程序"}


def registered(**fields: Any) -> CustomerRegistered:
    customer = {**CUSTOMER, **fields.pop("customer", {})}
    return CustomerRegistered.model_validate({"source": "crm-east", "customer": customer, "at": NOW, **fields})


def acted(at: Any, **customer: Any) -> CustomerActed:
    return CustomerActed.model_validate(
        {"source": "crm-east", "customer": {**CUSTOMER, **customer}, "at": at, "act": "first_login"}
    )


async def accepted(scheduler: ServiceUnderTest) -> list[str]:
    return [one.service_id for one in await scheduler.sent(ServiceAccepted)]


async def test_a_registration_without_a_first_act_within_three_days_becomes_a_callback(
    scheduler: ServiceUnderTest,
) -> None:
    await scheduler.receive(registered())
    await scheduler.run_until(NOW + 3 * DAY - timedelta(minutes=1))
    assert await accepted(scheduler) == []
    await scheduler.run_until(NOW + 4 * DAY)
    (told,) = await scheduler.sent(ServiceAccepted)
    assert (told.service_id, told.scenario) == ("activation:C-new:2026-10-17", Scenario.ACTIVATION)
    assert told.completed_at == NOW + 3 * DAY
    (row,) = await scheduler.query("SELECT road, counted_from FROM completion")
    assert (row["road"], row["counted_from"]) == ("timer", NOW)


async def test_the_wait_survives_a_restart(scheduler: ServiceUnderTest) -> None:
    await scheduler.receive(registered())
    await scheduler.step_to(NOW + 3 * DAY)
    anew = await open_runtime(SERVICE, scheduler.settings)
    try:
        assert await call_the_absent(anew) == 1
        assert await call_the_absent(anew) == 0
    finally:
        await anew.close()
    assert await accepted(scheduler) == ["activation:C-new:2026-10-17"]


async def test_a_first_act_in_time_ends_the_wait_in_whichever_order_it_is_told(scheduler: ServiceUnderTest) -> None:
    await scheduler.receive(registered(), acted(NOW + DAY))
    early = {"customer_id": "C-other", "phone": "13700138002"}
    await scheduler.receive(acted(NOW + DAY, **early))
    await scheduler.receive(registered(customer=early))
    await scheduler.run_until(NOW + 5 * DAY)
    assert await accepted(scheduler) == []


async def test_an_act_before_the_registration_is_no_first_act(scheduler: ServiceUnderTest) -> None:
    await scheduler.receive(acted(NOW - DAY), registered())
    await scheduler.run_until(NOW + 4 * DAY)
    assert await accepted(scheduler) == ["activation:C-new:2026-10-17"]


async def test_an_act_told_late_withdraws_what_was_begun(scheduler: ServiceUnderTest) -> None:
    await scheduler.receive(registered())
    await scheduler.run_until(NOW + 3 * DAY)
    await scheduler.receive(acted(NOW + 2 * DAY))
    await scheduler.run_until(NOW + 9 * DAY)
    (closed,) = await scheduler.sent(CallbackClosed)
    assert closed.explanation is Explanation.WITHDRAWN
    assert len(await scheduler.sent(CallbackDue)) == len(await scheduler.sent(CallbackCancelled))


async def test_a_registration_told_twice_starts_one_callback(scheduler: ServiceUnderTest) -> None:
    await scheduler.receive(registered(), registered())
    await scheduler.receive(registered())
    await scheduler.run_until(NOW + 5 * DAY)
    assert len(await accepted(scheduler)) == 1


async def test_a_customer_who_was_not_heard_of_for_sixty_days_is_cared_for_once(scheduler: ServiceUnderTest) -> None:
    await scheduler.receive(registered(), acted(NOW + DAY))
    await scheduler.receive(acted(NOW + 2 * DAY))
    await scheduler.run_until(NOW + 61 * DAY)
    assert await accepted(scheduler) == []
    await scheduler.run_until(NOW + 130 * DAY)
    assert await accepted(scheduler) == ["care:C-new:2026-12-15"]


async def test_a_vip_is_cared_for_every_ninety_days(scheduler: ServiceUnderTest) -> None:
    vip = a_completion(customer={"level": "VIP2", "customer_id": "C-vip"})
    await scheduler.receive(vip, a_completion(customer={"level": "普通"}))
    await scheduler.run_until(vip.completed_at + 181 * DAY)
    cared = [one for one in await accepted(scheduler) if one.startswith("care:")]
    assert cared == ["care:C-vip:2027-01-12", "care:C-vip:2027-04-12"]


async def test_a_customer_whose_data_were_destroyed_is_not_waited_for(scheduler: ServiceUnderTest) -> None:
    await scheduler.receive(registered())
    (row,) = await scheduler.query("SELECT customer_ref FROM customer_profile")
    await scheduler.runtime.vault.erase(row["customer_ref"])
    await scheduler.run_until(NOW + 5 * DAY)
    assert await accepted(scheduler) == []
    assert [r["state"] for r in await scheduler.query("SELECT state FROM absence WHERE kind = 'no_act'")] == ["ended"]


async def test_what_is_kept_of_a_customer_is_sealed(scheduler: ServiceUnderTest) -> None:
    await scheduler.receive(registered())
    (row,) = await scheduler.query("SELECT profile FROM customer_profile")
    assert "客户乙" not in row["profile"] and "13700138001" not in row["profile"]
