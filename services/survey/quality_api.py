"""Record quality by HTTP: flagged and voided records, and what is decided about them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Depends, Query, Request
from pydantic import BaseModel, ConfigDict

from chassis.access.person import Person
from chassis.access.roles import Role
from chassis.web.i18n import gettext as _
from chassis.web.pages import runtime_of, signed_in
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, roles
from services.survey import deciding
from services.survey.deciding import AlreadyVoided, UnknownRecord, VoidReason
from services.survey.store import quality
from services.survey.store.quality import Flagged

DECIDERS = roles(Role.SUPERVISOR)
MOST = 200
router = GuardedRouter(prefix="/quality", tags=["quality"])


class FlagOut(BaseModel):
    code: str
    evidence: str


class RecordOut(BaseModel):
    response_id: str
    source: str
    service_id: str
    scenario: str
    channel: str
    agent: str | None
    status: str
    revision: int
    recorded_at: datetime
    in_design: bool
    flags: list[FlagOut]
    voided_at: datetime | None
    void_reason: str | None
    voided_by: str | None


class QualityOut(BaseModel):
    """`waiting`: records with flags that nobody has decided on."""

    waiting: int
    voided: int
    records: list[RecordOut]


class Keep(BaseModel):
    model_config = ConfigDict(extra="forbid")

    decision: Literal["keep"]


class Void(BaseModel):
    model_config = ConfigDict(extra="forbid")

    decision: Literal["void"]
    reason: VoidReason


@router.get("", access=DECIDERS)
async def listed(
    request: Request,
    show: Literal["waiting", "voided"] = "waiting",
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> QualityOut:
    """Waiting ones oldest first, voided ones newest first."""
    async with runtime_of(request).reading() as connection:
        waiting, voided = await quality.counts(connection)
        read = quality.undecided if show == "waiting" else quality.recently_voided
        found = await read(connection, limit=limit, offset=offset)
    return QualityOut(waiting=waiting, voided=voided, records=[_out(one) for one in found])


@router.post("/{response_id}", access=DECIDERS, status_code=204)
async def decide(
    request: Request, person: Annotated[Person, Depends(signed_in)], response_id: str, said: Keep | Void
) -> None:
    """Audited. A voided record stays stored and leaves the figures; this cannot be taken back."""
    with faults():
        if isinstance(said, Void):
            await deciding.void(runtime_of(request), person, response_id, said.reason)
        else:
            await deciding.keep(runtime_of(request), person, response_id)


@contextmanager
def faults() -> Iterator[None]:
    try:
        yield
    except UnknownRecord:
        raise Problem(404, _("没有这份记录")) from None
    except AlreadyVoided:
        raise Problem(409, _("这份记录已经作废")) from None


def _out(one: Flagged) -> RecordOut:
    shown = {name: getattr(one, name) for name in RecordOut.model_fields if name != "flags"}
    return RecordOut(**shown, flags=[FlagOut(code=code, evidence=evidence) for code, evidence in one.flags])
