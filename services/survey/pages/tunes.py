"""The tunes for supervisors and administrators: listen, upload, assign, compare by chance."""

import re
from collections.abc import Awaitable, Mapping
from types import MappingProxyType
from typing import Annotated

from fastapi import File, Form, Request, Response, UploadFile

from chassis.web.i18n import gettext as _
from chassis.web.pages import render, runtime_of, see_other
from chassis.web.router import GuardedRouter
from contracts.vocabulary import Scenario
from services.survey import shelf
from services.survey.ivr.choosing import ANY, Assignment, Unit
from services.survey.ivr.tunes import Tone, Tune
from services.survey.pages.queue import SCENARIOS
from services.survey.pages.tune_words import BANDS, REFUSED, SPOKEN, TONES, UNITS, breach_told
from services.survey.questionnaire import LANGUAGES
from services.survey.renderings.ivr import Band
from services.survey.shelf import LONGEST_WORDS, MOST_TEAMS, Plan, ShelfRefused, Unfit, Why
from services.survey.store import tunes
from services.survey.tunes_api import ACCESS, Keeper, PilotId, TuneId, refusals

HERE = "/survey/tunes"
_NAME = re.compile(shelf.NAME)
_CONTROL = re.compile(r"[\x00-\x1f]+")
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")

router = GuardedRouter()


