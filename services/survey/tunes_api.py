"""Tunes by HTTP: what there is, a new one, which one plays where, and pilots."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Depends, Form, Path, Query, Request, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from chassis.access.person import Person
from chassis.access.roles import Role
from chassis.web.i18n import gettext as _
from chassis.web.pages import runtime_of, signed_in
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, roles
from contracts.vocabulary import Scenario
from services.survey import shelf
from services.survey.ivr.choosing import ANY, Assignment, Unit
from services.survey.ivr.tunes import Tone, Tune
from services.survey.renderings.ivr import Band
from services.survey.shelf import OnShelf, Plan, ShelfRefused, Unfit, Why
from services.survey.store import tunes

ACCESS = roles(Role.SUPERVISOR, Role.ADMIN)
Keeper = Annotated[Person, Depends(signed_in)]
Language = Literal["zh-CN", "en"]
_NAME, _WORDS = f"^{shelf.NAME}$", "^[^\\x00-\\x1f]+$"
Name = Annotated[str, Field(pattern=_NAME)]
Words = Annotated[str, Field(max_length=shelf.LONGEST_WORDS, pattern=_WORDS)]
TuneId = Annotated[str, Path(pattern=_NAME)]
PilotId = Annotated[str, Path(pattern="^[0-9a-f]{12}$")]
router = GuardedRouter(prefix="/tunes", tags=["tunes"])


class TuneOut(BaseModel):
    """`loudness` (RMS) and `peak` in dBFS. `uploaded_by` is None for a tune that is shipped. No locale: all."""

    tune_id: str
    band: Band
    tone: Tone
    locales: list[str]
    licence: str
    seconds: float
    loudness: float
    peak: float
    uploaded_by: str | None
    uploaded_at: datetime | None


class AssignmentIn(BaseModel):
    """No locale, no scenario: all of them. The narrowest assignment holds, the scenario before the locale."""

    model_config = ConfigDict(extra="forbid")

    band: Band
    tone: Tone
    locale: Language | None = None
    scenario: Scenario | None = None
    tune_id: Name


class AssignmentOut(AssignmentIn):
    assigned_by: str
    assigned_at: datetime


class PilotIn(BaseModel):
    """`share`: of customers, or of teams with all their customers. `teams`: only customers of these; none: of all."""

    model_config = ConfigDict(extra="forbid")

    name: Words
    band: Band
    arms: Annotated[list[Name], Field(min_length=2, max_length=10)]
    unit: Unit = Unit.CUSTOMER
    share: Annotated[float, Field(gt=0, le=1)]
    teams: Annotated[list[Words], Field(max_length=shelf.MOST_TEAMS)] = []


class Begun(BaseModel):
    pilot_id: str


class PilotOut(BaseModel):
    """`plays`: what was drawn so far, by tune. `ended_at` is None while it runs."""

    model_config = ConfigDict(from_attributes=True)

    pilot_id: str
    name: str
    band: Band
    arms: list[str]
    unit: Unit
    share: float
    teams: list[str]
    begun_by: str
    begun_at: datetime
    ended_by: str | None
    ended_at: datetime | None
    plays: dict[str, int]


@router.get("", access=ACCESS)
async def listed(request: Request) -> list[TuneOut]:
    """What can be played, by band and tone."""
    return [_out(one) for one in await shelf.listed(runtime_of(request))]


@router.post("/uploads", access=ACCESS, status_code=201)
async def upload(
    request: Request,
    person: Keeper,
    file: UploadFile,
    tune_id: Annotated[str, Form(pattern=_NAME)],
    band: Annotated[Band, Form()],
    tone: Annotated[Tone, Form()],
    licence: Annotated[str, Form(max_length=200, pattern=_WORDS)],
    locales: Annotated[list[Language] | None, Form()] = None,
) -> TuneOut:
    """A WAV of 8 kHz, one channel, 16 bits that passes what `aftercall audio check` demands of a tune."""
    tune = Tune(id=tune_id, band=band, tone=tone, locales=tuple(locales or ()), file="", licence=licence, uploaded=True)
    with refusals():
        return _out(await shelf.upload(runtime_of(request), person, tune, await file.read()))


@router.get("/assignments", access=ACCESS)
async def assignments(request: Request) -> list[AssignmentOut]:
    async with runtime_of(request).reading() as connection:
        found = await tunes.assigned(connection)
    return [
        AssignmentOut(
            band=one.assignment.band, tone=one.assignment.tone, locale=one.assignment.locale or None,
            scenario=one.assignment.scenario or None, tune_id=one.assignment.tune_id,
            assigned_by=one.assigned_by, assigned_at=one.assigned_at,
        )
        for one in found
    ]  # fmt: skip


@router.put("/assignments", access=ACCESS, status_code=204)
async def assign(request: Request, person: Keeper, said: AssignmentIn) -> None:
    """In the place of what was assigned there."""
    wanted = Assignment(said.band, said.tone, said.locale or ANY, said.scenario or ANY, said.tune_id)
    with refusals():
        await shelf.assign(runtime_of(request), person, wanted)


@router.delete("/assignments", access=ACCESS, status_code=204)
async def unassign(
    request: Request,
    person: Keeper,
    band: Band,
    tone: Tone,
    locale: Annotated[Language | None, Query()] = None,
    scenario: Annotated[Scenario | None, Query()] = None,
) -> None:
    """May be said twice."""
    await shelf.unassign(
        runtime_of(request), person, band=band, tone=tone, locale=locale or ANY, scenario=scenario or ANY
    )


@router.get("/pilots", access=ACCESS)
async def pilots(request: Request) -> list[PilotOut]:
    """Those that run first, then the latest."""
    async with runtime_of(request).reading() as connection:
        return [PilotOut.model_validate(one) for one in await tunes.pilots(connection)]


@router.post("/pilots", access=ACCESS, status_code=201)
async def begin_pilot(request: Request, person: Keeper, said: PilotIn) -> Begun:
    """Tunes of one band, drawn for each customer by chance. One at a time for a band."""
    plan = Plan(said.name, said.band, tuple(said.arms), said.unit, said.share, tuple(said.teams))
    with refusals():
        return Begun(pilot_id=await shelf.begin_pilot(runtime_of(request), person, plan))


@router.post("/pilots/{pilot_id}/end", access=ACCESS, status_code=204)
async def end_pilot(request: Request, person: Keeper, pilot_id: PilotId) -> None:
    with refusals():
        await shelf.end_pilot(runtime_of(request), person, pilot_id)


@router.get("/{tune_id}/sound", access=ACCESS, response_class=Response)
async def sound(request: Request, tune_id: TuneId) -> Response:
    """The file, as telephone sound."""
    with refusals():
        return Response(await shelf.sound_of(runtime_of(request), tune_id), media_type="audio/wav")


@router.post("/{tune_id}/withdraw", access=ACCESS, status_code=204)
async def withdraw(request: Request, person: Keeper, tune_id: TuneId) -> None:
    """An uploaded tune that is neither assigned nor in a pilot that runs."""
    with refusals():
        await shelf.withdraw(runtime_of(request), person, tune_id)


@contextmanager
def refusals() -> Iterator[None]:
    """A rule that is broken names its field; a sound every rule that it breaks, with what was measured."""
    try:
        yield
    except Unfit as unfit:
        errors = [{"field": "file", "rule": breach.rule} for breach in unfit.breaches]
        raise Problem(422, _("这段录音不合要求"), str(unfit), errors=errors) from None
    except ShelfRefused as refused:
        errors = [{"field": refused.field, "rule": shelf.RULES[refused.why]}]
        raise Problem(_STATUS.get(refused.why, 422), _("这样不行"), str(refused), errors=errors) from None


_STATUS = {Why.UNKNOWN: 404, Why.OVER: 404, Why.NAME_TAKEN: 409, Why.IN_USE: 409, Why.RUNNING: 409}


def _out(one: OnShelf) -> TuneOut:
    tune, found, own = one.tune, one.measures, one.uploaded
    return TuneOut(
        tune_id=tune.id, band=tune.band, tone=tune.tone, locales=list(tune.locales), licence=tune.licence,
        seconds=round(found.seconds, 2), loudness=round(found.loudness, 1), peak=round(found.peak, 1),
        uploaded_by=own.uploaded_by if own else None, uploaded_at=own.uploaded_at if own else None,
    )  # fmt: skip
