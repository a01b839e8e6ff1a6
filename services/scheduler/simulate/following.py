"""What follows a release in a replay: the outcome that happened, or one that is drawn, and where it leads."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from contracts.events.survey import AttemptClosed
from contracts.vocabulary import Channel, Explanation
from services.scheduler.callback import PermitKind, PermitState
from services.scheduler.capacity import hour_of
from services.scheduler.course import Course, Step, silent_until
from services.scheduler.simulate.agenda import Rank
from services.scheduler.simulate.history import PermitSeen, PlanSeen
from services.scheduler.simulate.outcomes import Outcome, observed
from services.scheduler.simulate.passing import Passing
from services.scheduler.simulate.track import Track


class Following(Passing):
    def _released(self, track: Track, now: datetime) -> None:
        permit = track.permit
        if permit.channel is Channel.PHONE and permit.kind is PermitKind.AGREED:
            # takes no room in its own pass, but later passes of the hour count it
            self._shared.calls[hour_of(now)][permit.skill] += 1
        track.release(now)
        seen = track.seen_permit
        if track.in_step and seen is not None:
            self._as_stored(track, seen, now)
            return
        outcome = self._happens(track, now)
        if outcome is None:
            silent = silent_until(permit.last_start)
            self._agenda.at(silent, Rank.ENDED, partial(self._ends, track, Explanation.UNREPORTED))
        else:
            self._agenda.at(now + outcome.ended_after, Rank.ENDED, partial(self._ended, track, outcome, now))

    def _as_stored(self, track: Track, seen: PermitSeen, now: datetime) -> None:
        """In step: the stored outcome at its stored instant, unless the callback was closed before it was told."""
        assert track.seen is not None, "what is in step has a stored callback"  # noqa: S101
        outcome, closed_at = observed(track.seen, seen), track.seen.closed_at
        told_at = seen.ended_at if outcome else None
        if closed_at is not None and (told_at is None or closed_at < told_at):
            self._agenda.at(closed_at, Rank.ENDED, partial(self._closed_before, track, outcome, now))
        elif outcome is not None and told_at is not None:
            following = track.seen.permit(seen.permit_no + 1)
            instant = following.plans[0].now if following else told_at
            self._agenda.at(instant, Rank.ENDED, partial(self._ended, track, outcome, now))

    def _closed_before(self, track: Track, outcome: Outcome | None, released_at: datetime, now: datetime) -> None:
        if track.explanation is not None or track.seen is None or track.seen.explanation is None:
            return
        if outcome is not None:
            self._note_end(track, outcome, released_at)
        self._end(track, track.seen.explanation, now)

    def _happens(self, track: Track, now: datetime) -> Outcome | None:
        """On the same channel in the same hour what happened then, else one that was observed on the channel."""
        permit, seen = track.permit, track.seen_permit
        if (
            seen is not None
            and track.seen is not None
            and seen.released_at is not None
            and seen.channel is permit.channel
            and hour_of(seen.released_at) == hour_of(now)
        ):
            own = observed(track.seen, seen)
            if own is not None:
                return own
        track.drawn += 1
        return self._outcomes.draw(permit.channel, callback_id=permit.callback_id, number=permit.permit_no)

    def _note_end(self, track: Track, outcome: Outcome, released_at: datetime) -> None:
        permit, seen = track.permit, track.seen_permit
        ended = replace(
            permit, state=PermitState.ENDED, disposition=outcome.disposition, not_attempted=outcome.not_attempted,
            cancelled=seen.cancelled if seen is not None and track.in_step else None,
        )  # fmt: skip
        tried_at = released_at + (outcome.ended_after if outcome.started_after is None else outcome.started_after)
        track.end_permit(outcome.disposition, ended, tried_at)

    def _ended(self, track: Track, outcome: Outcome, released_at: datetime, now: datetime) -> None:
        if track.explanation is not None:
            return
        self._note_end(track, outcome, released_at)
        number, scenario = track.permit.permit_no, track.callback.scenario
        following = track.seen.permit(number + 1) if track.in_step and track.seen is not None else None
        then = following.plans[0] if following else None
        named = then.record["policy"] if then else None
        rules = self._regime.rules(scenario, now, named)
        if then is not None and following is not None and named is not None:
            track.see(then, following.kind, rules, same_window=self._regime.same_window(scenario, named))
        seen = track.seen_permit
        attempt = outcome.attempt(track.permit, released_at=released_at, agent=seen.agent if seen else None)
        step = Course(rules, now).after_attempt(track.callback, attempt)
        if step.permit is not None and track.in_step and then is None:
            step = self._without_later_address(track, Course(rules, now), attempt, step)
        track.callback = replace(track.callback, last_word=step.last_word or track.callback.last_word)
        if step.permit is not None and track.in_step and then is None and track.was_closed_before:
            self._agenda.at(
                max(track.seen_end, now), Rank.ENDED, partial(self._closed_before, track, None, released_at)
            )
        elif step.permit is not None:
            track.plan_no = 0
            self._take(track, step.permit, then, Explanation.EXHAUSTED, now)
        elif track.in_step:
            self._wait_in_step(track, step, outcome, then, now)
        else:
            self._wait(track, step, outcome, now)

    def _without_later_address(self, track: Track, course: Course, attempt: AttemptClosed, step: Step) -> Step:
        """No permit followed then: where the document was corrected since, its address may have come later."""
        if track.seen is None or not track.completion.corrections:
            return step
        before = replace(track.callback, email_index=None)
        other = course.after_attempt(before, attempt)
        if other.permit is not None or other.explanation is not track.seen.explanation:
            return step
        track.callback = before
        return other

    def _wait_in_step(self, track: Track, step: Step, outcome: Outcome, then: PlanSeen | None, now: datetime) -> None:
        """No further permit follows: the stored end, when it came."""
        assert track.seen is not None, "what is in step has a stored callback"  # noqa: S101
        stored, closed_at = track.seen.explanation, track.seen.closed_at
        if then is not None or (step.explanation is not None and step.explanation is not stored):
            self._leave(track, "course", str(then.record["start"] if then else stored), str(step.explanation), now)
            self._wait(track, step, outcome, now)
        elif stored is not None and closed_at is not None:
            self._agenda.at(max(closed_at, now), Rank.ENDED, partial(self._ends, track, stored))

    def _wait(self, track: Track, step: Step, outcome: Outcome, now: datetime) -> None:
        if step.explanation is not None:
            self._end(track, step.explanation, now)
        elif outcome.heard is not None and outcome.heard_after is not None:
            self._agenda.at(now + outcome.heard_after, Rank.ENDED, partial(self._ends, track, outcome.heard))
        else:
            last = step.last_word or track.callback.last_word or Explanation.EXHAUSTED
            self._agenda.at(step.closes_at or now, Rank.ENDED, partial(self._ends, track, last))

    def _ends(self, track: Track, why: Explanation, now: datetime) -> None:
        self._end(track, why, now)
