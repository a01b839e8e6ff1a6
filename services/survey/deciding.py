"""What a supervisor decides about a record: it stays, or it goes out of the figures with a reason."""

from enum import StrEnum

from chassis.access import audit
from chassis.access.person import Person
from chassis.runtime import Runtime
from services.survey import voiding
from services.survey.store import quality
from services.survey.store.quality import Flagged


class VoidReason(StrEnum):
    """Rides in an event and in figures: words of its own, never free text."""

    CARELESS = "careless"
    IMPOSSIBLE = "impossible"
    WRONG_PERSON = "wrong_person"
    TEST = "test"
    WITHDRAWN = "withdrawn_by_customer"
    MISTAKE = "entered_by_mistake"


class UnknownRecord(Exception):
    """There is no such response, or nothing of it was told yet."""


class AlreadyVoided(Exception):
    """A voided record stays voided."""


async def keep(runtime: Runtime, person: Person, response_id: str) -> None:
    """Its open flags are settled; may be said again. Raises `UnknownRecord`, `AlreadyVoided`."""
    found = await _standing(runtime, response_id)
    async with runtime.transaction(customers=[found.customer_ref]) as tx:
        await quality.decide(tx.connection, [response_id], decision="kept", by=person.login, now=tx.now)
        await audit.record(tx.connection, person, action="record-kept", subject=f"response:{response_id}")


async def void(runtime: Runtime, person: Person, response_id: str, reason: VoidReason) -> None:
    """Out of the figures for good, told as `response-voided`. Raises `UnknownRecord`, `AlreadyVoided`."""
    found = await _standing(runtime, response_id)
    async with runtime.transaction(customers=[found.customer_ref]) as tx:
        if not await voiding.void(tx, [(response_id, reason)], by=person.login):
            raise AlreadyVoided(response_id)
        await audit.record(
            tx.connection, person, action="record-voided", subject=f"response:{response_id}", reason=reason
        )


async def _standing(runtime: Runtime, response_id: str) -> Flagged:
    async with runtime.reading() as connection:
        found = await quality.one(connection, response_id)
    if found is None:
        raise UnknownRecord(response_id)
    if found.voided_at is not None:
        raise AlreadyVoided(response_id)
    return found
