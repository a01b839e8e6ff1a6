"""The sample: strata, the frozen rate of each, the keyed draw, and what lets anyone check it afterwards."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import ceil, exp, lgamma, log
from zoneinfo import ZoneInfo

from contracts.vocabulary import Scenario
from services.scheduler.policy import PolicySet, ScenarioPolicy
from services.scheduler.rules import Edition

VIP = "vip"
OTHER = "other"
NO_STRATUM = ""
SHORTFALL_RISK = 0.01  # IN3: the floor is met with at least 99 % probability
TAKEN_WHOLE_BELOW = 30  # a smaller expected count is taken whole
_GRID = 1000  # rates are multiples of 0.001
_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


@dataclass(frozen=True)
class Rate:
    """The rate of one stratum, frozen when the period opened; a change is a new version for what is completed later."""

    stratum: str
    version: int
    thousandths: int
    expected: int | None
    certainty: bool
    valid_from: datetime | None = None
    """Completions before it have the version before. None: since the period began."""

    @property
    def probability(self) -> float:
        return self.thousandths / _GRID


@dataclass(frozen=True)
class Draw:
    selected: bool
    value: float
    """The hash as a share of its range, for people to read; the decision is made on the whole number."""


def stratum(policies: PolicySet, policy: ScenarioPolicy, *, service_type: str | None, level: str | None) -> str:
    """Disjoint strata, in the order certainty scenario (complaint) > VIP > scenario × configured service type."""
    if policy.sampling.certainty:
        return policy.scenario
    if level in policies.certainty_levels(policy):
        return VIP
    return _name(policy.scenario, service_type if service_type in policy.sampling.service_types else OTHER)


def strata(policies: PolicySet) -> dict[str, ScenarioPolicy | None]:
    """Every stratum there can be and the policy it comes from; VIP comes from the house."""
    found: dict[str, ScenarioPolicy | None] = {VIP: None}
    for policy in policies.scenarios.values():
        if policy.sampling.certainty:
            found[policy.scenario] = policy
            continue
        for service_type in (*policy.sampling.service_types, OTHER):
            found[_name(policy.scenario, service_type)] = policy
    return found


def rates(policies: PolicySet, counted: Mapping[str, int] | None) -> list[Rate]:
    """The first rate version of a period. `counted`: the last period's frame counts; None: nothing is known of one."""
    found = []
    for name, policy in sorted(strata(policies).items()):
        stated = policy.sampling.expected.get(name.partition("/")[2]) if policy else None
        whole = policy is None or policy.sampling.certainty
        expected = counted.get(name, None if whole else 0) if counted is not None else stated
        found.append(_rate(name, policy, expected))
    return found


def revised(policies: PolicySet, known: Sequence[Rate], valid_from: datetime) -> list[Rate]:
    """New versions for the strata that a changed policy changes or adds. An N̂ that was known stays."""
    newest = {rate.stratum: rate for rate in sorted(known, key=lambda rate: rate.version)}
    found = []
    for name, policy in sorted(strata(policies).items()):
        before = newest.get(name)
        stated = policy.sampling.expected.get(name.partition("/")[2]) if policy else None
        rate = _rate(name, policy, before.expected if before and before.expected is not None else stated)
        if before is None:
            found.append(replace(rate, valid_from=valid_from))
        elif (rate.thousandths, rate.certainty) != (before.thousandths, before.certainty):
            found.append(replace(rate, version=before.version + 1, valid_from=valid_from))
    return found


def rates_over(editions: Sequence[Edition], ends: datetime, counted: Mapping[str, int] | None) -> list[Rate]:
    """All rate versions of a period that ends at `ends`; the first edition is the one in which it began."""
    found = rates(editions[0].policies, counted)
    for edition in editions[1:]:
        if edition.valid_from < ends:
            found += revised(edition.policies, found, edition.valid_from)
    return found


def rate_at(versions: Iterable[Rate], completed_at: datetime) -> Rate | None:
    """The newest version that holds for a completion of that time."""
    held = [rate for rate in versions if rate.valid_from is None or rate.valid_from <= completed_at]
    return max(held, key=lambda rate: rate.version, default=None)


def rate_of(policies: PolicySet, name: str, expected: int | None) -> Rate | None:
    """What the policies give a stratum of that N̂; None when they know no such stratum."""
    known = strata(policies)
    return _rate(name, known[name], expected) if name in known else None


def _rate(name: str, policy: ScenarioPolicy | None, expected: int | None) -> Rate:
    if policy is None or policy.sampling.certainty:
        return Rate(name, 1, _GRID, expected, certainty=True)
    return Rate(name, 1, rate_for(expected, policy.sampling.ratio), expected, certainty=False)


