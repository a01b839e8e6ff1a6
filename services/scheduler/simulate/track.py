"""One callback as a replay carries it on: in step with the stored one, or on its own way since something differed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from contracts.ids import named_id
from contracts.vocabulary import Channel, Disposition, Explanation
from services.scheduler import pilots
from services.scheduler.beginning import callback_of
from services.scheduler.callback import Callback, Permit, PermitKind, PermitState
from services.scheduler.ledger import LedgerRow
from services.scheduler.policy import ScenarioPolicy
from services.scheduler.rules import Rules
from services.scheduler.sampling import Rate
from services.scheduler.simulate.history import CallbackSeen, Completion, PermitSeen, PlanSeen

OUTSIDE_ENDS = (Explanation.OPTED_OUT, Explanation.ERASED, Explanation.WITHDRAWN)
"""Ends that come from a customer or a clerk, whatever was planned."""
ENDS_BEFORE_ATTEMPTS = (*OUTSIDE_ENDS, Explanation.COMPLETE, Explanation.PARTIAL)
"""Ends that may be heard before the attempt that belongs to them: then the attempt plans nothing more."""


@dataclass
class Track:
    completion: Completion
    seen: CallbackSeen | None
    """The stored callback; None: it is drawn under this regime only."""
    callback: Callback
    in_step: bool
    plan_no: int = 0
    """Which of the stored plans of the newest permit it stands at."""
    explanation: Explanation | None = None
    closed_at: datetime | None = None
    drawn: int = 0
    """Outcomes that did not happen and were drawn."""

    @property
    def permit(self) -> Permit:
        return self.callback.permits[-1]

    @property
    def seen_permit(self) -> PermitSeen | None:
        """The stored permit of the newest number, on the same way or not."""
        if self.seen is None or not self.callback.permits:
            return None
        return self.seen.permit(self.permit.permit_no)

    @property
    def ends_outside_at(self) -> datetime | None:
        if self.seen is None or self.seen.explanation not in OUTSIDE_ENDS:
            return None
        told = any(permit.disposition is Disposition.OPTED_OUT for permit in self.seen.permits)
        return None if told else self.seen.closed_at

    @property
    def terms_may_have_moved(self) -> bool:
        """A corrected document or a merged request gives other terms than the ledger's row does now."""
        return self.completion.corrections > 0 or (self.seen is not None and self.seen.passes_budget)

    @property
    def was_closed_before(self) -> bool:
        """No permit follows the newest one because the callback had ended when its attempt was heard."""
        return self.seen is not None and self.seen.explanation in ENDS_BEFORE_ATTEMPTS

    @property
    def seen_end(self) -> datetime:
        """When the stored callback was closed."""
        assert self.seen is not None and self.seen.closed_at is not None  # noqa: S101 - asked of what has ended
        return self.seen.closed_at

    def missed(self, until: datetime) -> bool:
        """Did the first attempt start after the deadline, or not at all until it was over?"""
        return self.callback.missed_deadline(self.closed_at or until)

    def next_plan(self) -> PlanSeen | None:
        """The stored plan that took the place of the one it stands at."""
        seen = self.seen_permit
        following = self.plan_no + 1
        return seen.plans[following] if seen is not None and following < len(seen.plans) else None

    def put(self, permit: Permit) -> None:
        """The newest state of a permit, in place of the one of its number."""
        others = tuple(one for one in self.callback.permits if one.permit_no != permit.permit_no)
        self.callback = replace(self.callback, permits=(*others, permit))

    def release(self, now: datetime) -> None:
        self.put(replace(self.permit, state=PermitState.RELEASED))
        self.callback = replace(self.callback, counted_at=self.callback.counted_at or now)

    def end_permit(self, disposition: Disposition, ended: Permit, tried_at: datetime) -> None:
        self.put(ended)
        if disposition is not Disposition.NOT_ATTEMPTED:
            first = min(self.callback.first_tried_at or tried_at, tried_at)
            self.callback = replace(self.callback, first_tried_at=first)

    def see(self, plan: PlanSeen, kind: PermitKind, rules: Rules, *, same_window: bool) -> None:
        """Takes over what the stored plan saw of the customer: own hours, zone, and terms that were moved."""
        self.callback = replace(
            self.callback, zone=plan.record["zone"], answered=answered_by(plan.own_hours, rules.house.answered.calls)
        )
        if same_window and self.terms_may_have_moved:
            self._see_window(plan, kind)

    def _see_window(self, plan: PlanSeen, kind: PermitKind) -> None:
        """A retry's plan ends at the deadline and an agreed one has a window of its own."""
        not_before, deadline, not_after = plan.window
        if kind is PermitKind.AGREED:
            return
        kept = not_after if kind is PermitKind.FIRST else max(not_after, self.callback.not_after)
        self.callback = replace(self.callback, not_before=not_before, deadline=deadline, not_after=kept)


