"""The recording of a contact by HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from chassis.access.person import Person
from chassis.access.roles import Role
from chassis.web.i18n import gettext as _
from chassis.web.pages import runtime_of, signed_in
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, roles
from services.survey import recordings
from services.survey.recordings import NoContact, NoRecording, NotTold

ACCESS = roles(Role.SUPERVISOR, Role.ADMIN)
PLACE = r"^(https|s3|file)://\S+$"
Me = Annotated[Person, Depends(signed_in)]
Number = Annotated[int, Path(ge=1, le=100_000)]
router = GuardedRouter(prefix="/callbacks/{callback_id}/contacts/{permit_no}/recording", tags=["recordings"])


class RecordingIn(BaseModel):
    """`notice_given`: the customer was told before the recording began. `keep_days`: less than the house keeps."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, Field(max_length=500, pattern=PLACE)]
    notice_given: bool
    keep_days: Annotated[int, Field(ge=1, le=3650)] | None = None


class RecordingOut(BaseModel):
    """`url` is None once the customer was erased."""

    model_config = ConfigDict(from_attributes=True)

    url: str | None
    keep_until: datetime
    linked_by: str
    linked_at: datetime


class Reveal(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=3, max_length=200)]


@router.put("", access=ACCESS, status_code=204)
async def link(request: Request, person: Me, callback_id: str, permit_no: Number, said: RecordingIn) -> None:
    """In the place of an earlier one. Refused without a notice, and for a contact that never was."""
    with faults():
        await recordings.link(
            runtime_of(request), person, callback_id, permit_no,
            url=said.url, told=said.notice_given, keep_days=said.keep_days,
        )  # fmt: skip


@router.post("/reveal", access=ACCESS)
async def reveal(request: Request, person: Me, callback_id: str, permit_no: Number, said: Reveal) -> RecordingOut:
    """Where it lies, for a reason that is audited."""
    with faults():
        found = await recordings.reveal(runtime_of(request), person, callback_id, permit_no, said.reason)
    return RecordingOut.model_validate(found)


@router.delete("", access=ACCESS, status_code=204)
async def remove(request: Request, person: Me, callback_id: str, permit_no: Number) -> None:
    """The link goes; the file itself belongs to whoever made it."""
    with faults():
        await recordings.remove(runtime_of(request), person, callback_id, permit_no)


@contextmanager
def faults() -> Iterator[None]:
    try:
        yield
    except NotTold:
        rule = "a recording of which the customer was not told is not kept"
        raise Problem(
            422, _("没有告知客户的录音不能保存"), rule, errors=[{"field": "notice_given", "rule": rule}]
        ) from None
    except NoContact:
        raise Problem(404, _("没有这次联系")) from None
    except NoRecording:
        raise Problem(404, _("没有这段录音")) from None