def rate_for(expected: int | None, ratio: Decimal = Decimal("0.1")) -> int:
    """Smallest p, in thousandths, with P(Binomial(N̂, p) < ⌈ratio · N̂⌉) ≤ 1 %; an unknown or small N̂ is taken whole."""
    if expected is None or expected < TAKEN_WHOLE_BELOW:
        return _GRID
    floor = floor_of(expected, ratio)
    low, high = 1, _GRID
    while low < high:
        middle = (low + high) // 2
        if probability_below(expected, middle / _GRID, floor) <= SHORTFALL_RISK:
            high = middle
        else:
            low = middle + 1
    return low


def floor_of(count: int, ratio: Decimal) -> int:
    """⌈ratio · count⌉: so many completions of a stratum must be selected (IN3)."""
    return ceil(ratio * count)


def probability_below(trials: int, p: float, floor: int) -> float:
    """P(Binomial(trials, p) < floor), summed from its largest term downwards."""
    if p >= 1 or floor <= 0:
        return 0.0 if floor <= trials else 1.0
    successes = floor - 1
    term = exp(
        lgamma(trials + 1)
        - lgamma(successes + 1)
        - lgamma(trials - successes + 1)
        + successes * log(p)
        + (trials - successes) * log(1 - p)
    )
    total = 0.0
    while successes >= 0 and (term > total * 1e-17 or total == 0.0):
        total += term
        term *= successes * (1 - p) / ((trials - successes + 1) * p)
        successes -= 1
    return min(total, 1.0)


def draw(secret: bytes, *, source: str, service_id: str, thousandths: int) -> Draw:
    """HMAC-SHA256(secret, canonical JSON [source, service_id]) / 2²⁵⁶ < π, decided on whole numbers.

    Order, retries and redelivery cannot change it; anyone with the secret can recompute it.
    """
    number = int.from_bytes(hmac.digest(secret, canonical([source, service_id]), "sha256"), "big")
    return Draw(selected=number * _GRID < thousandths << 256, value=number / 2**256)


def chance(secret: bytes, purpose: str, *, source: str, service_id: str) -> float:
    """Another draw of the same completion, independent of the sampling one, in [0, 1)."""
    digest = hmac.digest(secret, canonical([purpose, source, service_id]), "sha256")
    return int.from_bytes(digest[:6], "big") / 2**48


def canonical(value: object) -> bytes:
    """JSON without blanks, keys in order, UTF-8: the same value always gives the same bytes."""
    return _CANONICAL.encode(value).encode()


def secret_digest(secret: bytes) -> str:
    return hashlib.sha256(secret).hexdigest()


def period_of(completed_at: datetime, zone: ZoneInfo) -> str:
    """The month of completion on the operator's clock, such as `2026-10`."""
    return f"{completed_at.astimezone(zone):%Y-%m}"


def month_begins(period: str, zone: ZoneInfo) -> datetime:
    year, month = (int(part) for part in period.split("-"))
    return datetime(year, month, 1, tzinfo=zone).astimezone(UTC)


def month_ends(period: str, zone: ZoneInfo) -> datetime:
    return month_begins(_shifted(period, +1), zone)


def month_before(period: str) -> str:
    return _shifted(period, -1)


def was_seen_whole(period: str, opened_at: datetime, zone: ZoneInfo) -> bool:
    """Was the period watched from its start? A partial count says nothing about how many a month brings."""
    return opened_at <= month_begins(period, zone) + timedelta(days=3)


@dataclass(frozen=True)
class LedgerEntry:
    """One completion of the frame, as the digest covers it."""

    source: str
    service_id: str
    stratum: str
    rate_version: int
    cell: str
    inclusion_probability: float
    selected: bool


def ledger_digest(entries: Iterable[LedgerEntry]) -> str:
    """SHA-256 (hex) over one canonical JSON line per completion, in the order of (source, service_id)."""
    digest = hashlib.sha256()
    for entry in sorted(entries, key=lambda e: (e.source, e.service_id)):
        line = [
            entry.source, entry.service_id, entry.stratum, entry.rate_version, entry.cell,
            entry.inclusion_probability, entry.selected,
        ]  # fmt: skip
        digest.update(canonical(line) + b"\n")
    return digest.hexdigest()


def _name(scenario: Scenario, service_type: str | None) -> str:
    return f"{scenario}/{service_type}"


def _shifted(period: str, months: int) -> str:
    year, month = (int(part) for part in period.split("-"))
    index = year * 12 + month - 1 + months
    return f"{index // 12:04d}-{index % 12 + 1:02d}"
