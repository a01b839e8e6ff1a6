"""Programs that break a rule of delivery, really run: the ledger sees what they did."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from faststream.kafka import KafkaMessage

from chassis import bus, relay
from chassis.testing.infra import Infra
from contracts.events.scheduler import ContactSuppressed
from contracts.vocabulary import BlindIndex, CustomerRef, SuppressionScope, SuppressionState
from launcher.verify import verify
from tests.integration.launcher.verify.world import NOW, World, as_owner, by_name, document, fresh, red, running

TOPIC = "service-accepted"


def a_suppression(customer: str) -> ContactSuppressed:
    return ContactSuppressed(
        customer_ref=CustomerRef(customer),
        phone_index=BlindIndex(f"index-of-{customer}"),
        scope=SuppressionScope.ALL,
        state=SuppressionState.LIFTED,
        sequence=1,
        since=NOW,
    )


async def test_offsets_committed_before_the_transaction_lose_what_was_in_hand(
    infra: Infra, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, receive = await fresh(infra), bus.Subscriber._receive

    async def committed_first(subscriber: Any, message: KafkaMessage) -> None:
        if subscriber._runtime.name == "tagging":
            await subscriber._commit(message.raw_message)  # and then the process dies
        else:
            await receive(subscriber, message)

    monkeypatch.setattr(bus.Subscriber, "_receive", committed_first)
    async with running(settings) as world:
        await world.tell(document(1, email="one@example.com"))
        await world.stepper.idle()
        verdict = await verify(settings)
    assert red(verdict) == {f"hop {TOPIC}": {"lost": 1}}, verdict.defects
    (defect,) = verdict.defects
    assert (defect.service, defect.place) == ("tagging", TOPIC)


async def test_a_relay_that_reads_past_running_transactions_skips_a_row(
    infra: Infra, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = await fresh(infra)
    monkeypatch.setattr(relay, "_NEXT", relay._NEXT.replace("AND xid < pg_snapshot_xmin(pg_current_snapshot())", ""))
    async with running(settings) as world:
        runtime = world.hosts["scheduler"].runtime
        async with runtime.transaction(customers=["slow"]) as slow:
            slow.emit(a_suppression("slow"))
            await slow.flush()
            async with runtime.transaction(customers=["quick"]) as quick:
                quick.emit(a_suppression("quick"))
            await _sent(world, 1)
        await world.stepper.idle()
        verdict = await verify(settings)
    assert red(verdict) == {"hop contact-suppressed": {"lost": 1}}, verdict.defects
    assert "behind the relay's cursor" in verdict.defects[0].sentence


async def test_a_relay_that_turns_a_customers_rows_around_is_seen(
    infra: Infra, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, send = await fresh(infra), relay.Relay._send

    async def backwards(self: Any, rows: Sequence[Any]) -> dict[int, str | None]:
        return await send(self, rows[::-1])

    monkeypatch.setattr(relay.Relay, "_send", backwards)
    async with running(settings) as world:
        async with world.hosts["scheduler"].runtime.transaction(customers=["same"]) as tx:
            tx.emit(a_suppression("same"))
            tx.emit(a_suppression("same").model_copy(update={"sequence": 2}))
        await world.stepper.idle()
        verdict = await verify(settings)
    assert red(verdict) == {"hop contact-suppressed": {"wrong": 2}}, verdict.defects


async def test_everything_sent_again_is_counted_and_harmless(infra: Infra) -> None:
    settings = await fresh(infra)
    async with running(settings) as world:
        await world.tell(document(1, email="one@example.com"))
        await world.stepper.idle()
    await _send_again(settings)
    async with running(settings) as world:
        await world.stepper.idle()
        verdict = await verify(settings)
    assert verdict.clean, verdict.defects
    assert by_name(verdict)[f"hop {TOPIC}"].duplicates == 1


async def test_without_the_unique_keys_an_event_sent_again_takes_effect_twice(infra: Infra) -> None:
    settings = await fresh(infra)
    async with running(settings) as world:
        await world.tell(document(1) | {"scenario": "unheard of"})  # told once, and nothing follows
        await world.stepper.idle()
    await as_owner(
        settings,
        "ALTER TABLE survey.inbox DROP CONSTRAINT inbox_pkey; "
        "ALTER TABLE survey.completion DROP CONSTRAINT completion_pkey; "
        "ALTER TABLE survey.completion DROP CONSTRAINT completion_source_service_id_key",
    )
    await _send_again(settings)
    async with running(settings) as world:
        await world.stepper.idle()
        verdict = await verify(settings)
    assert red(verdict) == {f"hop {TOPIC}": {"twice": 1}, f"stage {TOPIC}": {"twice": 1}}, verdict.defects


async def _sent(world: World, number: int) -> None:
    relayed = world.hosts["scheduler"].relay
    for _ in range(3000):
        if relayed is not None and sum(relayed.written.values()) >= number:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the relay sent nothing")


async def _send_again(settings: Any) -> None:
    """As after a crash between the acknowledgements and the cursor."""
    await as_owner(settings, "UPDATE scheduler.outbox_cursor SET xid = '0', position = 0")
