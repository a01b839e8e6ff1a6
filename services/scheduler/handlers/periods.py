"""Opening a sampling period at first need, and its new rates when the policies change."""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from chassis.transaction import Transaction
from contracts.events.scheduler import PolicyEdition, SamplingPeriodClosed, SamplingPeriodOpened, StratumRate
from services.scheduler import sampling
from services.scheduler.rules import SINCE_EVER, Edition, Rules
from services.scheduler.sampling import Rate
from services.scheduler.store import evidence, periods
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


async def tell(tx: Transaction, event: SamplingPeriodOpened | SamplingPeriodClosed) -> None:
    """Told, and kept as it was told."""
    tx.emit(event)
    document = event.model_dump(mode="json", exclude_none=True)
    await evidence.keep(tx.connection, event.period, event.topic, document, tx.now)


async def revise(tx: Transaction, rules: Rules, edition: Edition) -> None:
    """Open periods get a new version of each rate that the new policies change; each period is told once more."""
    if not rules.editions:
        return
    open_ones = await periods.hold_open_ones(tx.connection)
    rates = await periods.rates_of(tx.connection, [one.period for one in open_ones])
    for one in open_ones:
        known = rates.get(one.period, [])
        if edition.valid_from >= sampling.month_ends(one.period, rules.operator_zone):
            continue
        changed = sampling.revised(edition.policies, known, edition.valid_from)
        await periods.add_rates(tx.connection, one.period, changed)
        editions = _editions(rules, one.period, edition)
        so_far = [*known, *changed]
        await tell(tx, _told(one.period, one.secret_digest, one.policy_digest, one.opened_at, so_far, editions))


async def _open(tx: Transaction, rules: Rules, name: str) -> None:
    """Rates are frozen from what the month before brought; the secret's digest is told before any draw."""
    secret = secrets.token_bytes(SECRET_BYTES)
    ends = sampling.month_ends(name, rules.operator_zone)
    editions = _editions(rules, name)
    rates = sampling.rates_over(editions, ends, await _counted(tx, rules, name))
    digest, policy_digest = sampling.secret_digest(secret), editions[0].policies.version
    opened = await periods.open_period(
        tx.connection,
        period=name,
        secret=secret,
        secret_digest=digest,
        policy_digest=policy_digest,
        opened_at=tx.now,
        closes_at=ends + timedelta(days=rules.house.period.closes_after_days),
        rates=rates,
    )
    if opened:
        await tell(tx, _told(name, digest, policy_digest, tx.now, rates, editions))


def _editions(rules: Rules, period: str, *more: Edition) -> list[Edition]:
    """The policy sets that decide about a period: the one in which it begins, and those published for it since."""
    begins = sampling.month_begins(period, rules.operator_zone)
    ends = sampling.month_ends(period, rules.operator_zone)
    everything = [*(rules.editions or (Edition(rules.policies, SINCE_EVER),)), *more]
    before = [edition for edition in everything if edition.valid_from <= begins] or everything[:1]
    since = [edition for edition in everything if begins < edition.valid_from < ends and edition is not before[-1]]
    return [before[-1], *since]


def _told(
    period: str, secret_digest: str, policy_digest: str, opened_at: datetime, rates: Sequence[Rate],
    editions: Sequence[Edition],
) -> SamplingPeriodOpened:  # fmt: skip
    return SamplingPeriodOpened(
        period=period,
        secret_digest=secret_digest,
        policy_digest=policy_digest,
        opened_at=opened_at,
        rates=tuple(
            StratumRate(
                stratum=rate.stratum,
                rate_version=rate.version,
                rate=rate.probability,
                expected=rate.expected,
                certainty=rate.certainty,
                valid_from=rate.valid_from,
            )
            for rate in rates
        ),
        editions=tuple(
            PolicyEdition(version=edition.policies.version, valid_from=edition.valid_from if number else None)
            for number, edition in enumerate(editions)
        ),
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
