"""What supervisors watch, as JSON."""

from datetime import datetime

from fastapi import Request
from pydantic import BaseModel, ConfigDict

from chassis.access.roles import Role
from chassis.web.pages import runtime_of
from chassis.web.router import GuardedRouter, roles
from contracts.vocabulary import Scenario
from services.survey import supervision
from services.survey.leases import LeaseState

router = GuardedRouter(tags=["supervision"])


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class HeldOut(_Out):
    """`since`: the step began then; `overdue`: its record is not complete ten minutes after hang-up."""

    callback_id: str
    agent: str
    step: LeaseState
    scenario: Scenario
    since: datetime
    overdue: bool


class SkillQueueOut(_Out):
    skill: str
    ready: int
    complaints: int
    later: int
    in_hand: int
    first_end: datetime | None


class OverviewOut(_Out):
    """`connected`, `in_time`: calls of today, and records complete in time; `flags` wait for a decision."""

    now: datetime
    held: list[HeldOut]
    queues: list[SkillQueueOut]
    connected: int
    in_time: int
    flags: int
    voided: int


@router.get("/supervision", access=roles(Role.SUPERVISOR))
async def overview(request: Request) -> OverviewOut:
    """Who is on which callback, queues by skill, wrap-ups of today, what waits for a decision."""
    found = await supervision.overview(runtime_of(request))
    return OverviewOut(
        now=found.now,
        held=[
            HeldOut(
                callback_id=one.row.lease.callback_id, agent=one.row.lease.agent_name, step=one.row.lease.state,
                scenario=one.row.permit.callback.scenario, since=one.since, overdue=one.overdue,
            )
            for one in found.held
        ],
        queues=[SkillQueueOut.model_validate(queue) for queue in found.queues],
        connected=found.wrap_ups.connected, in_time=found.wrap_ups.in_time,
        flags=found.decisions.flags, voided=found.decisions.voided,
    )  # fmt: skip
