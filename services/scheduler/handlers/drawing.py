"""Completions told for the first time: verdict, stratum, draw, and the first permit of those that were drawn."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.transaction import Transaction
from chassis.vault import Keyring
from contracts.events.scheduler import ServiceAccepted
from contracts.vocabulary import (
    Cell,
    Channel,
    CompletionRef,
    CustomerRef,
    Explanation,
    Scenario,
    Sealed,
    Verdict,
)
from services.scheduler import intake, pilots, sampling
from services.scheduler.beginning import callback_of
from services.scheduler.budget import Budgets
from services.scheduler.callback import Callback, Permit, PermitKind
from services.scheduler.contact import person_subject
from services.scheduler.handlers import linking, periods
from services.scheduler.handlers.arrival import Arrival
from services.scheduler.handlers.closing import close
from services.scheduler.ledger import LedgerRow
from services.scheduler.notice import with_notice
from services.scheduler.permits import first_channel, plan_permit
from services.scheduler.policy import PolicySet, ScenarioPolicy
from services.scheduler.rules import Rules
from services.scheduler.store import answered, callbacks, contacts, ledger, permits
from services.scheduler.store.periods import Period
from services.scheduler.windows import counted_from

_ENDS_AT_ONCE = {
    Verdict.REJECTED: Explanation.REJECTED,
    Verdict.OUT_OF_FRAME: Explanation.OUT_OF_FRAME,
    Verdict.NOT_DRAWN: Explanation.NOT_DRAWN,
}


async def first_told(tx: Transaction, rules: Rules, keys: Keyring, arrivals: Sequence[Arrival]) -> dict[int, LedgerRow]:
    """The new ledger rows by the number of their arrival; one that another transaction told first is left out."""
    if not arrivals:
        return {}
    policies = {a.number: rules.policies_at(a.clocks.completed_at) for a in arrivals}
    faults = {a.number: intake.fault(a.document, now=tx.now, policies=policies[a.number]) for a in arrivals}
    open_periods = await periods.held(tx, rules, {a.period for a in arrivals if faults[a.number] is None})
    budgets = await _budgets(tx, rules, arrivals)
    rows = {}
    for arrival in arrivals:
        judge = _Judge(tx.now, keys, policies[arrival.number], open_periods.get(arrival.period))
        cell = _cell(budgets, arrival, rules, tx.now)
        rows[arrival.number] = judge.row(arrival, faults[arrival.number], cell)
    inserted = await ledger.insert(tx.connection, list(rows.values()))
    rows = {number: row for number, row in rows.items() if row.completion_ref in inserted}
    fresh = [(arrival, rows[arrival.number]) for arrival in arrivals if arrival.number in rows]
    await ledger.remember_documents(tx.connection, [(row.completion_ref, a.digest) for a, row in fresh], tx.now)
    for _, row in fresh:
        tx.emit(_accepted(row))
    await linking.link(tx, [(row.customer_ref, row.phone_index, row.email_index) for _, row in fresh])
    await _explain_at_once(tx, [row for _, row in fresh])
    drawn = [row for _, row in fresh if row.verdict == Verdict.SELECTED]
    await _begin(tx, rules, drawn, open_periods, budgets)
    return rows


@dataclass(frozen=True)
class _Judged:
    """What a completion's ledger row says besides its facts."""

    verdict: Verdict
    reason: intake.Reason
    stratum: str = sampling.NO_STRATUM
    rate_version: int = 0
    thousandths: int = 0
    draw: float | None = None
    warnings: tuple[intake.Caution, ...] = ()


