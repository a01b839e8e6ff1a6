"""Planning one permit: which channel, when, and until when it may start."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from contracts.vocabulary import Channel, ChannelReason
from services.scheduler.budget import Used
from services.scheduler.callback import Callback, Permit, PermitKind, aging
from services.scheduler.planner import BUDGET_USED, GRID, Plan, Question, plan
from services.scheduler.policy import ScenarioPolicy
from services.scheduler.rules import Rules
from services.scheduler.windows import Window

# an agreed minute outside the lawful hours moves to the next lawful one; a night is shorter than this
_NIGHT = timedelta(hours=14)


def first_channel(
    policy: ScenarioPolicy, callback: Callback, *, chance: float = 1.0
) -> tuple[Channel, ChannelReason] | None:
    """The channel of the first permit and why it; None when the customer cannot be reached.

    Where the policy runs the mode experiment, customers with both ways of contact are assigned by `chance` in [0, 1),
    and both arms are marked random: only they may be compared.
    """
    wish = callback.channel_wish
    if wish is not None and wish in callback.reachable:
        return wish, ChannelReason.PREFERENCE
    channels = _channels(policy, callback)
    usable = [channel for channel in channels if channel in callback.reachable]
    if not usable:
        return None
    if policy.random_email_share and len(usable) > 1:
        return (Channel.EMAIL if chance < policy.random_email_share else Channel.PHONE), ChannelReason.RANDOM
    return usable[0], ChannelReason.POLICY if usable[0] is channels[0] else ChannelReason.FALLBACK


def next_channel(policy: ScenarioPolicy, callback: Callback) -> Channel | None:
    """The next channel of the policy that was not tried yet and for which there is contact data."""
    used = {permit.channel for permit in callback.permits}
    return next((c for c in _channels(policy, callback) if c in callback.reachable and c not in used), None)


def _channels(policy: ScenarioPolicy, callback: Callback) -> tuple[Channel, ...]:
    return policy.channels if callback.channels is None else callback.channels


def plan_permit(
    rules: Rules, policy: ScenarioPolicy, callback: Callback, *, channel: Channel, reason: ChannelReason,
    kind: PermitKind, earliest: datetime, now: datetime, reserved_agent: str | None = None, number: int | None = None,
    budget: Used | None = None,
) -> Permit | None:  # fmt: skip
    """The best permit from `earliest` on; None when no lawful start is left.

    A first permit may use the grace after the deadline, a retry may not, an agreed one follows the customer's word.
    `budget`: what the person's contact budget held at this moment; None where it is not asked, as after a first permit.
    """
    question = _question(rules, policy, callback, kind=kind, earliest=max(earliest, now), now=now, budget=budget)
    planned = _best(question)
    if planned.slot is None:
        return None
    due = planned.slot.start
    last_start = _last_start(rules, callback, kind, due)
    return Permit(
        callback_id=callback.callback_id, permit_no=number or callback.next_permit_no,
        customer_ref=callback.customer_ref, channel=channel, channel_reason=reason, due_at=due,
        urgency=due + aging(due, last_start) * (callback.priority - 1), skill=callback.skill, kind=kind,
        not_before=question.window.not_before, last_start=last_start, planned_at=now,
        plan=_record(rules, callback, planned, question, now=now, budget=budget),
        reserved_agent=reserved_agent or callback.reserved_agent,
    )  # fmt: skip


def _best(question: Question) -> Plan:
    """A budget that is used until the end holds up no plan: the release decides, until when the number may be corrected
    or a promise may join."""
    planned = plan(question)
    if planned.reasons != (BUDGET_USED,):
        return planned
    planned = plan(replace(question, budget_free_at=None))
    return replace(planned, reasons=(*planned.reasons, BUDGET_USED))


def _question(
    rules: Rules, policy: ScenarioPolicy, callback: Callback, *, kind: PermitKind, earliest: datetime, now: datetime,
    budget: Used | None,
) -> Question:  # fmt: skip
    house, window = rules.house, Window(callback.not_before, callback.deadline, callback.not_after)
    asks_budget = callback.counted_at is None and not callback.passes_budget
    question = Question(
        window=window,
        earliest=earliest,
        zone=ZoneInfo(callback.zone),
        hard=rules.hard[policy.scenario],
        is_workday=rules.calendar.is_workday,
        soft_bans=(*house.soft_bans, *policy.soft_bans),
        preferences=house.preferences if policy.preferences is None else policy.preferences,
        own_hours=callback.own_hours(house.answered.calls),
        budget_free_at=budget.free_at if budget and asks_budget else None,
    )
    if kind is PermitKind.RETRY:
        return replace(question, window=replace(window, not_after=callback.deadline))
    if kind is PermitKind.AGREED:
        patience = timedelta(minutes=house.agreed.patience_minutes)
        latest = max(earliest + _NIGHT, now + timedelta(days=house.agreed.within_days))
        agreed = Window(earliest, earliest + patience, latest)
        return replace(question, window=agreed, soft_bans=(), preferences=(), own_hours=())
    return question


def _last_start(rules: Rules, callback: Callback, kind: PermitKind, due: datetime) -> datetime:
    if kind is PermitKind.AGREED:
        return due + timedelta(minutes=rules.house.agreed.patience_minutes)
    return callback.deadline if kind is PermitKind.RETRY else callback.not_after


def _record(
    rules: Rules, callback: Callback, planned: Plan, question: Question, *, now: datetime, budget: Used | None
) -> dict[str, object]:
    """What the plan saw and chose, so that it can be told and repeated."""
    assert planned.slot is not None, "only a slot that was found is recorded"  # noqa: S101
    return {
        "start": planned.slot.start.isoformat(),
        "broken": list(planned.slot.broken),
        "reasons": list(planned.reasons),
        "now": now.isoformat(),
        "earliest": question.earliest.isoformat(),
        "window": [_iso(question.window.not_before), _iso(question.window.deadline), _iso(question.window.not_after)],
        "zone": callback.zone,
        "own_hours": list(question.own_hours),
        "budget": {"used": budget.count, "free_at": _iso(question.budget_free_at)} if budget else None,
        "grid_minutes": int(GRID.total_seconds() // 60),
        "calendar": rules.calendar.version,
        "policy": rules.policies.versions[callback.scenario],
    }


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant is not None else None
