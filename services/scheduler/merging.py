"""Requests for a second contact: which callback takes them in, and what a new one looks like."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from contracts.events.followup import CallbackRequested
from contracts.ids import named_id
from contracts.vocabulary import Priority, Purpose
from services.scheduler.callback import Callback, Part
from services.scheduler.house import House
from services.scheduler.rules import Rules
from services.scheduler.windows import Window


@dataclass(frozen=True)
class Origin:
    """The completion that a request is about."""

    completion_ref: str
    customer_ref: str
    source: str
    service_id: str
    scenario: str
    zone: str
    vip: bool
    phone_index: str | None
    email_index: str | None


def merged_window(callback: Callback, request: CallbackRequested, grace: timedelta) -> Window | None:
    """Latest not-before, earliest deadline; None when that leaves nothing, so that the two stay apart."""
    not_before = max(callback.not_before, request.not_before)
    deadline = min(callback.deadline, request.deadline)
    if not_before >= deadline:
        return None
    return Window(not_before, deadline, min(callback.not_after, deadline + grace))


def takes_in(callback: Callback, request: CallbackRequested, window: Window, part: Part) -> Callback:
    """The callback with one more part; a promise among its parts lifts it."""
    promised = request.purpose is Purpose.PROGRESS
    return replace(
        callback,
        not_before=window.not_before,
        deadline=window.deadline,
        not_after=window.not_after,
        parts=(*callback.parts, part),
        priority=min(callback.priority, Priority.PROMISED) if promised else callback.priority,
        passes_budget=callback.passes_budget or promised,
        reserved_agent=callback.reserved_agent or request.reserved_agent,
    )


def part_for(request: CallbackRequested, *, round_no: int, house: House) -> Part:
    names = house.questionnaires
    return Part(
        part_id=named_id("part", request.request_id),
        purpose=request.purpose,
        round=round_no,
        questionnaire=names.progress if request.purpose is Purpose.PROGRESS else names.verification,
        about=request.about.model_dump(mode="json", exclude_none=True),
        text=request.text,
        request_id=request.request_id,
    )


def callback_for(rules: Rules, origin: Origin, request: CallbackRequested, part: Part, now: datetime) -> Callback:
    """A callback of its own. A deadline that has passed already leaves the grace, counted as a miss."""
    policy = rules.policies.of(origin.scenario)
    assert policy is not None, "a completion with a callback has a policy"  # noqa: S101
    grace = timedelta(hours=policy.window.grace_hours)
    return Callback(
        callback_id=named_id("callback", origin.completion_ref, request.request_id),
        completion_ref=origin.completion_ref,
        customer_ref=origin.customer_ref,
        source=origin.source,
        service_id=origin.service_id,
        scenario=policy.scenario,
        not_before=request.not_before,
        deadline=request.deadline,
        not_after=request.deadline + grace,
        priority=Priority.PROMISED if request.purpose is Purpose.PROGRESS else Priority.ORDINARY,
        skill=skill_for(rules, policy.scenario, policy.skill, vip=origin.vip),
        zone=origin.zone,
        in_design=False,
        opened_at=now,
        phone_index=origin.phone_index,
        email_index=origin.email_index,
        reserved_agent=request.reserved_agent,
        channel_wish=request.channel_wish,
        passes_budget=request.purpose is Purpose.PROGRESS,
        parts=(part,),
    )


def skill_for(rules: Rules, scenario: str, skill: str, *, vip: bool) -> str:
    """Senior agents get complaints and high-value customers (IN5)."""
    if vip:
        return rules.house.skills.vip
    return rules.house.skills.complaint if scenario == "complaint" else skill