def answered_by(hours: tuple[int, ...], calls: int) -> Mapping[int, int]:
    """Counts of answered calls that give just these own hours."""
    return dict.fromkeys(hours, calls)


def sampled_callback(
    rules: Rules, completion: Completion, seen: CallbackSeen | None, *, counted_from: datetime, stratum: str, rate: Rate
) -> Callback:
    """The callback that the draw of this completion begins, by the rule that begins every one."""
    assert completion.scenario is not None, "what is drawn has a scenario"  # noqa: S101
    policy = rules.policies.scenarios[completion.scenario]
    first, told = seen.permits[0].plans[0] if seen and seen.permits else None, as_counted(completion, seen)
    row = LedgerRow(
        completion_ref=completion.completion_ref, source=completion.source, service_id=completion.service_id,
        customer_ref=completion.customer_ref, scenario=policy.scenario, verdict="selected", reason="",
        period=completion.period, stratum=stratum, rate_version=rate.version, cell="", thousandths=rate.thousandths,
        draw=None, policy_version="", completed_at=completion.clocks.completed_at,
        handled_at=completion.clocks.handled_at, counted_from=counted_from, accepted_at=completion.accepted_at,
        road="kafka", zone=first.record["zone"] if first else completion.zone,
        vip=completion.level in rules.policies.certainty_levels(policy), phone_index=told.phone_index,
        email_index=told.email_index, contact="", context="", narrative=None, warnings=(), digest=b"",
        channels=_channels(policy, completion),
    )  # fmt: skip
    hours = first.own_hours if first else ()
    return callback_of(rules, row, answered=answered_by(hours, rules.house.answered.calls))


def asked_callback(rules: Rules, completion: Completion, seen: CallbackSeen) -> Callback:
    """A callback that somebody asked for: its terms came with the request, not with a policy."""
    assert completion.scenario is not None, "who asks names a completion of a scenario"  # noqa: S101
    first, told = seen.permits[0].plans[0] if seen.permits else None, as_counted(completion, seen)
    not_before, deadline, not_after = first.window if first else seen.window
    return Callback(
        callback_id=seen.callback_id, completion_ref=completion.completion_ref, customer_ref=completion.customer_ref,
        source=completion.source, service_id=completion.service_id, scenario=completion.scenario,
        not_before=not_before, deadline=deadline, not_after=not_after, priority=seen.priority, skill=seen.skill,
        zone=first.record["zone"] if first else completion.zone, in_design=False, opened_at=seen.opened_at,
        phone_index=told.phone_index, email_index=told.email_index, reserved_agent=seen.reserved_agent,
        channel_wish=seen.channel_wish, passes_budget=seen.passes_budget,
        answered=answered_by(first.own_hours if first else (), rules.house.answered.calls),
    )  # fmt: skip


def as_counted(completion: Completion, seen: CallbackSeen | None) -> Completion:
    """With the number and address of the time at which its callback was counted, where they were corrected since."""
    if seen is not None and seen.explanation is Explanation.NO_CONTACT_DATA and not seen.permits:
        return replace(completion, phone_index=None, email_index=None)
    if seen is None or seen.counted_as in (None, completion.person):
        return completion
    kind, _, index = str(seen.counted_as).partition(":")
    phone = index if kind == "phone" else None
    return replace(completion, phone_index=phone, email_index=index if kind == "email" else completion.email_index)


def survey_id(completion_ref: str) -> str:
    """The id of the callback that a draw begins."""
    return named_id("callback", completion_ref)


def _channels(policy: ScenarioPolicy, completion: Completion) -> tuple[Channel, ...] | None:
    if not policy.channel_pilots:
        return None
    return pilots.open_channels(policy, customer_ref=completion.customer_ref, team=completion.team)
