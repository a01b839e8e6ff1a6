"""A span of the ledger, read in one read-only transaction and opened, ready to be replayed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import asyncpg

from chassis.clock import business_now
from chassis.runtime import Runtime
from chassis.vault import ERASED, Keyring
from chassis.zones import instant_of
from contracts.vocabulary import Channel, ChannelReason, Disposition, Explanation, NotAttempted, Priority, Scenario
from services.scheduler.callback import PermitKind
from services.scheduler.capacity import Capacity
from services.scheduler.contact import person_subject
from services.scheduler.handlers.in_force import rules_to_read
from services.scheduler.policy import PolicySet
from services.scheduler.policy_versions import policies_in
from services.scheduler.rules import Rules
from services.scheduler.sampling import month_ends, period_of
from services.scheduler.simulate.history import (
    CallbackSeen,
    Completion,
    Counted,
    History,
    PeriodSeen,
    PermitSeen,
    Released,
    different,
    with_facts,
)
from services.scheduler.simulate.regimes import AsItWas
from services.scheduler.simulate.track import survey_id
from services.scheduler.store import past, periods
from services.scheduler.windows import Clocks

_BUDGET_MEMORY = timedelta(days=90)
"""Budgets reach back so far at most, whatever a proposed policy says."""


class NothingToReplay(Exception):
    """No service was completed in the span."""


class TooMuchToReplay(Exception):
    """More services were completed in the span than the caller wants to wait for."""


@dataclass(frozen=True)
class Past:
    """A span with the rules of today and those that decided then."""

    history: History
    rules: Rules
    as_it_was: AsItWas


@dataclass(frozen=True)
class _Rows:
    completions: Sequence[past.Row]
    callbacks: Sequence[past.Row]
    permits: Sequence[past.Row]
    calls: Sequence[tuple[datetime, str]]
    counted: Sequence[tuple[datetime, str]]
    counted_as: Mapping[str, str]
    suppressed: Sequence[past.Row]
    periods: Mapping[str, PeriodSeen]
    until: datetime


async def past_of(runtime: Runtime, first: date, last: date, *, most: int | None = None) -> Past:
    """Services completed from `first` to `last`, both days included, on the operator's clock.

    Raises `NothingToReplay`, and `TooMuchToReplay` when there are more than `most`. Touches nothing: the transaction is
    read-only, and over before anything is computed.
    """
    async with (
        runtime.reading() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        rules = await rules_to_read(connection)
        begins = instant_of(datetime.combine(first, time()), rules.operator_zone)
        ends = instant_of(datetime.combine(last + timedelta(days=1), time()), rules.operator_zone)
        span = past.Span(begins, ends, _months(rules, begins, ends))
        if most is not None and await past.count(connection, span) > most:
            raise TooMuchToReplay(f"More than {most} services were completed from {first} to {last}.")
        rows = await _read(connection, span)
        single = await past.single_policies(connection)
        published = await past.published(connection)
        capacities = await past.capacities(connection)
    if not rows.completions:
        raise NothingToReplay(f"The ledger holds no service completed from {first} to {last}.")
    facts = await runtime.vault.keyring(facts={row["period"] for row in rows.completions})
    shifts = {row["version"]: Capacity.model_validate(row["content"]) for row in capacities}
    since = [(row["since"], shifts[row["version"]]) for row in capacities]
    as_it_was = AsItWas(rules, _named(single), _published(published), since, shifts)
    return Past(_history(rows, facts), rules, as_it_was)


def _months(rules: Rules, begins: datetime, ends: datetime) -> tuple[str, ...]:
    first = period_of(begins, rules.operator_zone)
    found = [first]
    while month_ends(found[-1], rules.operator_zone) < ends:
        found.append(period_of(month_ends(found[-1], rules.operator_zone), rules.operator_zone))
    return tuple(found)


async def _read(connection: asyncpg.Connection, span: past.Span) -> _Rows:
    completions = await past.completions(connection, span)
    since = min((row["accepted_at"] for row in completions), default=span.ends)
    people = {person_subject(row["phone_index"], row["email_index"], row["customer_ref"]) for row in completions}
    names = sorted({row["period"] for row in completions})
    rates = await periods.rates_of(connection, names)
    secrets = await past.secrets(connection, names)
    callbacks = await past.callbacks(connection, span)
    customers = {row["completion_ref"]: row["customer_ref"] for row in completions}
    return _Rows(
        completions=completions,
        callbacks=callbacks,
        counted_as=await past.counted_as(connection, [customers[row["completion_ref"]] for row in callbacks], since),
        permits=await past.permits(connection, span),
        calls=await past.other_calls(connection, span, since - timedelta(hours=1)),
        counted=await past.other_counted(connection, span, since - _BUDGET_MEMORY, sorted(people)),
        suppressed=await past.suppressed(connection),
        periods={
            name: PeriodSeen(
                secret,
                {
                    rate.stratum: tuple(one for one in rates[name] if one.stratum == rate.stratum)
                    for rate in rates.get(name, ())
                },
            )
            for name, secret in secrets.items()
        },
        until=await business_now(connection),
    )


def _history(rows: _Rows, facts: Keyring) -> History:
    permits: dict[str, list[PermitSeen]] = {}
    for row in rows.permits:
        permits.setdefault(row["callback_id"], []).append(_permit(row))
    suppressed: dict[str, list[tuple[datetime, str]]] = {}
    for row in rows.suppressed:
        suppressed.setdefault(row["subject"], []).append((row["changed_at"], row["scope"]))
    return History(
        completions=tuple(_completion(row, facts) for row in rows.completions),
        callbacks=tuple(
            _callback(row, permits.get(row["callback_id"], ()), rows.counted_as.get(row["callback_id"]))
            for row in rows.callbacks
        ),
        periods=rows.periods,
        released=tuple(Released(at, skill) for at, skill in rows.calls),
        counted=tuple(Counted(at, person) for at, person in rows.counted),
        until=rows.until,
        suppressed=suppressed,
    )


def _completion(row: past.Row, facts: Keyring) -> Completion:
    fields: dict[str, Any] = dict(row)
    sealed = fields.pop("context")
    clocks = Clocks(completed_at=fields.pop("completed_at"), handled_at=fields.pop("handled_at"))
    fields["scenario"] = Scenario(row["scenario"]) if row["scenario"] else None
    completion = Completion(**fields, clocks=clocks)
    context = facts.open(completion.customer_ref, "context", sealed)
    return completion if context is ERASED or not isinstance(context, dict) else with_facts(completion, context)


def _permit(row: past.Row) -> PermitSeen:
    fields: dict[str, Any] = dict(row)
    del fields["callback_id"]
    plans = different([*fields.pop("earlier_plans"), fields.pop("plan")])
    fields["channel"] = Channel(row["channel"])
    fields["channel_reason"] = ChannelReason(row["channel_reason"])
    fields["kind"] = PermitKind(row["kind"])
    fields["disposition"] = Disposition(row["disposition"]) if row["disposition"] else None
    fields["not_attempted"] = NotAttempted(row["not_attempted"]) if row["not_attempted"] else None
    return PermitSeen(**fields, plans=plans)


def _callback(row: past.Row, permits: Sequence[PermitSeen], counted_as: str | None) -> CallbackSeen:
    fields: dict[str, Any] = dict(row)
    window = (fields.pop("not_before"), fields.pop("deadline"), fields.pop("not_after"))
    fields["priority"] = Priority(row["priority"])
    fields["channel_wish"] = Channel(row["channel_wish"]) if row["channel_wish"] else None
    fields["explanation"] = Explanation(row["explanation"]) if row["explanation"] else None
    survey = row["callback_id"] == survey_id(row["completion_ref"])
    return CallbackSeen(**fields, window=window, is_survey=survey, counted_as=counted_as, permits=tuple(permits))


def _named(rows: Sequence[past.Row]) -> dict[str, PolicySet]:
    return {
        row["version"]: policies_in(
            {"house": row["content"]["house"], "scenarios": {row["scenario"]: row["content"]["scenario"]}}
        )
        for row in rows
    }


def _published(rows: Sequence[past.Row]) -> list[tuple[datetime, PolicySet]]:
    return [(row["published_at"], policies_in(row["content"])) for row in rows]
