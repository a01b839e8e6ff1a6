"""The pages on which supervisors write what agents have beside the script; a change is a new version."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from fastapi import Request, Response
from starlette.datastructures import FormData

from chassis.access.roles import Role
from chassis.web.i18n import N_
from chassis.web.i18n import gettext as _
from chassis.web.pages import render, runtime_of, see_other
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, roles
from contracts.vocabulary import Scenario
from services.survey import handbook
from services.survey.agent_api import Signed
from services.survey.handbook import Entry, Kind
from services.survey.pages.queue import SCENARIOS
from services.survey.store import handbook as entries

READERS = roles(Role.AGENT, Role.SENIOR_AGENT, Role.SUPERVISOR, Role.ADMIN)
WRITERS = roles(Role.SUPERVISOR, Role.ADMIN)
PATHS = {"faq": Kind.FAQ, "offers": Kind.OFFER}
TITLES = {Kind.FAQ: N_("常见问题"), Kind.OFFER: N_("优惠与活动")}
LONGEST_TITLE, LONGEST_BODY, MOST_WORDS = 120, 2000, 20

router = GuardedRouter()


class Wrong(Exception):
    """`errors`: what is to be changed, by field."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


@router.get("/faq", access=READERS)
@router.get("/offers", access=READERS)
async def listed(request: Request, person: Signed, find: str = "") -> Response:
    shelf = _shelf(request)
    runtime, now = runtime_of(request), await runtime_of(request).now()
    async with runtime.reading() as connection:
        written = await entries.entries(connection, PATHS[shelf], now)
    found = handbook.found(written, find) if find else written
    return render(request, "handbook.html", now=now, entries=found, find=find, **_base(shelf, person.role))


@router.get("/faq/new", access=WRITERS)
@router.get("/offers/new", access=WRITERS)
async def blank(request: Request, person: Signed) -> Response:
    return _form(request, person.role, _shelf(request), entry=None, versions=[], errors={})


@router.post("/faq/new", access=WRITERS)
@router.post("/offers/new", access=WRITERS)
async def create(request: Request, person: Signed) -> Response:
    return await _write(request, person, _shelf(request), uuid4().hex[:12], versions=[])


@router.get("/faq/{entry_id}", access=READERS)
@router.get("/offers/{entry_id}", access=READERS)
async def entry(request: Request, person: Signed, entry_id: str) -> Response:
    shelf = _shelf(request)
    versions = await _versions(request, shelf, entry_id)
    return _form(request, person.role, shelf, entry=versions[0], versions=versions, errors={})


@router.post("/faq/{entry_id}", access=WRITERS)
@router.post("/offers/{entry_id}", access=WRITERS)
async def change(request: Request, person: Signed, entry_id: str) -> Response:
    """A new version; refused when somebody wrote one since the form was opened."""
    shelf = _shelf(request)
    return await _write(request, person, shelf, entry_id, versions=await _versions(request, shelf, entry_id))


def _shelf(request: Request) -> str:
    """faq or offers: both have the same pages."""
    return next(part for part in request.url.path.split("/") if part in PATHS)


async def _write(request: Request, person: Signed, shelf: str, entry_id: str, *, versions: list[Entry]) -> Response:
    runtime, form = runtime_of(request), await request.form()
    now, newest = await runtime.now(), versions[0].version if versions else 0
    blank = Entry(entry_id, newest + 1, PATHS[shelf], "", "", (), (), (), None, None, withdrawn=False,
                  written_by=person.name, written_at=now)  # fmt: skip
    try:
        written = _read(form, blank, ZoneInfo(runtime.settings.operator_zone))
        if versions and str(form.get("version", "")) != str(newest):
            raise Wrong({"title": _("有人刚刚改过这一条，请先看新的内容再改")})
        async with runtime.transaction(customers=()) as tx:
            if not await entries.insert(tx.connection, written):
                raise Wrong({"title": _("有人刚刚改过这一条，请先看新的内容再改")})
    except Wrong as wrong:
        shown = _as_typed(form, blank)
        return _form(request, person.role, shelf, entry=shown, versions=versions, errors=wrong.errors)
    return see_other(request, f"/survey/{shelf}")


def _read(form: FormData, blank: Entry, zone: ZoneInfo) -> Entry:
    """Raises `Wrong` naming every field."""
    typed = _as_typed(form, blank)
    begins, ends = (_time(str(form.get(name, "")), zone) for name in ("valid_from", "valid_until"))
    errors = {}
    if not 0 < len(typed.title) <= LONGEST_TITLE:
        errors["title"] = _("请填写标题，最多 {n} 字", n=LONGEST_TITLE)
    if not 0 < len(typed.body) <= LONGEST_BODY:
        errors["body"] = _("请填写内容，最多 {n} 字", n=LONGEST_BODY)
    if max(len(typed.products), len(typed.levels)) > MOST_WORDS:
        errors["products"] = _("最多 {n} 个词", n=MOST_WORDS)
    if begins and ends and ends <= begins:
        errors["valid_until"] = _("结束要晚于开始")
    if typed.kind is Kind.OFFER and ends is None:
        errors["valid_until"] = _("请填写优惠什么时候结束")
    if errors:
        raise Wrong(errors)
    return replace(typed, valid_from=begins, valid_until=ends)


def _as_typed(form: FormData, blank: Entry) -> Entry:
    return replace(
        blank,
        title=str(form.get("title", "")).strip(),
        body=str(form.get("body", "")).replace("\r\n", "\n").strip(),
        scenarios=tuple(str(one) for one in form.getlist("scenarios") if one in tuple(Scenario)),
        products=_words(str(form.get("products", ""))),
        levels=_words(str(form.get("levels", ""))),
        withdrawn=bool(form.get("withdrawn")),
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.strip() for word in text.replace("，", ",").split(",") if word.strip()))


def _time(text: str, zone: ZoneInfo) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone) if text else None
    except ValueError:
        return None


async def _versions(request: Request, shelf: str, entry_id: str) -> list[Entry]:
    async with runtime_of(request).reading() as connection:
        versions = await entries.versions(connection, entry_id)
    if not versions or versions[0].kind is not PATHS[shelf]:
        raise Problem(404, _("没有这一条"))
    return versions


def _base(shelf: str, role: Role) -> dict[str, Any]:
    return {
        "shelf": shelf,
        "heading": TITLES[PATHS[shelf]],
        "is_offer": PATHS[shelf] is Kind.OFFER,
        "may_write": role in WRITERS.roles,
        "scenarios": SCENARIOS,
    }


def _form(request: Request, role: Role, shelf: str, *, entry: Entry | None, versions: list[Entry],
          errors: dict[str, str]) -> Response:  # fmt: skip
    zone = ZoneInfo(runtime_of(request).settings.operator_zone)
    at = lambda time: "" if time is None else time.astimezone(zone).strftime("%Y-%m-%dT%H:%M")  # noqa: E731
    return render(
        request, "handbook_entry.html", status_code=422 if errors else 200,
        entry=entry, versions=versions, errors=errors, local=at, **_base(shelf, role),
    )  # fmt: skip
