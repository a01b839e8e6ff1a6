"""Plans in a replay, held against those that are stored, and the ends of callbacks."""

from dataclasses import dataclass
from datetime import datetime

from contracts.vocabulary import Channel, ChannelReason, Explanation
from services.scheduler.budget import Used
from services.scheduler.callback import Permit, PermitKind
from services.scheduler.permits import plan_permit
from services.scheduler.rules import Rules
from services.scheduler.simulate.agenda import Agenda
from services.scheduler.simulate.history import PlanSeen
from services.scheduler.simulate.outcomes import Observed
from services.scheduler.simulate.regimes import Regime
from services.scheduler.simulate.shared import Shared
from services.scheduler.simulate.track import Track

_EVERYTHING = ("start", "broken", "reasons", "window", "own_hours", "budget", "calendar", "policy")
Way = tuple[Channel, ChannelReason]


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a replay and what is stored part."""

    service_id: str
    what: str
    at: datetime
    stored: str
    replayed: str


class Planning:
    def __init__(self, regime: Regime, outcomes: Observed, agenda: Agenda, shared: Shared) -> None:
        self._regime, self._outcomes, self._agenda, self._shared = regime, outcomes, agenda, shared
        self.differences: list[Difference] = []
        self.plans = 0

    def _plan(
        self, track: Track, rules: Rules, way: Way, kind: PermitKind, *, earliest: datetime, now: datetime,
        budget: Used | None, number: int | None = None, reserved_agent: str | None = None,
    ) -> Permit | None:  # fmt: skip
        policy = rules.policies.scenarios[track.callback.scenario]
        return plan_permit(
            rules, policy, track.callback, channel=way[0], reason=way[1], kind=kind, earliest=earliest, now=now,
            number=number, budget=budget, reserved_agent=reserved_agent,
        )  # fmt: skip

    def _used(self, track: Track, rules: Rules, then: PlanSeen | None, now: datetime) -> Used:
        counted = then.budget_used if then is not None and track.in_step else None
        if then is not None and counted is not None and track.completion.corrections:
            # whose budget it was then is not known once the contact was corrected
            return Used(counted, then.budget_free_at)
        return self._shared.used(track.callback.person, now=now, rules=rules, then=counted)

    def _take(
        self, track: Track, permit: Permit | None, then: PlanSeen | None, otherwise: Explanation, now: datetime
    ) -> None:
        """A plan that was made: held against the stored one, then waited for; without one the callback ends."""
        self.plans += 1
        if permit is None:
            self._end(track, otherwise, now)
            return
        if track.in_step:
            self._compare(track, permit, then, now)
        track.put(permit)
        self._await(track)

    def _compare(self, track: Track, permit: Permit, then: PlanSeen | None, now: datetime) -> None:
        names = _EVERYTHING if self._regime.exact else ("start",)
        stored = {name: then.record.get(name) if then else None for name in names}
        differing = [name for name in names if stored[name] != permit.plan.get(name)]
        seen = track.seen.permit(permit.permit_no) if track.seen else None
        if seen is not None and not seen.channel_was_moved and seen.channel is not permit.channel:
            differing.append("channel")
        if differing:
            told = {**stored, "channel": seen.channel if seen else None}
            made = {**permit.plan, "channel": permit.channel}
            name = differing[0]
            self._leave(track, f"plan: {', '.join(differing)}", str(told[name]), str(made[name]), now)

    def _leave(self, track: Track, what: str, stored: str, replayed: str, now: datetime) -> None:
        """From here on the callback goes its own way."""
        track.in_step = False
        self.differences.append(Difference(track.completion.service_id, what, now, stored, replayed))

    def _end(self, track: Track, why: Explanation, now: datetime) -> None:
        """The callback's one explanation; a second one changes nothing."""
        if track.explanation is not None:
            return
        stored = track.seen.explanation if track.seen else None
        if track.in_step and stored is not why:
            self._leave(track, "explanation", str(stored), why.value, now)
        track.explanation, track.closed_at = why, now

    def _await(self, track: Track) -> None:
        """Puts on the agenda what happens next to the newest permit."""
        raise NotImplementedError