class Wrong(Exception):
    """`errors`: what is to be changed, by field."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = dict(errors)


@router.get("/tunes", access=ACCESS)
async def listed(request: Request) -> Response:
    return await _page(request)


@router.get("/tunes/{tune_id}/sound", access=ACCESS)
async def sound(request: Request, tune_id: TuneId) -> Response:
    """Whole, or the part that a player asks for."""
    with refusals():
        content = await shelf.sound_of(runtime_of(request), tune_id)
    headers = {"Accept-Ranges": "bytes"}
    asked = _RANGE.fullmatch(request.headers.get("range", ""))
    if asked is None or int(asked[1]) >= len(content):
        return Response(content, media_type="audio/wav", headers=headers)
    begin, end = int(asked[1]), min(int(asked[2] or len(content)), len(content) - 1)
    headers["Content-Range"] = f"bytes {begin}-{end}/{len(content)}"
    return Response(content[begin : end + 1], 206, media_type="audio/wav", headers=headers)


@router.post("/tunes/uploads", access=ACCESS)
async def upload(
    request: Request,
    person: Keeper,
    file: Annotated[UploadFile, File()],
    band: Annotated[Band, Form()],
    tone: Annotated[Tone, Form()],
    tune_id: Annotated[str, Form(max_length=60)] = "",
    licence: Annotated[str, Form(max_length=200)] = "",
    locale: Annotated[str, Form(max_length=10)] = ANY,
) -> Response:
    typed = {"tune_id": tune_id, "licence": licence, "upload_band": band, "upload_tone": tone, "upload_locale": locale}

    async def act() -> None:
        _demand_words(tune_id, licence)
        locales = (locale,) if locale in LANGUAGES else ()
        tune = Tune(id=tune_id, band=band, tone=tone, locales=locales, file="", licence=_line(licence), uploaded=True)
        await shelf.upload(runtime_of(request), person, tune, await file.read())

    return await _done(request, act(), typed=typed)


@router.post("/tunes/assign", access=ACCESS)
async def assign(
    request: Request,
    person: Keeper,
    assigned: Annotated[str, Form(max_length=60)],
    tone: Annotated[Tone, Form()],
    locale: Annotated[str, Form(max_length=10)] = ANY,
    scenario: Annotated[str, Form(max_length=40)] = ANY,
) -> Response:
    """The tune has its band: what is chosen is for which house, language and scenario."""

    async def act() -> None:
        known = {one.tune.id: one.tune for one in await shelf.listed(runtime_of(request))}
        if assigned not in known:
            raise ShelfRefused("tune_id", Why.UNKNOWN)
        wanted = Assignment(known[assigned].band, tone, _locale(locale), _scenario(scenario), assigned)
        await shelf.assign(runtime_of(request), person, wanted)

    typed = {"assigned": assigned, "tone": tone, "locale": locale, "scenario": scenario}
    return await _done(request, act(), typed=typed, names={"tune_id": "assigned"})


@router.post("/tunes/unassign", access=ACCESS)
async def unassign(
    request: Request,
    person: Keeper,
    band: Annotated[Band, Form()],
    tone: Annotated[Tone, Form()],
    locale: Annotated[str, Form(max_length=10)] = ANY,
    scenario: Annotated[str, Form(max_length=40)] = ANY,
) -> Response:
    await shelf.unassign(runtime_of(request), person, band=band, tone=tone, locale=locale, scenario=scenario)
    return see_other(request, HERE)


@router.post("/tunes/pilots", access=ACCESS)
async def begin_pilot(
    request: Request,
    person: Keeper,
    unit: Annotated[Unit, Form()],
    arms: Annotated[list[str] | None, Form()] = None,
    pilot_name: Annotated[str, Form(max_length=200)] = "",
    percent: Annotated[str, Form(max_length=10)] = "",
    teams: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """The band is that of the tunes."""
    typed = {"pilot_name": pilot_name, "unit": unit, "percent": percent, "teams": teams, "arms": arms or []}

    async def act() -> None:
        shown = await shelf.listed(runtime_of(request))
        band = next((one.tune.band for one in shown if one.tune.id in (arms or [])), Band.CHEERFUL)
        plan = _plan(pilot_name, percent, teams, unit=unit, arms=tuple(arms or ()), band=band)
        await shelf.begin_pilot(runtime_of(request), person, plan)

    return await _done(request, act(), typed=typed, names={"band": "arms"})


@router.post("/tunes/pilots/{pilot_id}/end", access=ACCESS)
async def end_pilot(request: Request, person: Keeper, pilot_id: PilotId) -> Response:
    with refusals():
        await shelf.end_pilot(runtime_of(request), person, pilot_id)
    return see_other(request, HERE)


@router.post("/tunes/{tune_id}/withdraw", access=ACCESS)
async def withdraw(request: Request, person: Keeper, tune_id: TuneId) -> Response:
    return await _done(request, shelf.withdraw(runtime_of(request), person, tune_id), names={"tune_id": tune_id})


async def _done(
    request: Request,
    act: Awaitable[None],
    *,
    typed: Mapping[str, object] | None = None,
    names: Mapping[str, str] = MappingProxyType({}),
) -> Response:
    """The page anew; a refusal comes back with what was typed. `names`: what a field is called there."""
    try:
        await act
    except Wrong as wrong:
        errors = wrong.errors
    except Unfit as unfit:
        errors = {"file": " ".join(breach_told(one) for one in unfit.breaches)}
    except ShelfRefused as refused:
        errors = {names.get(refused.field, refused.field): _(REFUSED[refused.why])}
    else:
        return see_other(request, HERE)
    return await _page(request, errors=errors, typed=typed)


def _demand_words(tune_id: str, licence: str) -> None:
    """Raises `Wrong`."""
    errors = {}
    if not _NAME.fullmatch(tune_id):
        errors["tune_id"] = _("3 到 40 个小写字母、数字或下划线，以字母开头")
    if not _line(licence):
        errors["licence"] = _("请填写许可：谁允许播放这首曲目")
    if errors:
        raise Wrong(errors)


def _plan(name: str, percent: str, teams: str, *, unit: Unit, arms: tuple[str, ...], band: Band) -> Plan:
    """Raises `Wrong`."""
    errors = {}
    if not 0 < len(_line(name)) <= LONGEST_WORDS:
        errors["pilot_name"] = _("请填写名称，最多 {n} 字", n=LONGEST_WORDS)
    share = float(percent) if re.fullmatch(r"\d{1,3}(\.\d{1,2})?", percent) else 0.0
    if not 0 < share <= 100:
        errors["percent"] = _("请填写大于 0、不超过 100 的百分比")
    named = tuple(dict.fromkeys(_line(one) for one in re.split("[,，\n]", teams) if _line(one)))
    if len(named) > MOST_TEAMS or any(len(one) > LONGEST_WORDS for one in named):
        errors["teams"] = _("最多 {n} 个团队", n=MOST_TEAMS)
    if errors:
        raise Wrong(errors)
    return Plan(_line(name), band, arms, unit, share / 100, named)


def _line(typed: str) -> str:
    return _CONTROL.sub(" ", typed).strip()


def _locale(given: str) -> str:
    return given if given in LANGUAGES else ANY


def _scenario(given: str) -> str:
    return given if given in tuple(Scenario) else ANY


async def _page(
    request: Request, *, errors: Mapping[str, str] | None = None, typed: Mapping[str, object] | None = None
) -> Response:
    runtime = runtime_of(request)
    async with runtime.reading() as connection:
        assigned, pilots = await tunes.assigned(connection), await tunes.pilots(connection)
    return render(
        request, "tunes.html", status_code=422 if errors else 200, now=await runtime.now(),
        shelf=await shelf.listed(runtime), assigned=assigned, pilots=pilots, errors=errors or {}, typed=typed or {},
        bands=BANDS, tones=TONES, units=UNITS, languages=SPOKEN, scenarios=SCENARIOS,
    )  # fmt: skip