class _Judge:
    """Makes the ledger row of one arrival, by the policies of the time of its completion."""

    def __init__(self, now: datetime, keys: Keyring, policies: PolicySet, period: Period | None) -> None:
        self._now, self._keys, self._policies, self._period = now, keys, policies, period

    def row(self, arrival: Arrival, fault: intake.Fault | None, cell: Cell) -> LedgerRow:
        policy = self._policies.of(arrival.document.scenario)
        if fault is None and (self._period is None or self._period.closed):
            fault = intake.Fault(Verdict.OUT_OF_FRAME, intake.Reason.PERIOD_CLOSED)
        if (
            fault is None
            and policy is not None
            and not pilots.in_scenario(policy, customer_ref=arrival.customer_ref, team=arrival.document.handler.team)
        ):
            fault = intake.Fault(Verdict.OUT_OF_FRAME, intake.Reason.OUTSIDE_PILOT)
        if fault is not None or policy is None or self._period is None:
            assert fault is not None, "only a fault leaves a document without policy or period"  # noqa: S101
            return self._row(arrival, policy, cell, _Judged(fault.verdict, fault.reason))
        return self._row(arrival, policy, cell, self._drawn(arrival, policy, self._period))

    def _drawn(self, arrival: Arrival, policy: ScenarioPolicy, period: Period) -> _Judged:
        document, levels = arrival.document, self._policies.certainty_levels(policy)
        name = sampling.stratum(
            self._policies, policy, service_type=document.service_type, level=document.customer.level
        )
        rate = sampling.rate_at(period.rates.get(name, ()), arrival.clocks.completed_at)
        assert rate is not None, f"the opening of {period.period} told no rate of {name}"  # noqa: S101
        source, service_id = arrival.key
        draw = sampling.draw(period.secret, source=source, service_id=service_id, thousandths=rate.thousandths)
        reason = intake.Reason.CERTAINTY if rate.certainty else intake.Reason.DRAWN
        return _Judged(
            verdict=Verdict.SELECTED if draw.selected else Verdict.NOT_DRAWN,
            reason=reason if draw.selected else intake.Reason.NOT_DRAWN,
            stratum=name,
            rate_version=rate.version,
            thousandths=rate.thousandths,
            draw=draw.value,
            warnings=intake.frame_warnings(document, policy, levels),
        )

    def _row(self, arrival: Arrival, policy: ScenarioPolicy | None, cell: Cell, judged: _Judged) -> LedgerRow:
        document, ref, policies = arrival.document, arrival.customer_ref, self._policies
        channels = _channels(policy, arrival) if policy else None
        shut_out = policy is not None and channels is not None and pilots.shut_out(policy, channels, arrival.reachable)
        warnings = (*arrival.reach.warnings, *([intake.Caution.CHANNEL_PILOT] if shut_out else ()), *judged.warnings)
        return LedgerRow(
            completion_ref=secrets.token_hex(16),
            source=document.source,
            service_id=document.service_id,
            customer_ref=ref,
            scenario=policy.scenario if policy else None,
            verdict=judged.verdict,
            reason=judged.reason,
            period=arrival.period,
            stratum=judged.stratum,
            rate_version=judged.rate_version,
            cell=cell,
            thousandths=judged.thousandths,
            draw=judged.draw,
            policy_version=policies.versions[policy.scenario] if policy else policies.version,
            completed_at=arrival.clocks.completed_at,
            handled_at=arrival.clocks.handled_at,
            counted_from=counted_from(policy, arrival.clocks) if policy else arrival.clocks.completed_at,
            accepted_at=self._now,
            road=arrival.road,
            zone=arrival.reach.zone.key,
            vip=document.customer.level in (policies.certainty_levels(policy) if policy else ()),
            phone_index=arrival.phone_index,
            email_index=arrival.email_index,
            contact=arrival.sealed_contact(self._keys),
            context=self._keys.seal_facts(arrival.period, ref, "context", intake.context_of(document, policy)),
            narrative=arrival.sealed_narrative(self._keys),
            warnings=warnings,
            digest=arrival.digest,
            channels=channels,
        )


def _channels(policy: ScenarioPolicy, arrival: Arrival) -> tuple[Channel, ...] | None:
    """None without pilots of channels: all of the policy."""
    if not policy.channel_pilots:
        return None
    return pilots.open_channels(policy, customer_ref=arrival.customer_ref, team=arrival.document.handler.team)


