"""Histories made by the replay itself: what it plans from completions alone, written down as if it had been stored."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from contracts.vocabulary import Channel, Disposition, Scenario
from services.scheduler import sampling
from services.scheduler.callback import PermitKind, PermitState
from services.scheduler.capacity import Capacity, Shift
from services.scheduler.configured import configured_rules
from services.scheduler.policy_versions import policy_set
from services.scheduler.rules import Rules
from services.scheduler.simulate.history import CallbackSeen, Completion, History, PeriodSeen, PermitSeen, PlanSeen
from services.scheduler.simulate.outcomes import Observed, Outcome
from services.scheduler.simulate.regimes import AsItWas, Proposed
from services.scheduler.simulate.replay import replay
from services.scheduler.simulate.track import Track, survey_id
from services.scheduler.windows import Clocks

BEGINS = datetime(2026, 10, 1, 1, 0, tzinfo=UTC)
UNTIL = datetime(2026, 12, 1, tzinfo=UTC)
MINUTES = timedelta(minutes=1)
PERIOD = "2026-10"
OUTCOMES = {
    Channel.PHONE: tuple(
        Outcome(disposition, None, 2 * MINUTES, 8 * MINUTES)
        for disposition in (Disposition.COMPLETE, Disposition.NO_ANSWER, Disposition.BUSY, Disposition.REFUSAL)
    ),
    Channel.EMAIL: (Outcome(Disposition.DELIVERED, None, None, MINUTES),),
}


def rules_with(calls: int = 100_000, **scenario: Any) -> Rules:
    """The packaged rules with so many calls an hour, and one change to after_sale."""
    rules = configured_rules()
    shifts = [
        Shift.model_validate({"skill": skill, "from": "08:00", "to": "22:00", "working_day": calls, "other_day": calls})
        for skill in ("general", "senior")
    ]
    policies = dict(rules.policies.scenarios)
    policies[Scenario.AFTER_SALE] = policies[Scenario.AFTER_SALE].model_copy(update=scenario)
    changed = policy_set(rules.house, policies.values())
    return replace(rules, capacity=Capacity(shifts=tuple(shifts)), policies=changed)


def a_period(rules: Rules, expected: int = 1000) -> PeriodSeen:
    rates = sampling.rates(rules.policies, dict.fromkeys(sampling.strata(rules.policies), expected))
    return PeriodSeen(b"k" * 32, {rate.stratum: (rate,) for rate in rates})


def a_completion(number: int, chance: Random, **fields: Any) -> Completion:
    scenario = chance.choice([Scenario.COMPLAINT, *[Scenario.AFTER_SALE] * 4, *[Scenario.INSTALLATION] * 3])
    completed = BEGINS + timedelta(minutes=chance.randrange(60 * 24 * 30))
    told: dict[str, Any] = {
        "completion_ref": f"ref-{number}", "source": "crm", "service_id": f"S-{number}", "customer_ref": f"c-{number}",
        "scenario": scenario, "verdict": "", "reason": "", "period": PERIOD, "stratum": "", "thousandths": 0,
        "policy_version": configured_rules().policies.versions[scenario], "clocks": Clocks(completed_at=completed),
        "counted_from": completed, "accepted_at": completed + 5 * MINUTES, "zone": "Asia/Shanghai",
        "phone_index": f"p{number}" if chance.random() < 0.9 else None,
        "email_index": f"e{number}" if chance.random() < 0.6 else None, "corrections": 0,
    }  # fmt: skip
    return Completion(**told | fields)


def lived(rules: Rules, count: int, seed: int = 1, **fields: Any) -> tuple[History, AsItWas]:
    """So many services, alike in these fields, as they would have been stored under these rules; outcomes as in
    `OUTCOMES`."""
    chance, period = Random(seed), a_period(rules)
    rows = [a_completion(number, chance, **fields) for number in range(count)]
    rows = [replace(row, verdict="not_drawn") for row in rows]
    bare = History(tuple(rows), (), {PERIOD: period}, (), (), UNTIL)
    named = {rules.policies.versions[name]: rules.policies for name in rules.policies.scenarios}
    made = replay(bare, Proposed(rules, named), Observed(OUTCOMES, seed))
    told = tuple(
        replace(
            row,
            verdict="selected" if made.sampled[row.completion_ref].selected else "not_drawn",
            stratum=made.sampled[row.completion_ref].stratum,
            thousandths=rate.thousandths if (rate := made.sampled[row.completion_ref].rate) else 0,
            policy_version=rules.policies.versions[row.scenario] if row.scenario else "",
        )
        for row in rows
    )
    stored = tuple(_stored(track, seed) for track in made.tracks)
    return replace(bare, completions=told, callbacks=stored), AsItWas(rules, named, [(BEGINS, rules.policies)])


def _stored(track: Track, seed: int) -> CallbackSeen:
    callback = track.callback
    return CallbackSeen(
        callback_id=callback.callback_id, completion_ref=callback.completion_ref,
        is_survey=callback.callback_id == survey_id(callback.completion_ref), priority=callback.priority,
        skill=callback.skill, window=(callback.not_before, callback.deadline, callback.not_after),
        passes_budget=False, reserved_agent=None, channel_wish=None, opened_at=callback.opened_at,
        explanation=track.explanation, closed_at=track.closed_at, counted_as=None,
        permits=tuple(_permit(track, number, seed) for number in range(1, len(callback.permits) + 1)),
    )  # fmt: skip


def _permit(track: Track, number: int, seed: int) -> PermitSeen:
    permit = track.callback.permit(number)
    assert permit is not None
    out = permit.state is not PermitState.PENDING
    outcome = Observed(OUTCOMES, seed).draw(permit.channel, callback_id=permit.callback_id, number=number)
    ended = out and permit.disposition is not None and outcome is not None
    return PermitSeen(
        permit_no=number, channel=permit.channel, channel_reason=permit.channel_reason, skill=permit.skill,
        kind=PermitKind(permit.kind), plans=(PlanSeen(permit.plan),), released_at=permit.due_at if out else None,
        ended_at=permit.due_at + outcome.ended_after if ended and outcome else None,
        started_at=permit.due_at + outcome.started_after if ended and outcome and outcome.started_after else None,
        disposition=permit.disposition, not_attempted=None, cancelled=None, link_until=None, reserved_agent=None,
        agent=None,
    )  # fmt: skip
