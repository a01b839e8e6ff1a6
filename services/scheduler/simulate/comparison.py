"""Two policies over one span, beside each other: calls per hour against capacity, missed windows, interval widths."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.vocabulary import Channel, Disposition, Explanation
from services.scheduler.callback import PermitState
from services.scheduler.capacity import hour_of
from services.scheduler.rules import Rules
from services.scheduler.simulate.history import History
from services.scheduler.simulate.intervals import Rates, Responses, Width, overall, width
from services.scheduler.simulate.outcomes import Observed, observe
from services.scheduler.simulate.planning import Difference
from services.scheduler.simulate.regimes import AsItWas, Proposed
from services.scheduler.simulate.replay import Replayed, replay

SCORE_SD = 1.0
"""Assumed standard deviation of a score from 1 to 5, where no other is given."""
_HEARD = (Explanation.COMPLETE, Explanation.PARTIAL)


@dataclass(frozen=True)
class Load:
    """Calls of one skill in one hour (its first instant), and what its agents can take."""

    skill: str
    hour: datetime
    calls: int
    capacity: int

    @property
    def over(self) -> bool:
        return self.calls > self.capacity


@dataclass(frozen=True)
class Side:
    """One policy over the span."""

    frame: int
    selected: int
    callbacks: int
    calls: int
    messages: int
    waiting: int
    """Calls that are planned but not made when the span is read: the hours that follow are not lived through."""
    missed: Mapping[str, int]
    """Callbacks whose first attempt came after the deadline or never, by scenario."""
    ends: Mapping[str, int]
    """Callbacks by their explanation; `open` where none is known yet."""
    load: Sequence[Load]
    widths: Sequence[Width]
    overall: Width
    drawn: int
    """Outcomes that did not happen and were drawn."""

    @property
    def hours_over(self) -> int:
        return sum(one.over for one in self.load)


@dataclass(frozen=True)
class Comparison:
    before: Side
    """As it was."""
    after: Side
    """As it would have been."""
    services: int
    seed: int
    score_sd: float
    until: datetime
    plans: int
    """Stored plans that were computed again to reproduce the actual schedule."""
    differences: Sequence[Difference]
    """Where the actual schedule was not reproduced; empty when everything was."""
    changed: Sequence[Difference]
    """The first decision of each callback that falls otherwise under the proposed policy."""
    outcomes: Mapping[Channel, Mapping[Disposition, int]]
    """Observed contacts, from which outcomes that did not happen are drawn."""
    newly_selected: int
    no_longer_selected: int


def compare(history: History, as_it_was: AsItWas, proposed: Proposed, *, seed: int, score_sd: float) -> Comparison:
    outcomes = observe(history.callbacks, seed)
    before = replay(history, as_it_was, outcomes)
    after = replay(history, proposed, outcomes)
    rates = response_rates(before)
    now, then = ({ref for ref, one in side.sampled.items() if one.selected} for side in (after, before))
    return Comparison(
        before=_side(history, before, as_it_was.rules_now, rates, score_sd),
        after=_side(history, after, proposed.proposed, rates, score_sd),
        services=len(history.completions),
        seed=seed,
        score_sd=score_sd,
        until=history.until,
        plans=before.plans,
        differences=before.differences,
        changed=[one for one in after.differences if one.what != "draw"],
        outcomes=Observed.counts(outcomes),
        newly_selected=len(now - then),
        no_longer_selected=len(then - now),
    )


def response_rates(replayed: Replayed) -> Rates:
    """By stratum, over the drawn callbacks that have ended."""
    closed: Counter[str] = Counter()
    answered: Counter[str] = Counter()
    for track in replayed.tracks:
        if track.callback.in_design and track.explanation is not None:
            stratum = replayed.sampled[track.completion.completion_ref].stratum
            closed[stratum] += 1
            answered[stratum] += track.explanation in _HEARD
    return Rates({stratum: Responses(answered[stratum], count) for stratum, count in closed.items()})


def _side(history: History, replayed: Replayed, rules: Rules, rates: Rates, sd: float) -> Side:
    frame = Counter(one.stratum for one in replayed.sampled.values() if one.rate is not None)
    selected = Counter(one.stratum for one in replayed.sampled.values() if one.selected)
    widths = [width(name, frame=frame[name], selected=selected[name], rates=rates, sd=sd) for name in sorted(frame)]
    load = _load(history, replayed, rules)
    tracks = replayed.tracks
    open_now = [track for track in tracks if track.explanation is None]
    return Side(
        frame=frame.total(),
        selected=selected.total(),
        callbacks=len(tracks),
        calls=sum(one.calls for one in load) - len(history.released),
        messages=sum(
            permit.channel is not Channel.PHONE and permit.state is not PermitState.PENDING
            for track in tracks
            for permit in track.callback.permits
        ),
        waiting=sum(
            permit.channel is Channel.PHONE and permit.state is PermitState.PENDING
            for track in open_now
            for permit in track.callback.permits
        ),
        missed=Counter(track.callback.scenario.value for track in tracks if track.missed(history.until)),
        ends=Counter(track.explanation.value if track.explanation else "open" for track in tracks),
        load=load,
        widths=widths,
        overall=overall(widths, sd=sd),
        drawn=sum(track.drawn for track in tracks),
    )


def _load(history: History, replayed: Replayed, rules: Rules) -> list[Load]:
    """Every hour from the first arrival to the last call in which a skill has calls or agents."""
    calls = replayed.calls
    begins = hour_of(min([*calls, *(one.accepted_at for one in history.completions)]))
    hours = int((max([begins, *calls]) - begins) / timedelta(hours=1)) + 1
    found = []
    for number in range(hours):
        hour = begins + timedelta(hours=number)
        for skill in sorted({*rules.capacity.skills, *calls.get(hour, ())}):
            room = rules.capacity.calls(skill, hour, rules.operator_zone, rules.calendar.is_workday)
            made = calls[hour][skill] if hour in calls else 0
            if room or made:
                found.append(Load(skill, hour, made, room))
    return found
