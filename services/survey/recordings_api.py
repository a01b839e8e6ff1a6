"""The recording of a contact by HTTP: linked only when the customer was told, gone when its time is over."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from chassis.access import audit
from chassis.access.person import Person
from chassis.access.roles import Role
from chassis.runtime import Loop, Runtime
from chassis.vault import ERASED
from chassis.web.i18n import gettext as _
from chassis.web.pages import runtime_of, signed_in
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, roles
from services.survey.permits import PermitState
from services.survey.store import permits, recordings
from services.survey.store.recordings import Recording

ACCESS = roles(Role.SUPERVISOR, Role.ADMIN)
BATCH = 500
_FIELD = "recording"
_REACHED = (PermitState.DIALLED, PermitState.CLOSED)
Me = Annotated[Person, Depends(signed_in)]
router = GuardedRouter(prefix="/callbacks/{callback_id}/contacts/{permit_no}/recording", tags=["recordings"])


class RecordingIn(BaseModel):
    """`notice_given`: the customer was told before the recording began. `keep_days`: less than the house keeps."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, Field(max_length=500, pattern=r"^(https|s3|file)://\S+$")]
    notice_given: bool
    keep_days: Annotated[int, Field(ge=1, le=3650)] | None = None


class RecordingOut(BaseModel):
    """`url` is None once the customer was erased."""

    url: str | None
    keep_until: datetime
    linked_by: str
    linked_at: datetime


class Reveal(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=3, max_length=200)]


@router.put("", access=ACCESS, status_code=204)
async def link(request: Request, person: Me, callback_id: str, permit_no: int, said: RecordingIn) -> None:
    """In the place of an earlier one. Refused without a notice, and for a contact that never was."""
    if not said.notice_given:
        rule = "a recording of which the customer was not told is not kept"
        raise Problem(422, _("没有告知客户的录音不能保存"), rule, errors=[{"field": "notice_given", "rule": rule}])
    runtime = runtime_of(request)
    async with runtime.reading() as connection:
        permit = await permits.permit_of(connection, callback_id, permit_no)
    if permit is None or permit.state not in _REACHED:
        raise Problem(404, _("没有这次联系"))
    ref = permit.callback.customer_ref
    async with runtime.transaction(customers=[ref]) as tx:
        keys = await tx.vault.keyring(text=[ref])
        most = tx.settings.recording_days
        kept = timedelta(days=min(said.keep_days or most, most))
        sealed = keys.seal_text(ref, _FIELD, said.url)
        await recordings.put(
            tx.connection, Recording(callback_id, permit_no, ref, sealed, tx.now + kept, person.login, tx.now)
        )
        await audit.record(tx.connection, person, action="recording-linked", subject=_subject(callback_id, permit_no))


@router.post("/reveal", access=ACCESS)
async def reveal(request: Request, person: Me, callback_id: str, permit_no: int, said: Reveal) -> RecordingOut:
    """Where it lies, for a reason that is audited."""
    runtime = runtime_of(request)
    async with runtime.transaction() as tx:
        found = await recordings.of_contact(tx.connection, callback_id, permit_no)
        if found is None or found.keep_until <= tx.now:
            raise Problem(404, _("没有这段录音"))
        await audit.record(
            tx.connection, person, action="revealed", subject=_subject(callback_id, permit_no), reason=said.reason
        )
    keys = await runtime.vault.keyring(text=[found.customer_ref])
    url = keys.open(found.customer_ref, _FIELD, found.sealed)
    return RecordingOut(
        url=None if url is ERASED else str(url), keep_until=found.keep_until, linked_by=found.linked_by,
        linked_at=found.linked_at,
    )  # fmt: skip


@router.delete("", access=ACCESS, status_code=204)
async def remove(request: Request, person: Me, callback_id: str, permit_no: int) -> None:
    """The link goes; the file itself belongs to whoever made it."""
    async with runtime_of(request).transaction() as tx:
        if not await recordings.remove(tx.connection, callback_id, permit_no):
            raise Problem(404, _("没有这段录音"))
        await audit.record(tx.connection, person, action="recording-removed", subject=_subject(callback_id, permit_no))


async def remove_over(runtime: Runtime) -> int:
    """Links whose time is over."""
    now = await runtime.now()
    async with runtime.reading() as connection:
        return await recordings.remove_over(connection, now, BATCH)


def _subject(callback_id: str, permit_no: int) -> str:
    return f"contact:{callback_id}/{permit_no}"


LOOPS = (Loop("recordings-over", remove_over, timedelta(minutes=1), recordings.next_over),)
