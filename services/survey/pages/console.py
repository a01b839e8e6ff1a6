"""The call, step by step, as forms: works without JavaScript; the script adds keys, heartbeat and autosave."""

from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import Request, Response
from starlette.datastructures import FormData

from chassis.access.audit import record
from chassis.web.i18n import gettext as _
from chassis.web.i18n import speech
from chassis.web.pages import render, runtime_of, see_other
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter
from contracts.vocabulary import AnswerState, Disposition, Mood, QuestionKind
from services.survey import calling, closing, conversation, wrapup
from services.survey.agent_api import AGENTS, Signed
from services.survey.conversation import Said, Wish
from services.survey.departments import DEPARTMENTS, PROBLEM_TYPES
from services.survey.interview import Given, InvalidAnswer, Marks
from services.survey.pages import call_view
from services.survey.pages.call_page import link_way, own_sheet, page_of
from services.survey.pages.refusals import agent_of, errors_of, refusals
from services.survey.promises import PromiseKind
from services.survey.sheet import sheet_of
from services.survey.wrapup import Closing, Impossible

router = GuardedRouter()

_STEPS = {
    "connected": conversation.connected,
    "opened": conversation.opened,
    "identity": conversation.confirm_identity,
    "consent": conversation.consent,
}


@router.get("/call/{callback_id}", access=AGENTS)
async def call(request: Request, person: Signed, callback_id: str) -> Response:
    """Opening the page before dialling is a sign of life: it renews the lease."""
    with refusals():
        await calling.heartbeat(runtime_of(request), agent_of(person), callback_id)
        return await page_of(request, person, callback_id)


@router.post("/call/{callback_id}/release", access=AGENTS)
async def release(request: Request, person: Signed, callback_id: str) -> Response:
    with refusals():
        await calling.release(runtime_of(request), agent_of(person), callback_id)
    return see_other(request, "/survey/queue")


@router.post("/call/{callback_id}/dial", access=AGENTS)
async def dial(request: Request, person: Signed, callback_id: str) -> Response:
    runtime = runtime_of(request)
    with refusals():
        await calling.dial(runtime, agent_of(person), callback_id)
    async with runtime.reading() as connection:
        await record(connection, person, action="number dialled", subject=f"callback:{callback_id}")
    return _back(request, callback_id)


@router.post("/call/{callback_id}/hangup", access=AGENTS)
async def hangup(request: Request, person: Signed, callback_id: str) -> Response:
    form = await request.form()
    with refusals():
        await conversation.hang_up(runtime_of(request), agent_of(person), callback_id)
    wanted = str(form.get("choose", ""))
    online = f"&online={way}" if (way := link_way(form.get("online"))) else ""
    return _back(request, callback_id, f"?choose={wanted}{online}" if wanted in tuple(Disposition) else "")


@router.post("/call/{callback_id}/answer/{part_id}/{question_id}", access=AGENTS)
async def answer(request: Request, person: Signed, callback_id: str, part_id: str, question_id: str) -> Response:
    """Stores one answer and goes on to the next question; a vague or low one brings its probing prompt along."""
    form = await request.form()
    runtime, at = runtime_of(request), f"{part_id}.{question_id}"
    with refusals():
        try:
            given = _given(form)
            state = await conversation.answer(
                runtime, agent_of(person), callback_id, [Said(part_id, question_id, given)]
            )
        except InvalidAnswer:
            error = _("请先选择或填写，再记下这一题")
            return await page_of(request, person, callback_id, at=at, errors={"value": error})
    probing = call_view.probe(state.interview, at, speech.get().language)
    return _back(request, callback_id, f"?probe={at}" if probing else "")


@router.post("/call/{callback_id}/marks", access=AGENTS)
async def marks(request: Request, person: Signed, callback_id: str) -> Response:
    form = await request.form()
    mood, problem = str(form.get("mood", "")), str(form.get("problem_type", ""))
    noted = Marks(
        mood=Mood(mood) if mood in tuple(Mood) else None,
        negative_remarks=bool(form.get("negative_remarks")),
        problem_type=problem if problem in PROBLEM_TYPES else None,
    )
    with refusals():
        await conversation.mark(runtime_of(request), agent_of(person), callback_id, noted)
    return _back(request, callback_id, _kept(form))


