"""What follows from each thing that is heard about a callback: another permit, more waiting, or its one explanation."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.events.survey import AttemptClosed, ResponseRecorded
from contracts.vocabulary import (
    AgreedAgent,
    Channel,
    ChannelReason,
    Disposition,
    Explanation,
    NotAttempted,
    ResponseStatus,
)
from services.scheduler.callback import Callback, Permit, PermitKind, PermitState
from services.scheduler.permits import next_channel, plan_permit
from services.scheduler.policy import ScenarioPolicy
from services.scheduler.rules import Rules

LINK_LIFE = timedelta(hours=72)
REPORT_WITHIN = timedelta(hours=24)
"""Nothing heard this long after the last lawful start: unreported."""
RESPONSE_FOLLOWS = timedelta(hours=1)
"""The attempt was told, its response is on its way by another topic."""

_OF_STATUS = {ResponseStatus.COMPLETE: Explanation.COMPLETE, ResponseStatus.PARTIAL: Explanation.PARTIAL}


@dataclass(frozen=True)
class Step:
    """One of: a new permit, a time until which to wait, an explanation. `last_word` is kept for the wait.

    A reminder is a permit beside the wait for the link that is open."""

    permit: Permit | None = None
    closes_at: datetime | None = None
    explanation: Explanation | None = None
    last_word: Explanation | None = None


class Course:
    """Decides with the rules in force; looks at nothing but its arguments."""

    def __init__(self, rules: Rules, now: datetime) -> None:
        self._rules, self._now = rules, now

    def after_attempt(self, callback: Callback, attempt: AttemptClosed) -> Step:
        """`callback` already holds the attempt's permit as ended with its disposition."""
        return waiting_for_link(callback, self._follows(callback, attempt), self._now)

    def after_response(self, callback: Callback, response: ResponseRecorded) -> Step | None:
        """`callback` already holds the response; None: nothing follows yet."""
        status = callback.heard()
        if status is None:
            if response.final or callback.last_word is Explanation.REFUSED:
                return None
            return Step(closes_at=None, last_word=Explanation.PARTIAL)
        on_the_phone = any(
            p.state is PermitState.RELEASED and p.channel in (Channel.PHONE, Channel.IVR) for p in callback.permits
        )
        if status is ResponseStatus.PARTIAL and on_the_phone:
            # whether this is a partial or a break-off is said by the attempt, which comes by another topic
            return Step(closes_at=self._now + RESPONSE_FOLLOWS, last_word=Explanation.PARTIAL)
        return Step(explanation=_OF_STATUS[status])

    def at_closing_time(self, callback: Callback) -> Step:
        """The closing timer rang: nothing more can be waited for."""
        if callback.pending() is not None:
            return Step(closes_at=self._now + REPORT_WITHIN)
        if any(p.state is PermitState.RELEASED for p in callback.permits) and callback.heard() is None:
            return Step(explanation=Explanation.UNREPORTED)
        return Step(explanation=callback.last_word or Explanation.EXHAUSTED)

    def next_way(self, callback: Callback, *, otherwise: Explanation) -> Step:
        """The policy's next channel before the deadline; `otherwise` when there is none."""
        policy = self._policy(callback)
        channel = next_channel(policy, callback)
        if channel is None:
            return Step(explanation=otherwise)
        kind = PermitKind.RETRY if any(p.was_tried for p in callback.permits) else PermitKind.FIRST
        permit = plan_permit(
            self._rules, policy, callback,
            channel=channel, reason=ChannelReason.FALLBACK, kind=kind, earliest=self._now, now=self._now,
        )  # fmt: skip
        return Step(permit=permit) if permit else Step(explanation=otherwise)

    def _follows(self, callback: Callback, attempt: AttemptClosed) -> Step:
        match attempt.disposition:
            case Disposition.COMPLETE | Disposition.PARTIAL as heard:
                return self._answered(callback, Explanation(heard.value))
            case Disposition.BREAK_OFF:
                return Step(explanation=Explanation.BREAK_OFF)
            case Disposition.OPTED_OUT:
                return Step(explanation=Explanation.OPTED_OUT)
            case Disposition.REFUSAL:
                return self._refused(callback, attempt)
            case Disposition.APPOINTMENT:
                return self._agreed(callback, attempt)
            case Disposition.DELIVERED:
                return self._delivered(callback, attempt)
            case Disposition.NOT_ATTEMPTED:
                return self._given_back(callback, attempt)
            case _:
                return self._not_reached(callback, attempt)

    def _answered(self, callback: Callback, said: Explanation) -> Step:
        status = callback.heard()
        if status is None:
            return Step(closes_at=self._now + RESPONSE_FOLLOWS, last_word=said)
        return Step(explanation=_OF_STATUS[status])

    def _refused(self, callback: Callback, attempt: AttemptClosed) -> Step:
        channel = attempt.online_channel or Channel.EMAIL
        if not attempt.online_consented or channel not in callback.reachable:
            return Step(explanation=Explanation.REFUSED)
        permit = plan_permit(
            self._rules, self._policy(callback), callback, channel=channel,
            reason=ChannelReason.PREFERENCE, kind=PermitKind.AGREED, earliest=self._now, now=self._now,
        )  # fmt: skip
        if permit is None:
            return Step(explanation=Explanation.REFUSED)
        return Step(permit=permit, last_word=Explanation.REFUSED)

    def _agreed(self, callback: Callback, attempt: AttemptClosed) -> Step:
        latest = self._now + timedelta(days=self._rules.house.agreed.within_days)
        permit = plan_permit(
            self._rules, self._policy(callback), callback, channel=attempt.channel, reason=attempt.channel_reason,
            kind=PermitKind.AGREED, earliest=min(attempt.agreed_at or self._now, latest), now=self._now,
            reserved_agent=attempt.agent if attempt.agreed_agent is AgreedAgent.OWN else None,
        )  # fmt: skip
        return Step(permit=permit) if permit else Step(explanation=Explanation.EXHAUSTED)

    def _delivered(self, callback: Callback, attempt: AttemptClosed) -> Step:
        until = attempt.link_until or attempt.ended_at + LINK_LIFE
        return Step(
            permit=self._again(callback, attempt),
            closes_at=max(until, self._now),
            last_word=callback.last_word or Explanation.EXHAUSTED,
        )

    def _not_reached(self, callback: Callback, attempt: AttemptClosed) -> Step:
        permit = self._again(callback, attempt)
        if permit is not None:
            return Step(permit=permit)
        return self.next_way(callback, otherwise=callback.last_word or Explanation.EXHAUSTED)

    def _again(self, callback: Callback, attempt: AttemptClosed) -> Permit | None:
        """The retry that the policy states for this outcome, before the deadline."""
        policy = self._policy(callback)
        rule = next((r for name, r in policy.retries.items() if name == attempt.disposition), None)
        if rule is None or callback.tried(attempt.channel) >= rule.attempts:
            return None
        return plan_permit(
            self._rules, policy, callback, channel=attempt.channel, reason=attempt.channel_reason,
            kind=PermitKind.RETRY, earliest=attempt.ended_at + rule.delay, now=self._now,
        )  # fmt: skip

    def _given_back(self, callback: Callback, attempt: AttemptClosed) -> Step:
        ended = callback.permit(attempt.permit_no)
        unreached = callback.last_word or (
            Explanation.EXHAUSTED if any(p.was_tried for p in callback.permits) else Explanation.WINDOW_MISSED
        )
        match attempt.not_attempted:
            case NotAttempted.ALREADY_ANSWERED:
                return self._answered(callback, Explanation.COMPLETE)
            case NotAttempted.SUPPRESSED:
                return self.next_way(callback, otherwise=Explanation.OPTED_OUT)
            case NotAttempted.CANCELLED if ended is not None and ended.cancelled == "suppressed":
                return self.next_way(callback, otherwise=Explanation.OPTED_OUT)
            case NotAttempted.CANCELLED if ended is not None and ended.cancelled == "corrected":
                return self._anew(callback, ended, otherwise=unreached)
            case NotAttempted.CANCELLED:
                return Step(explanation=Explanation.WITHDRAWN)
            case NotAttempted.LATE if ended is not None:
                return self._anew(callback, ended, otherwise=unreached)
            case _:
                return Step(explanation=unreached)

    def _anew(self, callback: Callback, ended: Permit, *, otherwise: Explanation) -> Step:
        """The same permit again, under the next number, while its window lasts."""
        if ended.channel not in callback.reachable:
            return self.next_way(callback, otherwise=otherwise)
        if ended.kind is PermitKind.AGREED and self._now > ended.last_start:
            return Step(explanation=otherwise)
        permit = plan_permit(
            self._rules, self._policy(callback), callback, channel=ended.channel, reason=ended.channel_reason,
            kind=ended.kind, earliest=self._now, now=self._now, reserved_agent=ended.reserved_agent,
        )  # fmt: skip
        return Step(permit=permit) if permit else Step(explanation=otherwise)

    def _policy(self, callback: Callback) -> ScenarioPolicy:
        return self._rules.policies.scenarios[callback.scenario]


def waiting_for_link(callback: Callback, step: Step, now: datetime) -> Step:
    """The step, but no end while an earlier message can still be answered."""
    until = callback.link_open_until(now)
    if step.explanation is not Explanation.EXHAUSTED or until is None:
        return step
    return Step(closes_at=until, last_word=step.explanation)


def silent_until(last_start: datetime) -> datetime:
    """When a released permit of which nothing was heard counts as unreported."""
    return last_start + REPORT_WITHIN
