"""The page of a call in hand, whatever step it is at."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import Request, Response

from chassis.access.person import Person
from chassis.web.filters import mask_phone
from chassis.web.i18n import N_, speech
from chassis.web.i18n import gettext as _
from chassis.web.pages import render, runtime_of
from contracts.vocabulary import Channel, Disposition
from services.survey import conversation, desk, wrapup
from services.survey.address import form_of_address
from services.survey.agent_views import said
from services.survey.departments import DEPARTMENTS, PROBLEM_TYPES
from services.survey.interview import Interview
from services.survey.ivr.outcome import unreached
from services.survey.leases import Lease, LeaseState, target_of
from services.survey.pages import call_view
from services.survey.pages.queue import PRIORITIES, PURPOSES, SCENARIOS
from services.survey.pages.refusals import agent_of
from services.survey.permits import LinkWay, link_ways
from services.survey.sheet import Sheet, sheet_of
from services.survey.store import agent_calls
from services.survey.store.agent_calls import AgentCall

WORKDAYS = (1, 2, 3, 5, 10)
LINK_WAYS: Mapping[LinkWay, tuple[str, str]] = {
    Channel.SMS: (N_("愿意收短信链接，结束通话"), N_("短信")),
    Channel.EMAIL: (N_("愿意收邮件链接，结束通话"), N_("邮件")),
}
REVEAL_REASONS = (N_("通话中断，需要重拨"), N_("核对客户说的号码"), N_("转交给主管"))


async def page_of(
    request: Request,
    person: Person,
    callback_id: str,
    *,
    at: str | None = None,
    choose: str | None = None,
    errors: dict[str, str] | None = None,
    wish: dict[str, Any] | None = None,
) -> Response:
    sheet = await own_sheet(request, person, callback_id)
    lease, now = sheet.lease, await runtime_of(request).now()
    context: dict[str, Any] = _base(request, person, sheet, now) | {"errors": errors or {}, "wish": wish or {}}
    context |= await _beside(request, sheet)
    context |= _line(await _placed(request, lease), sheet)
    if lease is None or sheet.interview is None or lease.state is LeaseState.CLAIMED:
        return render(request, "precall.html", now=now, **context)
    context |= _step(request, sheet, lease, sheet.interview, now, at=at or request.query_params.get("at"))
    context["upcoming"] = await desk.next_appointment(runtime_of(request), agent_of(person), now)
    reported = _reported(context["line"], sheet.interview)
    chosen = choose or request.query_params.get("choose") or reported
    context["chosen"] = chosen or wrapup.suggested(sheet.interview)
    page = "wrapup.html" if lease.state is LeaseState.WRAP_UP else "call.html"
    return render(request, page, now=now, status_code=422 if errors else 200, **context)


def _step(
    request: Request, sheet: Sheet, lease: Lease, interview: Interview, now: datetime, *, at: str | None
) -> dict[str, Any]:
    """Where the call stands: the question, what was heard, the clocks, the ways out."""
    questions, language = call_view.asked(interview), speech.get().language
    here = call_view.current(questions, at)
    reached, not_reached = call_view.choices(interview)
    return {
        "questions": questions,
        "question": here,
        "before": call_view.beside(questions, here, -1),
        "probe": call_view.probe(interview, request.query_params.get("probe"), language),
        "path": request.query_params.get("path"),
        "seconds": call_view.elapsed(lease, interview, now),
        "reached": reached,
        "not_reached": not_reached,
        "online": link_way(request.query_params.get("online")),
        "opening": call_view.opening(sheet),
        "editing": at is not None and here is not None and here.at == at,
        "due_dates": [(days, conversation.promised_for(runtime_of(request), now, days)) for days in WORKDAYS],
    }


def _base(request: Request, person: Person, sheet: Sheet, now: datetime) -> dict[str, Any]:
    language = speech.get().language

    def script(name: str) -> list[str]:
        return call_view.spoken(sheet, name, agent=person.name, language=language)

    phone, gateway = sheet.contact.phone, runtime_of(request).settings.sms_url
    ringing = sheet.lease is not None and sheet.lease.state is LeaseState.DIALLED
    connected = sheet.interview is not None and sheet.interview.connected_at is not None
    return {
        "sheet": sheet,
        "permit": sheet.permit,
        "callback": sheet.permit.callback,
        "lease": sheet.lease,
        "interview": sheet.interview,
        "address": form_of_address(sheet.contact.name, language) or _("客户"),
        "masked": mask_phone(phone) if phone else "—",
        "dialling": phone if ringing and not connected else None,
        "script": script,
        "at_call": f"/survey/call/{sheet.permit.callback.callback_id}",
        "reveal_reasons": [(reason, _(reason)) for reason in REVEAL_REASONS],
        "left": sheet.window_ends - now,
        "ways": [(way, *LINK_WAYS[way]) for way in link_ways(sheet.permit, by_text=bool(gateway))],
        "target": int(target_of(sheet.permit.maximum_minutes).total_seconds()),
    } | _names(language)


async def _placed(request: Request, lease: Lease | None) -> AgentCall | None:
    """The call that the exchange places; None where the agent dials with a telephone of their own."""
    if lease is None or lease.state is LeaseState.CLAIMED:
        return None
    async with runtime_of(request).reading() as connection:
        return await agent_calls.call_of(connection, (lease.callback_id, lease.permit_no))


def _line(call: AgentCall | None, sheet: Sheet) -> dict[str, Any]:
    """A number is shown to be dialled only by whoever dials."""
    waits = sheet.interview is not None and sheet.interview.connected_at is None
    shown = {} if call is None or call.to_dial_by_hand else {"dialling": None}
    return {"line": call, "line_moves": call is not None and waits and call.ended_at is None} | shown


def _reported(call: AgentCall | None, interview: Interview) -> Disposition | None:
    """How a call that nobody took ended, by the exchange's cause."""
    if call is None or call.cause is None or call.ended_by != "customer" or interview.connected_at is not None:
        return None
    return unreached(call.cause).disposition


def _names(language: str) -> dict[str, Any]:
    """Codes as words."""
    return {
        "names": call_view,
        "heard": lambda one: call_view.heard(one, language),
        "labels_of": lambda question: {value: said(words, language) for value, words in question.labels.items()},
        "options_of": lambda question: [
            (key, f"{number} {said(words, language)}")
            for number, (key, words) in enumerate(question.options.items(), 1)
        ],
        "translated": lambda names: [(code, _(name)) for code, name in names.items()],
        "departments": DEPARTMENTS,
        "problem_types": PROBLEM_TYPES,
        "priorities": PRIORITIES,
        "scenarios": SCENARIOS,
        "purposes": PURPOSES,
    }


async def _beside(request: Request, sheet: Sheet) -> dict[str, Any]:
    """Common questions and offers; a search without a script comes back as `find`."""
    found = await desk.beside(runtime_of(request), sheet, words=request.query_params.get("find", "")[:60])
    return {"beside": found, "used": {use.entry_id: use.outcome for use in sheet.uses}}


def link_way(said: object) -> LinkWay | None:
    """`said` as a form or an address holds it."""
    return next((way for way in LINK_WAYS if way == said), None)


async def own_sheet(request: Request, person: Person, callback_id: str) -> Sheet:
    sheet = await sheet_of(runtime_of(request), callback_id)
    sheet.demand_held_by(agent_of(person))
    return sheet
