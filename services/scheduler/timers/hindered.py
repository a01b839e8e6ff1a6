"""Permits whose time has come and that may not go: put off, moved to another channel, or the end of their callback."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from chassis.transaction import Transaction
from contracts.vocabulary import ChannelReason, Explanation
from services.scheduler.budget import Used
from services.scheduler.callback import Callback, Permit
from services.scheduler.course import Step, waiting_for_link
from services.scheduler.handlers.closing import CancelReason, cancel
from services.scheduler.handlers.following import follow
from services.scheduler.notice import with_notice
from services.scheduler.permits import next_channel, plan_permit
from services.scheduler.release import Decision, Ripe, Ruling
from services.scheduler.rules import Rules
from services.scheduler.store import permits


@dataclass(frozen=True)
class Hindrance:
    """Why a permit does not go, and what the budget of its person held at that moment of the pass."""

    ripe: Ripe
    decision: Decision
    used: Used


async def hinder(
    tx: Transaction, rules: Rules, hindrances: Sequence[Hindrance], known: Mapping[str, Callback], *, shifts: str
) -> None:
    """Carries out what was decided by this version of the agents' shifts; `known`: their callbacks."""
    carried = _Carried(tx.now, rules, shifts)
    for one in hindrances:
        carried.out(known[one.ripe.callback_id], one)
    await permits.replan(tx.connection, carried.moved)
    await cancel(tx, carried.given_up)
    await follow(tx, rules, carried.steps)


@dataclass
class _Carried:
    now: datetime
    rules: Rules
    shifts: str
    moved: list[Permit] = field(default_factory=list)
    steps: list[tuple[Callback, Step]] = field(default_factory=list)
    given_up: list[tuple[Callback, int, CancelReason]] = field(default_factory=list)
    """Reminders that can no longer be sent, while the message before them can still be answered."""

    def out(self, callback: Callback, hindrance: Hindrance) -> None:
        permit = callback.permit(hindrance.ripe.permit_no)
        assert permit is not None, "it was ripe a moment ago, and its customer is locked"  # noqa: S101
        match hindrance.decision.ruling:
            case Ruling.SUPPRESSED:
                self._end(callback, Explanation.OPTED_OUT)
            case Ruling.CHANNEL_SUPPRESSED:
                self._change_channel(callback, permit, hindrance.used)
            case Ruling.LATE:
                self._end(callback, _unreached(callback))
            case Ruling.BUDGET:
                self._put_off(callback, permit, hindrance, otherwise=Explanation.SUPPRESSED_BY_BUDGET)
            case _:
                self._put_off(callback, permit, hindrance, otherwise=_unreached(callback))

    def _put_off(self, callback: Callback, permit: Permit, hindrance: Hindrance, *, otherwise: Explanation) -> None:
        decision = hindrance.decision
        again = self._planned(callback, permit, hindrance.used, decision.until or self.now)
        if again is None:
            self._end(callback, otherwise)
        else:
            # waiting counts from the first due time, so that nothing starves
            urgency = min(permit.urgency, again.urgency)
            plan = {**again.plan, "put_off": decision.ruling, "shifts": self.shifts}
            self.moved.append(replace(again, urgency=urgency, plan=plan))

    def _change_channel(self, callback: Callback, permit: Permit, used: Used) -> None:
        policy = self.rules.policies.scenarios[callback.scenario]
        channel = next_channel(policy, callback)
        if channel is None:
            self._end(callback, Explanation.OPTED_OUT)
            return
        other = replace(permit, channel=channel, channel_reason=ChannelReason.FALLBACK)
        again = self._planned(callback, other, used, self.now)
        if again is None:
            self._end(callback, Explanation.OPTED_OUT)
        else:
            self.moved.append(again)

    def _planned(self, callback: Callback, permit: Permit, used: Used, earliest: datetime) -> Permit | None:
        policy = self.rules.policies.scenarios[callback.scenario]
        planned = plan_permit(
            self.rules, policy, callback, channel=permit.channel, reason=permit.channel_reason, kind=permit.kind,
            earliest=earliest, now=self.now, reserved_agent=permit.reserved_agent, number=permit.permit_no,
            budget=used,
        )  # fmt: skip
        return planned and with_notice(self.rules, callback, planned)

    def _end(self, callback: Callback, why: Explanation) -> None:
        step = waiting_for_link(callback, Step(explanation=why), self.now)
        if step.explanation is None:
            self.given_up += [(callback, p.permit_no, "withdrawn") for p in callback.permits if p is callback.pending()]
        self.steps.append((callback, step))


def _unreached(callback: Callback) -> Explanation:
    if callback.last_word is not None:
        return callback.last_word
    return Explanation.EXHAUSTED if any(p.was_tried for p in callback.permits) else Explanation.WINDOW_MISSED
