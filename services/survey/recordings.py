"""The recording of a contact: linked when the customer was told, shown for a reason, gone when its time is over.

It is the address of a file in another system, or the sound itself where an exchange recorded it.
"""

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from chassis.access import audit
from chassis.access.person import Person
from chassis.runtime import Loop, Runtime
from chassis.vault import ERASED
from services.survey.audio.a_law import as_wav
from services.survey.permits import PermitState
from services.survey.store import call_recordings, permits, recordings
from services.survey.store.call_recordings import SOUND
from services.survey.store.recordings import Recording

BATCH = 500
_FIELD = "recording"
_REACHED = (PermitState.DIALLED, PermitState.CLOSED)


class NoContact(Exception):
    """Nobody was contacted by this permit."""


class NotTold(Exception):
    """A recording of which the customer was not told is not kept."""


class NoRecording(Exception):
    """There is none (any more)."""


@dataclass(frozen=True)
class Place:
    """Where a recording lies; `url` is None once the customer was erased."""

    url: str | None
    keep_until: datetime
    linked_by: str
    linked_at: datetime


async def link(
    runtime: Runtime,
    person: Person,
    callback_id: str,
    permit_no: int,
    *,
    url: str,
    told: bool,
    keep_days: int | None = None,
) -> None:
    """In the place of an earlier one; kept no longer than the house keeps. Raises `NotTold`, `NoContact`."""
    if not told:
        raise NotTold
    ref = await demand_contact(runtime, callback_id, permit_no)
    async with runtime.transaction(customers=[ref]) as tx:
        keys = await tx.vault.keyring(text=[ref])
        most = tx.settings.recording_days
        until = tx.now + timedelta(days=min(keep_days or most, most))
        sealed = keys.seal_text(ref, _FIELD, url)
        await recordings.put(tx.connection, Recording(callback_id, permit_no, ref, sealed, until, person.login, tx.now))
        await audit.record(tx.connection, person, action="recording-linked", subject=_subject(callback_id, permit_no))


async def reveal(runtime: Runtime, person: Person, callback_id: str, permit_no: int, reason: str) -> Place:
    """Audited with the reason. Raises `NoRecording`."""
    async with runtime.transaction() as tx:
        found = await recordings.of_contact(tx.connection, callback_id, permit_no)
        if found is None or found.keep_until <= tx.now:
            raise NoRecording
        await audit.record(
            tx.connection, person, action="revealed", subject=_subject(callback_id, permit_no), reason=reason
        )
    keys = await runtime.vault.keyring(text=[found.customer_ref])
    url = keys.open(found.customer_ref, _FIELD, found.sealed)
    return Place(None if url is ERASED else str(url), found.keep_until, found.linked_by, found.linked_at)


async def remove(runtime: Runtime, person: Person, callback_id: str, permit_no: int) -> None:
    """The link goes; the file itself belongs to whoever made it. Raises `NoRecording`."""
    async with runtime.transaction() as tx:
        if not await recordings.remove(tx.connection, callback_id, permit_no):
            raise NoRecording
        await audit.record(tx.connection, person, action="recording-removed", subject=_subject(callback_id, permit_no))


async def hear(runtime: Runtime, person: Person, callback_id: str, permit_no: int, reason: str) -> bytes:
    """The sound as a WAV; every time it is handed out is audited with the reason. Raises `NoRecording`."""
    async with runtime.transaction() as tx:
        found = await call_recordings.of_contact(tx.connection, (callback_id, permit_no))
        if found is None or found.keep_until <= tx.now:
            raise NoRecording
        await audit.record(
            tx.connection, person, action="recording-heard", subject=_subject(callback_id, permit_no), reason=reason
        )
    keys = await runtime.vault.keyring(text=[found.customer_ref])
    sound = keys.open(found.customer_ref, SOUND, found.sealed)
    if sound is ERASED:
        raise NoRecording
    return as_wav(base64.b64decode(sound))


async def destroy(runtime: Runtime, person: Person, callback_id: str, permit_no: int) -> None:
    """The sound, for good. Raises `NoRecording`."""
    async with runtime.transaction() as tx:
        if not await call_recordings.destroy(tx.connection, (callback_id, permit_no)):
            raise NoRecording
        await audit.record(tx.connection, person, action="recording-removed", subject=_subject(callback_id, permit_no))


async def demand_contact(runtime: Runtime, callback_id: str, permit_no: int) -> str:
    """The customer of a contact that was made. Raises `NoContact`."""
    async with runtime.reading() as connection:
        permit = await permits.permit_of(connection, callback_id, permit_no)
    if permit is None or permit.state not in _REACHED:
        raise NoContact
    return permit.callback.customer_ref


async def remove_over(runtime: Runtime) -> int:
    """Links and sounds whose time is over."""
    now = await runtime.now()
    async with runtime.reading() as connection:
        links = await recordings.remove_over(connection, now, BATCH)
        return links + await call_recordings.remove_over(connection, now, BATCH)


async def next_over(connection: asyncpg.Connection) -> datetime | None:
    times = [await recordings.next_over(connection), await call_recordings.next_over(connection)]
    return min((at for at in times if at is not None), default=None)


def _subject(callback_id: str, permit_no: int) -> str:
    return f"contact:{callback_id}/{permit_no}"


LOOPS = (Loop("recordings-over", remove_over, timedelta(minutes=1), next_over),)