@router.post("/call/{callback_id}/promise", access=AGENTS)
async def promise(request: Request, person: Signed, callback_id: str) -> Response:
    form = await request.form()
    what, department = str(form.get("what", "")).strip(), str(form.get("department", ""))
    days = str(form.get("workdays", ""))
    errors = {}
    if not 0 < len(what) <= 500:
        errors["what"] = _("请写明答应了什么，最多 500 字")
    if department not in DEPARTMENTS:
        errors["department"] = _("请选择负责的部门")
    if not days.isdecimal() or int(days) not in range(1, 31):
        errors["workdays"] = _("请选择几个工作日")
    with refusals():
        if errors:
            return await page_of(request, person, callback_id, errors=errors, wish=dict(form))
        kind = PromiseKind.NEW_DEMAND if form.get("kind") == PromiseKind.NEW_DEMAND else PromiseKind.PROMISE
        wish = Wish(what, department, int(days), key=str(form.get("key", "")) or None, kind=kind)
        await conversation.promise(runtime_of(request), agent_of(person), callback_id, wish)
    return _back(request, callback_id, _kept(form))


@router.post("/call/{callback_id}/wrapup", access=AGENTS)
async def wrap_up(request: Request, person: Signed, callback_id: str) -> Response:
    form = await request.form()
    runtime = runtime_of(request)
    with refusals():
        try:
            said = await _closing(request, callback_id, form)
            await closing.wrap_up(runtime, agent_of(person), callback_id, said)
        except Impossible as impossible:
            errors = errors_of(impossible, speech.get().language)
            choose = str(form.get("disposition", ""))
            return await page_of(request, person, callback_id, errors=errors, choose=choose)
    return see_other(request, "/survey/queue")


@router.post("/call/{callback_id}/reveal", access=AGENTS)
async def reveal(request: Request, person: Signed, callback_id: str) -> Response:
    """The number in clear for 60 seconds, for a reason that is kept."""
    form = await request.form()
    reason = " · ".join(word for name in ("reason", "note") if (word := str(form.get(name, "")).strip()))
    runtime = runtime_of(request)
    with refusals():
        sheet = await own_sheet(request, person, callback_id)
        if not str(form.get("reason", "")).strip() or len(reason) > 200:
            return await page_of(request, person, callback_id, errors={"reason": _("请选择查看的原因")})
    if sheet.contact.phone is None:
        raise Problem(409, _("没有电话号码"))
    async with runtime.reading() as connection:
        await record(connection, person, action="number revealed", subject=f"callback:{callback_id}", reason=reason)
    page = render(request, "reveal.html", phone=sheet.contact.phone, callback_id=callback_id)
    page.headers["Refresh"] = f"60; url=/survey/call/{callback_id}"
    return page


@router.post("/call/{callback_id}/{step}", access=AGENTS)
async def step(request: Request, person: Signed, callback_id: str, step: str) -> Response:
    """connected, opened, identity, consent."""
    if step not in _STEPS:
        raise Problem(404, _("没有这一步"))
    with refusals():
        await _STEPS[step](runtime_of(request), agent_of(person), callback_id)
    return _back(request, callback_id)


def _given(form: FormData) -> Given:
    state = AnswerState(str(form.get("state") or AnswerState.ANSWERED))
    if state is not AnswerState.ANSWERED:
        return Given(state=state)
    value, kind = str(form.get("value", "")).strip(), str(form.get("kind", ""))
    if kind == QuestionKind.TEXT:
        return Given(text=value)
    return Given(value=int(value) if value.isdecimal() else value or None)


async def _closing(request: Request, callback_id: str, form: FormData) -> Closing:
    """Raises `Impossible` for a disposition that is none; local times are those of the customer's zone."""
    chosen = str(form.get("disposition", ""))
    if chosen not in tuple(Disposition):
        raise Impossible("disposition", wrapup.NO_DISPOSITION)
    if chosen == Disposition.OPTED_OUT and not form.get("sure"):
        raise Impossible("sure", wrapup.NOT_SURE)
    sheet = await sheet_of(runtime_of(request), callback_id)
    return Closing(
        disposition=Disposition(chosen),
        agreed_at=_local_time(str(form.get("agreed_at", "")), sheet.permit.zone),
        own_agent=bool(form.get("own_agent")),
        online_consented=bool(form.get("online_consented")),
        online_channel=link_way(form.get("online_channel")),
    )


def _local_time(text: str, zone: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)) if text else None
    except ValueError:
        return None


def _kept(form: FormData) -> str:
    at = str(form.get("at", ""))
    return f"?at={at}" if at.replace(".", "").replace("_", "").replace("-", "").isalnum() else ""


def _back(request: Request, callback_id: str, query: str = "") -> Response:
    return see_other(request, f"/survey/call/{callback_id}{query}")
