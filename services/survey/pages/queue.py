"""The agent's queue: what can be claimed now, what others hold, and a preview of one row."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Query, Request, Response

from chassis.access.roles import Role
from chassis.runtime import Runtime
from chassis.web.i18n import N_, speech
from chassis.web.i18n import gettext as _
from chassis.web.pages import render, runtime_of, see_other
from chassis.web.paging import pages_of
from chassis.web.router import GuardedRouter, roles
from contracts.vocabulary import Priority, Purpose, Scenario
from services.survey import calling, desk, waiting
from services.survey.address import form_of_address
from services.survey.agent_api import AGENTS, Signed
from services.survey.leases import RECORD_WITHIN, Refusal, Refused
from services.survey.pages.refusals import agent_of, refusals
from services.survey.sheet import Sheet, sheet_of

PAGE = 20

PRIORITIES = {
    Priority.COMPLAINT: ("complaint", N_("投诉")),
    Priority.PROMISED: ("due", N_("约定与到期")),
    Priority.VIP: ("vip", "VIP"),
    Priority.ORDINARY: ("other", N_("其余")),
}
SCENARIOS = {
    Scenario.AFTER_SALE: N_("售后服务"),
    Scenario.COMPLAINT: N_("投诉处理"),
    Scenario.CONSULTATION: N_("咨询"),
    Scenario.INSTALLATION: N_("安装"),
    Scenario.ACTIVATION: N_("新用户激活"),
    Scenario.CARE: N_("客户关怀"),
    Scenario.BETA: N_("内测"),
    Scenario.USAGE: N_("使用回访"),
    Scenario.FIRST_SERVICE: N_("首次服务"),
}
PURPOSES = {
    Purpose.SURVEY: N_("首次回访"),
    Purpose.VERIFICATION: N_("二次核实"),
    Purpose.PROGRESS: N_("二次回访"),
}
# Names that policies may give; another one is shown as it stands.
SKILLS = {"general": N_("普通坐席"), "senior": N_("资深坐席")}

router = GuardedRouter()


@router.get("/queue", access=roles(Role.AGENT, Role.SENIOR_AGENT, Role.SUPERVISOR))
async def queue(
    request: Request,
    person: Signed,
    row: str | None = None,
    priority: Priority | None = None,
    skill: Annotated[str | None, Query(max_length=40)] = None,
    page: Annotated[int, Query(ge=1, le=1000)] = 1,
) -> Response:
    runtime, agent = runtime_of(request), agent_of(person)
    found = await waiting.listed(runtime, agent, limit=PAGE, offset=(page - 1) * PAGE, priority=priority, skill=skill)
    selected = _selected(found, row)
    total = sum(found.counts.values()) if priority is None else found.counts.get(priority, 0)
    return render(
        request,
        "queue.html",
        now=found.now,
        listed=found,
        selected=selected,
        preview=await _preview(runtime, selected),
        priority=priority,
        skill=skill,
        skills=agent.takes,
        clash=_clash(await desk.next_appointment(runtime, agent, found.now), selected, found.now),
        page=page,
        pages=pages_of(total, PAGE),
        may_claim=person.role is not Role.SUPERVISOR,
        waiting=sum(found.counts.values()),
        priorities=PRIORITIES,
        scenarios=SCENARIOS,
        purposes=PURPOSES,
        skill_word=skill_word,
        address=lambda contact: form_of_address(contact.name, speech.get().language),
    )


@router.post("/call/{callback_id}/claim", access=AGENTS)
async def claim(request: Request, person: Signed, callback_id: str) -> Response:
    with refusals():
        await calling.claim(runtime_of(request), agent_of(person), callback_id)
    return see_other(request, f"/survey/call/{callback_id}")


def skill_word(skill: str) -> str:
    return _(SKILLS.get(skill, skill))


async def _preview(runtime: Runtime, selected: waiting.Waiting | None) -> Sheet | None:
    """The selected row in full; none when it ended meanwhile."""
    if selected is None:
        return None
    try:
        return await sheet_of(runtime, selected.permit.callback.callback_id)
    except Refused as gone:
        if gone.reason is not Refusal.GONE:
            raise
        return None


def _clash(agreed: desk.Next | None, selected: waiting.Waiting | None, now: datetime) -> datetime | None:
    """The agreed time that this call could overrun, if it lasted as long as it may and was wrapped up."""
    if agreed is None or selected is None or agreed.callback_id == selected.permit.callback.callback_id:
        return None
    longest = timedelta(minutes=selected.permit.maximum_minutes) + RECORD_WITHIN
    return agreed.starts_at if now + longest > agreed.starts_at else None


def _selected(found: waiting.Listed, wanted: str | None) -> waiting.Waiting | None:
    """The row asked for, else the first that can be claimed."""
    named = [row for row in found.rows if row.permit.callback.callback_id == wanted]
    free = [row for row in found.rows if row.claimable]
    return next(iter([*named, *free, *found.rows]), None)
