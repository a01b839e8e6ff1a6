"""Why was this customer (not) called? One page for one completion."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Query, Request, Response

from chassis.access.roles import Role
from chassis.vault import ERASED
from chassis.web.i18n import gettext as _
from chassis.web.pages import render, runtime_of, see_other
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, roles
from contracts.context import ContactData
from services.scheduler.callback import PermitState
from services.scheduler.handlers.in_force import rules_to_read
from services.scheduler.pages import words
from services.scheduler.rulings import rulings
from services.scheduler.store import accounts
from services.scheduler.store.accounts import Account

READERS = roles(Role.SUPERVISOR, Role.ADMIN, Role.ANALYST)
RECENT = 20

router = GuardedRouter()


@dataclass(frozen=True)
class Stage:
    """One line of the way; `state`: done, failed or absent."""

    title: str
    text: str
    state: str
    at: datetime | None = None


@router.get("/why", access=READERS)
async def search(request: Request, service_id: Annotated[str, Query(max_length=200)] = "") -> Response:
    asked = service_id.replace("\x00", "").strip()
    async with runtime_of(request).reading() as connection:
        found = await accounts.services_named(connection, asked) if asked else []
        recent = await accounts.latest(connection, RECENT)
    if len(found) == 1:
        return see_other(request, f"/scheduler/why/{found[0][0]}/{found[0][1]}")
    return render(
        request, "why_search.html", asked=asked, found=found, recent=recent, words=words,
        now=await runtime_of(request).now(), status_code=404 if asked and not found else 200,
    )  # fmt: skip


@router.get("/why/{source}/{service_id:path}", access=READERS)
async def why(request: Request, source: str, service_id: str) -> Response:
    runtime = runtime_of(request)
    async with runtime.reading() as connection:
        found = await accounts.account(connection, source, service_id.replace("\x00", ""))
        rules = await rules_to_read(connection)
    if found is None:
        raise Problem(404, _("没有收到过这次服务"), _("请检查服务编号和来源。"))
    ref = found.completion["customer_ref"]
    keys = await runtime.vault.keyring(contact=[ref])
    opened = keys.open(ref, "contact", found.completion["contact"])
    contact = None if opened is ERASED else ContactData.model_validate(opened)
    survey = found.callbacks[0] if found.callbacks else None
    return render(
        request,
        "why.html",
        account=found,
        completion=found.completion,
        callback=survey,
        contact=contact,
        stages=stages(found),
        rulings=rulings(rules, survey) if survey else [],
        policy=rules.policies.scenarios[survey.scenario] if survey else None,
        words=words,
        now=await runtime.now(),
    )


def stages(found: Account) -> list[Stage]:
    """收到 → 归层 → 抽取 → 排期 → 拨打 → 回答与后续 → 结清"""
    row = found.completion
    drawn = row["draw"] is not None
    return [
        Stage(_("收到"), words.received(row), "done", row["accepted_at"]),
        Stage(_("归层"), words.layered(row), "done" if drawn else "failed", row["accepted_at"]),
        Stage(_("抽取"), words.drawn(row), "done" if drawn else "absent", row["accepted_at"] if drawn else None),
        _planning(found),
        _contacting(found),
        _afterwards(found),
        _settling(found),
    ]


def _planning(found: Account) -> Stage:
    if not found.callbacks:
        return Stage(_("排期"), _("没有发生"), "absent")
    callback = found.callbacks[0]
    if not callback.permits:
        return Stage(_("排期"), words.outcome(found.completion), "failed", callback.opened_at)
    first = callback.permits[0]
    return Stage(_("排期"), words.planned(first), "done", first.planned_at)


def _contacting(found: Account) -> Stage:
    tries = [p for c in found.callbacks for p in c.permits if p.state is not PermitState.PENDING]
    if not tries:
        return Stage(_("拨打"), _("没有发生"), "absent")
    last = tries[-1]
    attempt = found.attempts[last.callback_id, last.permit_no]
    return Stage(_("拨打"), words.tried(tries), "done", attempt.ended_at or attempt.released_at)


def _afterwards(found: Account) -> Stage:
    if not found.story:
        return Stage(_("回答与后续"), _("没有记录、案件或承诺"), "absent")
    return Stage(_("回答与后续"), words.followed(found.story), "done", found.story[-1].at)


def _settling(found: Account) -> Stage:
    row = found.completion
    if row["explanation"] is None:
        return Stage(_("结清"), _("还没有结束"), "absent")
    return Stage(_("结清"), words.outcome(row), "done", row["explained_at"])
