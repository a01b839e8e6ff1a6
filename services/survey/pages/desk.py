"""Common questions and offers beside the script: searching them and noting what was used."""

from fastapi import Request, Response

from chassis.web.i18n import gettext as _
from chassis.web.pages import render, runtime_of, see_other
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter
from services.survey import desk
from services.survey.agent_api import AGENTS, Signed
from services.survey.handbook import Outcome
from services.survey.pages.call_page import own_sheet
from services.survey.pages.refusals import agent_of, refusals

router = GuardedRouter()


@router.get("/call/{callback_id}/faq", access=AGENTS)
async def look_up(request: Request, person: Signed, callback_id: str, find: str = "", at: str = "") -> Response:
    """The common questions that fit this call and hold every word; a piece of the call page."""
    with refusals():
        sheet = await own_sheet(request, person, callback_id)
    found = await desk.beside(runtime_of(request), sheet, words=find[:60])
    used = {use.entry_id: use.outcome for use in sheet.uses}
    return render(request, "call_faq.html", beside=found, used=used, at_call=f"/survey/call/{callback_id}", here_at=at)


@router.post("/call/{callback_id}/handbook/{entry_id}", access=AGENTS)
async def used(request: Request, person: Signed, callback_id: str, entry_id: str) -> Response:
    """Notes that an entry was used, told, or wanted by the customer."""
    form = await request.form()
    outcome = str(form.get("outcome", ""))
    if outcome not in tuple(Outcome):
        raise Problem(422, _("没有这种结果"))
    with refusals():
        try:
            await desk.use(runtime_of(request), agent_of(person), callback_id, entry_id, Outcome(outcome))
        except desk.NotOffered:
            raise Problem(409, _("这一条已经撤下，请重新查找")) from None
    at = str(form.get("at", ""))
    kept = f"?at={at}" if at.replace(".", "").replace("_", "").replace("-", "").isalnum() else ""
    return see_other(request, f"/survey/call/{callback_id}{kept}")
