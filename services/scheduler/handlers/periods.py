"""Opening a sampling period at first need."""

import secrets
from collections.abc import Collection
from datetime import timedelta

from chassis.transaction import Transaction
from contracts.events.scheduler import SamplingPeriodOpened, StratumRate
from services.scheduler import sampling
from services.scheduler.in_force import Rules
from services.scheduler.store import periods
from services.scheduler.store.periods import Period

SECRET_BYTES = 32


async def held(tx: Transaction, rules: Rules, names: Collection[str]) -> dict[str, Period]:
    """The periods, opened where they were not, and kept open until the transaction ends."""
    wanted = sorted(names)
    if not wanted:
        return {}
    found = await periods.hold(tx.connection, wanted)
    missing = [name for name in wanted if name not in found]
    for name in missing:
        await _open(tx, rules, name)
    return found | await periods.hold(tx.connection, missing) if missing else found


async def _open(tx: Transaction, rules: Rules, name: str) -> None:
    """Rates are frozen from what the month before brought; the secret's digest is told before any draw."""
    secret = secrets.token_bytes(SECRET_BYTES)
    rates = sampling.rates(rules.policies, await _counted(tx, rules, name))
    digest = sampling.secret_digest(secret)
    opened = await periods.open_period(
        tx.connection,
        period=name,
        secret=secret,
        secret_digest=digest,
        policy_digest=rules.policies.version,
        opened_at=tx.now,
        closes_at=sampling.month_ends(name, rules.operator_zone) + timedelta(days=rules.house.period.closes_after_days),
        rates=rates,
    )
    if not opened:
        return
    told = tuple(
        StratumRate(
            stratum=rate.stratum,
            rate_version=rate.version,
            rate=rate.probability,
            expected=rate.expected,
            certainty=rate.certainty,
        )
        for rate in rates
    )
    tx.emit(
        SamplingPeriodOpened(
            period=name, secret_digest=digest, rates=told, policy_digest=rules.policies.version, opened_at=tx.now
        )
    )


async def _counted(tx: Transaction, rules: Rules, name: str) -> dict[str, int] | None:
    """The last period's counts; None where nothing is known of one, or it was seen in part and a policy states N̂."""
    before = sampling.month_before(name)
    last = await periods.frame_counts(tx.connection, before)
    if last is None:
        return None
    opened_at, counts = last
    states = any(policy.sampling.expected for policy in rules.policies.scenarios.values())
    if states and not sampling.was_seen_whole(before, opened_at, rules.operator_zone):
        return None
    return counts
