"""The one intake door: a service-completed document from Kafka or HTTP becomes a row of the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.errors import InvalidEvent
from chassis.runtime import Received, Runtime
from chassis.transaction import Transaction
from contracts.events.intake import IntakeEvent, ServiceCompleted
from services.scheduler import intake
from services.scheduler.handlers import corrections, drawing, watching
from services.scheduler.handlers.arrival import Arrival, Road
from services.scheduler.handlers.in_force import rules_in_force
from services.scheduler.handlers.waves import waves
from services.scheduler.rules import Rules
from services.scheduler.sampling import period_of
from services.scheduler.store import ledger

DUPLICATE, CORRECTED = "duplicate", "corrected"


@dataclass(frozen=True)
class Outcome:
    """What became of one document: a verdict of the ledger, `duplicate` or `corrected`."""

    verdict: str
    reason: str | None = None


async def resolve_customers(runtime: Runtime, documents: Sequence[IntakeEvent]) -> list[str]:
    """The customer_ref of each document, made where it is new."""
    return await runtime.vault.customer_refs([(d.source, d.customer.customer_id) for d in documents])


async def receive(tx: Transaction, received: Sequence[Received]) -> None:
    await accept(tx, received, road="kafka")


async def accept(tx: Transaction, received: Sequence[Received], *, road: Road) -> list[Outcome]:
    """The outcome of each document, in their order. The same document again changes nothing, by whichever road."""
    rules = await rules_in_force(tx)
    arrivals = [_arrival(tx, rules, number, one, road) for number, one in enumerate(received)]
    outcomes: dict[int, Outcome] = {}
    for wave in waves(arrivals, lambda arrival: arrival.key):
        outcomes |= await _accept_distinct(tx, rules, wave)
    return [outcomes[number] for number in range(len(received))]


async def _accept_distinct(tx: Transaction, rules: Rules, arrivals: Sequence[Arrival]) -> dict[int, Outcome]:
    """As `accept`, for documents of different completions."""
    keys = await tx.vault.keyring(
        contact={a.customer_ref for a in arrivals},
        text={a.customer_ref for a in arrivals},
        facts={a.period for a in arrivals},
    )
    known = await ledger.known(tx.connection, [a.key for a in arrivals])
    rows = await drawing.first_told(tx, rules, keys, [a for a in arrivals if a.key not in known])
    await watching.care_for(tx, rules, [a for a in arrivals if a.number in rows])
    outcomes = {number: Outcome(row.verdict, row.reason) for number, row in rows.items()}
    again = [a for a in arrivals if a.number not in outcomes]
    if not again:
        return outcomes
    # told by another transaction between our look and our insert: now it can be seen
    known |= await ledger.known(tx.connection, [a.key for a in again if a.key not in known])
    changed = await ledger.remember_documents(
        tx.connection, [(known[a.key].completion_ref, a.digest) for a in again], tx.now
    )
    corrected = [a for a in again if (known[a.key].completion_ref, a.digest) in changed]
    await ledger.count_duplicates(tx.connection, [known[a.key].completion_ref for a in again if a not in corrected])
    await corrections.correct(tx, rules, keys, [(a, known[a.key]) for a in corrected])
    return outcomes | {a.number: Outcome(CORRECTED if a in corrected else DUPLICATE) for a in again}


def _arrival(tx: Transaction, rules: Rules, number: int, one: Received, road: Road) -> Arrival:
    document: ServiceCompleted = one.event
    if "\x00" in document.service_id:
        raise InvalidEvent(one.event_id, "service_id", "holds a NUL character")
    if one.customer_ref is None:
        raise InvalidEvent(one.event_id, "customer.customer_id", "names no customer")
    reach = intake.reach(document, rules.operator_zone)
    phone, email = reach.contact.phone, reach.contact.email
    return Arrival(
        number=number,
        document=document,
        customer_ref=one.customer_ref,
        period=period_of(intake.bounded(document.completed_at), rules.operator_zone),
        reach=reach,
        phone_index=tx.vault.phone_index(phone) if phone else None,
        email_index=tx.vault.email_index(email) if email else None,
        digest=intake.digest(document),
        received_at=one.time,
        road=road,
    )
