"""A span once more, event by event, by the rules that decided then: draw, planner, release, course.

A callback stays in step with the stored one while every decision falls as it fell: then what came from outside (the
moment of each pass, outcomes, corrections, merged requests) is taken as it is stored. At the first decision that falls
otherwise it goes its own way: permits are looked at when they are due, and an outcome that did not happen is drawn.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from services.scheduler import sampling
from services.scheduler.capacity import hour_of
from services.scheduler.rules import Rules
from services.scheduler.simulate.agenda import Agenda, Rank
from services.scheduler.simulate.following import Following
from services.scheduler.simulate.history import CallbackSeen, Completion, History, PlanSeen, in_frame
from services.scheduler.simulate.outcomes import Observed
from services.scheduler.simulate.planning import Difference
from services.scheduler.simulate.regimes import Regime, Sampled
from services.scheduler.simulate.shared import Shared
from services.scheduler.simulate.track import Track, asked_callback, sampled_callback
from services.scheduler.windows import counted_from


@dataclass(frozen=True)
class Replayed:
    """What a regime makes of a span."""

    sampled: Mapping[str, Sampled]
    """By completion_ref."""
    tracks: Sequence[Track]
    calls: Mapping[datetime, Counter[str]]
    """Calls released in each hour (its first instant), by skill; those of other callbacks too."""
    differences: Sequence[Difference]
    plans: int
    """How many times the planner was asked."""


def replay(history: History, regime: Regime, outcomes: Observed) -> Replayed:
    """Everything up to the instant at which the ledger was read. Pure: the same arguments give the same result."""
    return _Replay(history, regime, outcomes).run()


class _Replay:
    def __init__(self, history: History, regime: Regime, outcomes: Observed) -> None:
        self._history, self._regime = history, regime
        self._agenda, self._shared = Agenda(), Shared(history)
        self._course = Following(regime, outcomes, self._agenda, self._shared)
        self._sampled: dict[str, Sampled] = {}
        self._tracks: list[Track] = []

    def run(self) -> Replayed:
        for call in self._history.released:
            self._agenda.at(call.at, Rank.RELEASED, partial(self._other_call, call.skill))
        for one in self._history.counted:
            self._agenda.at(one.at, Rank.RELEASED, partial(self._shared.budgets.count, one.person))
        self._arrivals()
        self._agenda.run(self._history.until)
        return Replayed(
            sampled=self._sampled,
            tracks=self._tracks,
            calls=self._shared.calls,
            differences=[*self._sample_differences(), *self._course.differences],
            plans=self._course.plans,
        )

    def _other_call(self, skill: str, now: datetime) -> None:
        self._shared.calls[hour_of(now)][skill] += 1

    def _arrivals(self) -> None:
        seen: dict[str, list[CallbackSeen]] = {}
        for callback in self._history.callbacks:
            seen.setdefault(callback.completion_ref, []).append(callback)
        for completion in self._history.completions:
            sampled = self._regime.sampled(completion, self._history.periods.get(completion.period))
            self._sampled[completion.completion_ref] = sampled
            known = seen.get(completion.completion_ref, [])
            survey = next((callback for callback in known if callback.is_survey), None)
            if sampled.selected:
                begins = survey.opened_at if survey else completion.accepted_at
                self._agenda.at(begins, Rank.PLANNED, partial(self._begin, completion, survey))
            if sampled.selected or completion.verdict != "selected":
                for asked in (callback for callback in known if not callback.is_survey):
                    self._agenda.at(asked.opened_at, Rank.PLANNED, partial(self._begin_asked, completion, asked))

    def _begin(self, completion: Completion, seen: CallbackSeen | None, now: datetime) -> None:
        sampled, scenario = self._sampled[completion.completion_ref], completion.scenario
        if sampled.rate is None or scenario is None:
            return
        first = seen.permits[0].plans[0] if seen and seen.permits else None
        rules = self._regime.rules(scenario, now, first.record["policy"] if first else None)
        callback = sampled_callback(
            rules, completion, seen, counted_from=self._counted_from(completion, first, rules), stratum=sampled.stratum,
            rate=sampled.rate,
        )  # fmt: skip
        secret = self._history.periods[completion.period].secret
        chance = sampling.chance(secret, "channel", source=callback.source, service_id=callback.service_id)
        self._start(Track(completion, seen, callback, in_step=seen is not None), rules, chance, now)

    def _begin_asked(self, completion: Completion, seen: CallbackSeen, now: datetime) -> None:
        if completion.scenario is None:
            return
        first = seen.permits[0].plans[0] if seen.permits else None
        rules = self._regime.rules(completion.scenario, now, first.record["policy"] if first else None)
        track = Track(completion, seen, asked_callback(rules, completion, seen), in_step=True)
        self._start(track, rules, 1.0, now)

    def _start(self, track: Track, rules: Rules, chance: float, now: datetime) -> None:
        self._tracks.append(track)
        self._course.first(track, rules, chance, now)

    def _counted_from(self, completion: Completion, first: PlanSeen | None, rules: Rules) -> datetime:
        """By the clock of the window; where the document was corrected since, what the first plan was counted from."""
        policy = rules.policies.scenarios[completion.scenario] if completion.scenario else None
        if policy is None:
            return completion.counted_from
        named = first.record["policy"] if first else completion.policy_version
        if not self._regime.same_window(policy.scenario, named):
            return counted_from(policy, completion.clocks)
        if first is None or not completion.corrections:
            return completion.counted_from
        return first.window[0] - timedelta(hours=policy.window.not_before_hours)

    def _sample_differences(self) -> list[Difference]:
        """Rows of the ledger whose stratum, rate or draw came out otherwise."""
        found = []
        for completion in self._history.completions:
            made = self._sampled[completion.completion_ref]
            stored = Sampled(completion.verdict == "selected", completion.stratum, None)
            thousandths = made.rate.thousandths if made.rate else 0
            told = (stored.selected, stored.stratum, completion.thousandths if in_frame(completion) else 0)
            if told != (made.selected, made.stratum, thousandths):
                now = f"{made.stratum} {thousandths} {made.selected}"
                found.append(Difference(completion.service_id, "draw", completion.accepted_at, str(told), now))
        return found
