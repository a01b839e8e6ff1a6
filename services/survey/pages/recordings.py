"""Recordings for supervisors and administrators: which there are, until when, and one of them for a reason.

One that an exchange made is heard here; of others the address is told.
"""

import re
from typing import Annotated

from fastapi import Form, Query, Request, Response

from chassis.web.i18n import N_
from chassis.web.i18n import gettext as _
from chassis.web.pages import render, runtime_of, see_other
from chassis.web.paging import pages_of
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter
from services.survey import recordings as keeping
from services.survey.links import reference_of
from services.survey.recordings_api import ACCESS, PLACE, Me, Number, faults
from services.survey.store import call_recordings, recordings

PAGE = 20
REASONS = (N_("质检抽查"), N_("客户投诉复核"), N_("客户要求查听"))
router = GuardedRouter()


@router.get("/recordings", access=ACCESS)
async def listed(request: Request, page: Annotated[int, Query(ge=1, le=10_000)] = 1) -> Response:
    """Those that go first stand first."""
    runtime = runtime_of(request)
    async with runtime.reading() as connection:
        total = await recordings.count(connection)
        found = await recordings.listed(connection, limit=PAGE, offset=(page - 1) * PAGE)
    return render(
        request, "recordings.html", now=await runtime.now(), recordings=found, total=total, page=page,
        pages=pages_of(total, PAGE), reference=reference_of, length=_length,
    )  # fmt: skip


@router.get("/recordings/{callback_id}/{permit_no}", access=ACCESS)
async def one(
    request: Request, callback_id: str, permit_no: Number, reason: Annotated[str, Query(max_length=100)] = ""
) -> Response:
    """With a reason the sound can be heard: each time it is handed out is audited."""
    if reason:
        _demand_reason(reason)
    with faults():
        await keeping.demand_contact(runtime_of(request), callback_id, permit_no)
    return await _page(request, callback_id, permit_no, hears_for=reason)


@router.get("/recordings/{callback_id}/{permit_no}/sound", access=ACCESS)
async def sound(
    request: Request,
    person: Me,
    callback_id: str,
    permit_no: Number,
    reason: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """Whole, so that a player asks once."""
    _demand_reason(reason)
    with faults():
        content = await keeping.hear(runtime_of(request), person, callback_id, permit_no, reason)
    return Response(content, media_type="audio/wav", headers={"Cache-Control": "no-store", "Accept-Ranges": "none"})


@router.post("/recordings/{callback_id}/{permit_no}/destroy", access=ACCESS)
async def destroy(request: Request, person: Me, callback_id: str, permit_no: Number) -> Response:
    with faults():
        await keeping.destroy(runtime_of(request), person, callback_id, permit_no)
    return see_other(request, "/survey/recordings")


@router.post("/recordings/{callback_id}/{permit_no}", access=ACCESS)
async def link(
    request: Request,
    person: Me,
    callback_id: str,
    permit_no: Number,
    url: Annotated[str, Form(max_length=500)] = "",
    told: Annotated[str, Form(max_length=4)] = "",
    keep_days: Annotated[str, Form(max_length=4)] = "",
) -> Response:
    """A link of a form; nothing said of the days: as long as the house keeps."""
    days = int(keep_days) if keep_days.isdecimal() and int(keep_days) > 0 else None
    errors = _wrong(url.strip(), told, keep_days, days)
    if errors:
        return await _page(request, callback_id, permit_no, errors=errors, url=url.strip(), days=keep_days)
    with faults():
        await keeping.link(
            runtime_of(request), person, callback_id, permit_no, url=url.strip(), told=True, keep_days=days
        )
    return see_other(request, f"/survey/recordings/{callback_id}/{permit_no}")


@router.post("/recordings/{callback_id}/{permit_no}/reveal", access=ACCESS)
async def reveal(
    request: Request,
    person: Me,
    callback_id: str,
    permit_no: Number,
    reason: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """On this page once; reloading asks again."""
    _demand_reason(reason)
    with faults():
        place = await keeping.reveal(runtime_of(request), person, callback_id, permit_no, reason)
    return await _page(request, callback_id, permit_no, place=place)


@router.post("/recordings/{callback_id}/{permit_no}/remove", access=ACCESS)
async def remove(request: Request, person: Me, callback_id: str, permit_no: Number) -> Response:
    with faults():
        await keeping.remove(runtime_of(request), person, callback_id, permit_no)
    return see_other(request, "/survey/recordings")


def _demand_reason(reason: str) -> None:
    if reason not in REASONS:
        raise Problem(422, _("请选择原因"), errors=[{"field": "reason", "rule": _("请选择原因")}])


def _length(seconds: float) -> str:
    """Minutes and seconds."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def _wrong(url: str, told: str, keep_days: str, days: int | None) -> dict[str, str]:
    errors = {}
    if not re.match(PLACE, url):
        errors["url"] = _("请填写以 https://、s3:// 或 file:// 开头的地址")
    if not told:
        errors["told"] = _("没有告知客户的录音不能保存")
    if keep_days and days is None:
        errors["keep_days"] = _("请填写天数")
    return errors


async def _page(
    request: Request,
    callback_id: str,
    permit_no: int,
    *,
    errors: dict[str, str] | None = None,
    place: keeping.Place | None = None,
    url: str = "",
    days: str = "",
    hears_for: str = "",
) -> Response:
    runtime = runtime_of(request)
    async with runtime.reading() as connection:
        found = await recordings.of_contact(connection, callback_id, permit_no)
        recorded = await call_recordings.of_contact(connection, (callback_id, permit_no))
    response = render(
        request, "recording.html", status_code=422 if errors else 200, now=await runtime.now(), recording=found,
        callback_id=callback_id, permit_no=permit_no, reference=reference_of(callback_id), errors=errors or {},
        place=place, url=url, days=days, most=runtime.settings.recording_days,
        reasons=[(reason, _(reason)) for reason in REASONS], recorded=recorded, length=_length, hears_for=hears_for,
    )  # fmt: skip
    response.headers["Cache-Control"] = "no-store"
    return response