async def _budgets(tx: Transaction, rules: Rules, arrivals: Sequence[Arrival]) -> Budgets:
    persons = {person_subject(a.phone_index, a.email_index, a.customer_ref) for a in arrivals}
    return Budgets(await contacts.counted(tx.connection, persons, tx.now - rules.house.budget.span))


def _cell(budgets: Budgets, arrival: Arrival, rules: Rules, now: datetime) -> Cell:
    """Was this person counted within the budget's span before? Fixed on arrival."""
    person = person_subject(arrival.phone_index, arrival.email_index, arrival.customer_ref)
    return Cell.REPEAT if budgets.used(person, now=now, rule=rules.house.budget).count else Cell.FIRST


async def _explain_at_once(tx: Transaction, rows: Sequence[LedgerRow]) -> None:
    ended = [(row.completion_ref, _ENDS_AT_ONCE[Verdict(row.verdict)].value)
             for row in rows if row.verdict in _ENDS_AT_ONCE]  # fmt: skip
    await ledger.explain(tx.connection, ended, tx.now)


async def _begin(
    tx: Transaction, rules: Rules, drawn: Sequence[LedgerRow], open_periods: Mapping[str, Period], budgets: Budgets
) -> None:
    """A callback for each completion that was drawn, and its first permit, or its end where none is possible."""
    hours = await answered.hours(tx.connection, {row.customer_ref for row in drawn})
    begun = [
        (callback_of(rules, row, answered=hours.get(row.customer_ref, {})), open_periods[row.period].secret)
        for row in drawn
    ]
    planned: list[Permit] = []
    ended: list[tuple[Callback, Explanation]] = []
    for callback, secret in begun:
        permit, explanation = first_permit(tx, rules, callback, secret, budgets)
        if permit is not None:
            planned.append(with_notice(rules, callback, permit))
        if explanation is not None:
            ended.append((callback, explanation))
    await callbacks.insert(tx.connection, [callback for callback, _ in begun], planned)
    await permits.insert(tx.connection, planned)
    await close(tx, ended)


def first_permit(
    tx: Transaction, rules: Rules, callback: Callback, secret: bytes, budgets: Budgets
) -> tuple[Permit | None, Explanation | None]:
    """The first permit, or why there is none. The channel of the mode experiment is a keyed draw of its own."""
    policy = rules.policies.scenarios[callback.scenario]
    chance = sampling.chance(secret, "channel", source=callback.source, service_id=callback.service_id)
    way = first_channel(policy, callback, chance=chance)
    if way is None:
        return None, Explanation.NO_CONTACT_DATA
    channel, reason = way
    used = budgets.used(callback.person, now=tx.now, rule=rules.house.budget)
    permit = plan_permit(
        rules, policy, callback, channel=channel, reason=reason, kind=PermitKind.FIRST, earliest=tx.now, now=tx.now,
        budget=used,
    )  # fmt: skip
    return permit, None if permit else Explanation.WINDOW_MISSED


def _accepted(row: LedgerRow) -> ServiceAccepted:
    return ServiceAccepted(
        customer_ref=CustomerRef(row.customer_ref),
        completion_ref=CompletionRef(row.completion_ref),
        source=row.source,
        service_id=row.service_id,
        verdict=Verdict(row.verdict),
        reason=row.reason,
        scenario=Scenario(row.scenario) if row.scenario else None,
        period=row.period,
        stratum=row.stratum,
        rate_version=row.rate_version,
        cell=Cell(row.cell),
        inclusion_probability=row.thousandths / 1000,
        policy_version=row.policy_version,
        accepted_at=row.accepted_at,
        completed_at=row.completed_at,
        context=Sealed(row.context),
        narrative=Sealed(row.narrative) if row.narrative else None,
    )
