"""What became of one completion: everything that was decided, and by which rule."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from pydantic import BaseModel

from chassis.access.person import Person
from chassis.access.roles import Role
from chassis.web.i18n import gettext as _
from chassis.web.pages import runtime_of, signed_in
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, roles
from services.scheduler.callback import Callback
from services.scheduler.handlers.in_force import rules_to_read
from services.scheduler.rules import Rules
from services.scheduler.rulings import rulings
from services.scheduler.store.accounts import Account, account

router = GuardedRouter(prefix="/api/v1")


class PermitOut(BaseModel):
    permit_no: int
    channel: str
    channel_reason: str
    kind: str
    state: str
    due_at: datetime
    last_start: datetime
    released_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    disposition: str | None
    not_attempted: str | None
    cancelled: str | None
    plan: dict[str, Any]
    """What the newest plan saw: now, window, zone, own hours, budget, calendar and policy version."""
    earlier_plans: tuple[dict[str, Any], ...]
    """Plans that it replaced, the oldest first; `put_off` says why."""
    rules_broken: tuple[str, ...]
    why_no_better: tuple[str, ...]


_OF_PERMIT = (
    "permit_no", "channel", "channel_reason", "kind", "state", "due_at", "last_start", "disposition", "not_attempted",
    "cancelled",
)  # fmt: skip


class PartOut(BaseModel):
    purpose: str
    round: int
    questionnaire: str
    response_id: str | None
    heard: str | None


class RuleOut(BaseModel):
    level: str
    rule: str
    bounds: tuple[str, str]
    value: datetime | None
    result: str


class CallbackOut(BaseModel):
    callback_id: str
    not_before: datetime
    deadline: datetime
    not_after: datetime
    zone: str
    priority: int
    skill: str
    explanation: str | None
    parts: tuple[PartOut, ...]
    permits: tuple[PermitOut, ...]
    rules: tuple[RuleOut, ...]


class StoryOut(BaseModel):
    at: datetime
    kind: str
    subject: str
    revision: int
    detail: dict[str, Any]


class ServiceOut(BaseModel):
    """`explanation` is null while the callback is open; `draw` < `inclusion_probability` means drawn."""

    source: str
    service_id: str
    verdict: str
    reason: str
    explanation: str | None
    explained_at: datetime | None
    scenario: str | None
    period: str
    stratum: str
    rate_version: int
    cell: str
    inclusion_probability: float
    draw: float | None
    secret_digest: str | None
    policy_version: str
    completed_at: datetime
    handled_at: datetime | None
    counted_from: datetime
    """What the window is counted from, by the scenario's clock."""
    accepted_at: datetime
    road: str
    warnings: tuple[str, ...]
    duplicates: int
    corrections: int
    callbacks: tuple[CallbackOut, ...]
    story: tuple[StoryOut, ...]


@router.get(
    "/services/{source}/{service_id:path}",
    access=roles(Role.SUPERVISOR, Role.ADMIN, Role.ANALYST, Role.CRM),
)
async def service(
    request: Request, source: str, service_id: str, person: Annotated[Person, Depends(signed_in)]
) -> ServiceOut:
    """A crm token sees its own source only."""
    if person.role is Role.CRM and person.source is not None and person.source != source:
        raise Problem(403, _("这个令牌只能查看自己来源的记录"))
    async with runtime_of(request).reading() as connection:
        found = await account(connection, source, service_id)
        rules = await rules_to_read(connection)
    if found is None:
        raise Problem(404, _("没有收到过这次服务"))
    return _out(rules, found)


def _out(rules: Rules, found: Account) -> ServiceOut:
    row = found.completion
    return ServiceOut(
        **{name: row[name] for name in ServiceOut.model_fields if name in row},
        inclusion_probability=row["thousandths"] / 1000,
        secret_digest=found.secret_digest,
        callbacks=tuple(_callback(rules, found, callback) for callback in found.callbacks),
        story=tuple(
            StoryOut(at=s.at, kind=s.kind, subject=s.subject, revision=s.revision, detail=dict(s.detail))
            for s in found.story
        ),
    )


def _callback(rules: Rules, found: Account, callback: Callback) -> CallbackOut:
    permits = []
    for permit in callback.permits:
        attempt = found.attempts[callback.callback_id, permit.permit_no]
        permits.append(
            PermitOut(
                **{name: getattr(permit, name) for name in _OF_PERMIT},
                plan=dict(permit.plan),
                earlier_plans=tuple(dict(plan) for plan in attempt.earlier_plans),
                released_at=attempt.released_at,
                started_at=attempt.started_at,
                ended_at=attempt.ended_at,
                rules_broken=tuple(permit.plan.get("broken", ())),
                why_no_better=tuple(permit.plan.get("reasons", ())),
            )
        )
    own = {"parts", "permits", "rules"}
    return CallbackOut(
        **{name: getattr(callback, name) for name in CallbackOut.model_fields if name not in own},
        parts=tuple(PartOut(**{n: getattr(part, n) for n in PartOut.model_fields}) for part in callback.parts),
        permits=tuple(permits),
        rules=tuple(
            RuleOut(level=r.level, rule=r.rule, bounds=r.bounds, value=r.value, result=r.result)
            for r in rulings(rules, callback)
        ),
    )
