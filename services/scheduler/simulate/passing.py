"""From the first permit to its release in a replay: when it is looked at, and what was decided about it."""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from functools import partial

from contracts.vocabulary import Channel, ChannelReason, Explanation
from services.scheduler.callback import PermitKind
from services.scheduler.capacity import hour_of
from services.scheduler.permits import first_channel, next_channel
from services.scheduler.release import Decision, Ripe, Room, Ruling, decide
from services.scheduler.rules import Rules
from services.scheduler.simulate.agenda import Rank
from services.scheduler.simulate.history import PermitSeen, PlanSeen
from services.scheduler.simulate.planning import Planning
from services.scheduler.simulate.track import Track

_TOO_LATE = (Explanation.WINDOW_MISSED, Explanation.EXHAUSTED, Explanation.SUPPRESSED_BY_BUDGET)


class Passing(Planning):
    def first(self, track: Track, rules: Rules, chance: float, now: datetime) -> None:
        """Channel and first permit of a callback that begins, or its end."""
        outside = track.ends_outside_at
        if outside is not None:
            self._agenda.at(outside, Rank.WISHED, partial(self._ended_outside, track))
        seen = track.seen.permit(1) if track.seen else None
        way = first_channel(rules.policies.scenarios[track.callback.scenario], track.callback, chance=chance)
        if seen is not None and way is not None and self._channel_is_a_fact(track, seen):
            way = seen.channel, seen.channel_reason
        if way is None:
            self._end(track, Explanation.NO_CONTACT_DATA, now)
            return
        then = seen.plans[0] if seen else None
        used = self._used(track, rules, then, now)
        permit = self._plan(track, rules, way, PermitKind.FIRST, earliest=now, now=now, budget=used)
        self._take(track, permit, then, Explanation.WINDOW_MISSED, now)

    def _channel_is_a_fact(self, track: Track, seen: PermitSeen) -> bool:
        """Which contact data there were then is not known once they were corrected, or a channel was closed."""
        moved = seen.channel_was_moved or track.completion.corrections > 0
        return moved and self._regime.same_channels(track.callback.scenario, seen.plans[0].record["policy"])

    def _await(self, track: Track) -> None:
        permit, agenda = track.permit, self._agenda
        rank = _rank(track)
        key, urgency = track.callback.callback_id, permit.urgency
        seen = track.seen_permit if track.in_step else None
        release = partial(self._release, track)
        if seen is None:
            agenda.at(permit.due_at, rank, release, urgency=urgency, key=key)
            return
        following = track.next_plan()
        if following is not None and following.put_off is None:
            agenda.at(following.now, Rank.PLANNED, partial(self._moved, track, following))
        elif following is not None:
            full = following.put_off == Ruling.CAPACITY
            agenda.at(following.now, Rank.FULL if full else Rank.PUT_OFF, release, urgency=urgency, key=key)
        elif seen.released_at is not None:
            agenda.at(seen.released_at, rank, release, urgency=urgency, key=key)
        elif track.seen is not None and track.seen.closed_at is not None:
            agenda.at(track.seen.closed_at, Rank.PUT_OFF, partial(self._unreleased, track))

    def _moved(self, track: Track, plan: PlanSeen, now: datetime) -> None:
        """Something outside changed what the permit rests on: it was planned anew under its number."""
        seen, whole = track.seen_permit, track.seen
        if track.explanation is not None or seen is None or whole is None:
            return
        named, scenario = plan.record["policy"], track.callback.scenario
        rules = self._regime.rules(scenario, now, named)
        track.callback = replace(
            track.callback, passes_budget=whole.passes_budget, priority=whole.priority,
            reserved_agent=whole.reserved_agent,
        )  # fmt: skip
        track.see(plan, seen.kind, rules, same_window=self._regime.same_window(scenario, named))
        budget = None if plan.budget_used is None else self._used(track, rules, plan, now)
        permit = self._plan(
            track, rules, (seen.channel, seen.channel_reason), seen.kind, earliest=plan.instant("earliest"), now=now,
            budget=budget, number=seen.permit_no, reserved_agent=track.permit.reserved_agent,
        )  # fmt: skip
        track.plan_no += 1
        self._take(track, permit, plan, _unreached(track), now)

    def _unreleased(self, track: Track, now: datetime) -> None:
        """The stored callback ended before this permit was released: by somebody's wish, or because it was too late."""
        if track.explanation is not None or track.seen is None or track.seen.explanation is None:
            return
        if track.seen.explanation in _TOO_LATE and not _budget_is_a_fact(track):
            self._release(track, now)
        else:
            self._end(track, track.seen.explanation, now)

    def _ended_outside(self, track: Track, now: datetime) -> None:
        if track.seen is not None and track.seen.explanation is not None:
            self._end(track, track.seen.explanation, now)

    def _release(self, track: Track, now: datetime) -> None:
        """The permit's time has come: released, put off, or found to be no longer possible."""
        if track.explanation is not None:
            return
        then = track.next_plan() if track.in_step else None
        rules = self._regime.rules(
            track.callback.scenario, now, then.record["policy"] if then else None, shifts=_shifts(track, then)
        )
        blocked = {} if track.in_step else self._shared.suppressed(track.callback, now)
        decision = decide(
            Ripe.of(track.callback, track.permit), now=now, suppressed=blocked, budgets=self._shared.budgets,
            room=self._shared.room(rules, now),
        )  # fmt: skip
        if decision.ruling is Ruling.BUDGET and then is not None and then.put_off != Ruling.BUDGET:
            decision = self._decided_before(track, rules, then, decision, now)
        if track.in_step:
            self._compare_ruling(track, decision, then, now)
        match decision.ruling:
            case Ruling.RELEASE:
                self._released(track, now)
            case Ruling.SUPPRESSED:
                self._end(track, Explanation.OPTED_OUT, now)
            case Ruling.CHANNEL_SUPPRESSED:
                self._other_channel(track, rules, now)
            case Ruling.LATE:
                self._end(track, _unreached(track), now)
            case _:
                self._put_off(track, rules, decision, then, now)

    def _decided_before(
        self, track: Track, rules: Rules, then: PlanSeen, decision: Decision, now: datetime
    ) -> Decision:
        """A permit that was put off for another reason than the budget may have been decided before another one of the
        same person was released in the same pass."""
        person, used = track.callback.person, then.budget_used
        if used is None:
            return decision
        before = decide(
            Ripe.of(track.callback, track.permit), now=now, suppressed={},
            budgets=self._shared.as_seen(person, now=now, rules=rules, then=used),
            room=Room(rules, now, Counter(self._shared.calls[hour_of(now)])),
        )  # fmt: skip
        return before if before.ruling == then.put_off else decision

    def _compare_ruling(self, track: Track, decision: Decision, then: PlanSeen | None, now: datetime) -> None:
        seen = track.seen_permit
        if then is not None:
            stored = then.put_off
        else:
            stored = Ruling.RELEASE.value if seen is not None and seen.released_at is not None else None
        late = stored is None and decision.ruling is not Ruling.RELEASE
        if decision.ruling.value != stored and not late:
            self._leave(track, "ruling", str(stored), decision.ruling.value, now)

    def _put_off(self, track: Track, rules: Rules, decision: Decision, then: PlanSeen | None, now: datetime) -> None:
        before = track.permit
        if track.in_step and then is not None:
            same = self._regime.same_window(track.callback.scenario, then.record["policy"])
            track.see(then, before.kind, rules, same_window=same)
        again = self._plan(
            track, rules, (before.channel, before.channel_reason), before.kind, earliest=decision.until or now,
            now=now, number=before.permit_no, reserved_agent=before.reserved_agent,
            budget=self._used(track, rules, then, now),
        )  # fmt: skip
        if again is not None:
            again = replace(again, urgency=min(before.urgency, again.urgency))
        track.plan_no += 1
        budget = decision.ruling is Ruling.BUDGET
        self._take(track, again, then, Explanation.SUPPRESSED_BY_BUDGET if budget else _unreached(track), now)

    def _other_channel(self, track: Track, rules: Rules, now: datetime) -> None:
        before = track.permit
        channel = next_channel(rules.policies.scenarios[track.callback.scenario], track.callback)
        if channel is None:
            self._end(track, Explanation.OPTED_OUT, now)
            return
        again = self._plan(
            track, rules, (channel, ChannelReason.FALLBACK), before.kind, earliest=now, now=now,
            number=before.permit_no, reserved_agent=before.reserved_agent, budget=self._used(track, rules, None, now),
        )  # fmt: skip
        self._take(track, again, None, Explanation.OPTED_OUT, now)

    def _released(self, track: Track, now: datetime) -> None:
        """What follows a release."""
        raise NotImplementedError


def _rank(track: Track) -> Rank:
    if track.permit.kind is PermitKind.AGREED or track.permit.channel is not Channel.PHONE:
        return Rank.AGREED
    return Rank.PASSING_BUDGET if track.callback.passes_budget else Rank.RELEASED


def _budget_is_a_fact(track: Track) -> bool:
    """Whose budget kept a permit back until its end is not known once number or address were corrected: a callback that
    was never released is counted as nobody's."""
    suppressed = track.seen is not None and track.seen.explanation is Explanation.SUPPRESSED_BY_BUDGET
    return suppressed and track.completion.corrections > 0


def _shifts(track: Track, then: PlanSeen | None) -> str | None:
    """By which shifts the stored release or putting off was decided; None where nothing is stored of it."""
    if then is not None:
        return then.shifts
    seen = track.seen_permit if track.in_step else None
    return seen.shifts if seen is not None else None


def _unreached(track: Track) -> Explanation:
    if track.callback.last_word is not None:
        return track.callback.last_word
    tried = any(permit.was_tried for permit in track.callback.permits)
    return Explanation.EXHAUSTED if tried else Explanation.WINDOW_MISSED
