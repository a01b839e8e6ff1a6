"""Registrations and acts: the absences they begin and end; customers who are cared for again and again."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from chassis.runtime import Received
from chassis.transaction import Transaction
from contracts.events.intake import CustomerActed, CustomerRegistered, IntakeEvent
from contracts.vocabulary import Explanation
from services.scheduler import absences, intake
from services.scheduler.absences import Absence
from services.scheduler.course import Step
from services.scheduler.handlers.arrival import Arrival
from services.scheduler.handlers.following import follow
from services.scheduler.handlers.in_force import rules_in_force
from services.scheduler.rules import Rules
from services.scheduler.store import absences as store
from services.scheduler.store import callbacks, documents


async def customers_registered(tx: Transaction, received: Sequence[Received]) -> None:
    """A registration is waited upon; acts that were told before it count."""
    rules = await rules_in_force(tx)
    told = [(ref, event) for ref, event in _told(received) if isinstance(event, CustomerRegistered)]
    await documents.keep(tx.connection, [(ref, "registered", intake.bounded(e.at), "") for ref, e in told])
    await _keep_profiles(tx, [(ref, event, intake.bounded(event.at)) for ref, event in told])
    await _wait(tx, rules, told)
    acts = await store.newest_acts(tx.connection, [ref for ref, _ in told])
    await _acted(tx, rules, list(acts.items()))


async def customers_acted(tx: Transaction, received: Sequence[Received]) -> None:
    """An act ends the wait for one and begins the next silence; a late one withdraws what was not needed."""
    rules = await rules_in_force(tx)
    told = [(ref, event) for ref, event in _told(received) if isinstance(event, CustomerActed)]
    await documents.keep(
        tx.connection, [(ref, "acted", intake.bounded(e.at), e.act.replace("\x00", "")) for ref, e in told]
    )
    await _keep_profiles(tx, [(ref, event, intake.bounded(event.at)) for ref, event in told])
    newest: dict[str, datetime] = {}
    for ref, event in told:
        newest[ref] = max(newest.get(ref, intake.bounded(event.at)), intake.bounded(event.at))
    await _acted(tx, rules, list(newest.items()))
    silences = [absence for ref, at in newest.items() for absence in absences.after_act(rules.policies, ref, at)]
    await store.wait_once(tx.connection, silences)


async def care_for(tx: Transaction, rules: Rules, arrivals: Iterable[Arrival]) -> None:
    """Customers of a certainty level are cared for from their first service on."""
    cared: dict[str, Absence] = {}
    told: dict[str, tuple[str, IntakeEvent, datetime]] = {}
    for arrival in arrivals:
        level, at = arrival.document.customer.level, arrival.clocks.completed_at
        for absence in absences.again_and_again(rules.policies, arrival.customer_ref, level, at):
            cared.setdefault(arrival.customer_ref, absence)
            told[arrival.customer_ref] = (arrival.customer_ref, arrival.document, at)
    if cared:
        await _keep_profiles(tx, list(told.values()))
        await store.wait_once(tx.connection, list(cared.values()))


async def _wait(tx: Transaction, rules: Rules, told: Sequence[tuple[str, CustomerRegistered]]) -> None:
    waits: list[Absence] = []
    cared: dict[str, Absence] = {}
    for ref, event in told:
        at = intake.bounded(event.at)
        waits += absences.after_registration(rules.policies, ref, at)
        for absence in absences.again_and_again(rules.policies, ref, event.customer.level, at):
            cared.setdefault(ref, absence)
    await store.wait(tx.connection, waits)
    await store.wait_once(tx.connection, list(cared.values()))


async def _acted(tx: Transaction, rules: Rules, acts: Sequence[tuple[str, datetime]]) -> None:
    needless = await store.end_by_acts(tx.connection, acts)
    if not needless:
        return
    open_ones = await callbacks.open_of_customers(tx.connection, [ref for ref, _ in acts])
    withdrawn = [
        (callback, Step(explanation=Explanation.WITHDRAWN))
        for found in open_ones.values()
        for callback in found
        if callback.service_id in needless
    ]
    await follow(tx, rules, withdrawn)


async def _keep_profiles(tx: Transaction, told: Sequence[tuple[str, IntakeEvent, datetime]]) -> None:
    """The newest telling of each customer."""
    newest: dict[str, tuple[IntakeEvent, datetime]] = {}
    for ref, event, at in told:
        if ref not in newest or newest[ref][1] <= at:
            newest[ref] = (event, at)
    keys = await tx.vault.keyring(contact=newest)
    rows = [
        (ref, event.source, keys.seal_contact(ref, "profile", event.customer.model_dump(mode="json")), at)
        for ref, (event, at) in sorted(newest.items())
    ]
    await store.keep_profiles(tx.connection, rows)


def _told(received: Sequence[Received]) -> list[tuple[str, IntakeEvent]]:
    return [(one.customer_ref, one.event) for one in received if one.customer_ref]
