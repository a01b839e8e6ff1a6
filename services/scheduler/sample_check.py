"""A sample recomputed from its file alone: secret, policies, rates, strata, draws, counts, shortfalls."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from contracts.events.scheduler import StratumRate
from services.scheduler import sampling
from services.scheduler.intake import Reason
from services.scheduler.policy import PolicySet
from services.scheduler.policy_versions import policies_in
from services.scheduler.rules import SINCE_EVER, Edition
from services.scheduler.sample_file import Sample, SampleRow
from services.scheduler.sampling import LedgerEntry, Rate
from services.scheduler.shortfall import shortfalls


class SampleCheck:
    """`differences` names everything that is not as it would be recomputed; none: the sample holds."""

    def __init__(self, sample: Sample) -> None:
        self.sample = sample
        self._told = sample.opened[-1]
        self._secret = bytes.fromhex(sample.closed.secret) if _is_hex(sample.closed.secret) else b""
        self._zone = ZoneInfo(sample.zone)

    def differences(self) -> list[str]:
        found = [*self._secret_differences(), *self._policy_differences()]
        if not self._editions:
            return [*found, "policies: none of the period's sets can be read, so nothing else can be recomputed"]
        found += self._rate_differences()
        for row in self.sample.rows:
            name = f"service {row.source}/{row.service_id}"
            found += [f"{name}: {difference}" for difference in self._row_differences(row)]
        return [*found, *self._count_differences()]

    @cached_property
    def _sets(self) -> dict[str, PolicySet]:
        found = {}
        for version, content in self.sample.policies:
            try:
                found[version] = policies_in(content)
            except (ValidationError, KeyError, AttributeError):
                continue
        return found

    @cached_property
    def _editions(self) -> list[Edition]:
        return [
            Edition(self._sets[edition.version], edition.valid_from or SINCE_EVER)
            for edition in self._told.editions
            if edition.version in self._sets
        ]

    @cached_property
    def _rates(self) -> dict[str, list[Rate]]:
        found: dict[str, list[Rate]] = {}
        for told in self._told.rates:
            found.setdefault(told.stratum, []).append(_rate(told))
        return found

    @cached_property
    def _frame(self) -> list[LedgerEntry]:
        return [
            LedgerEntry(
                row.source, row.service_id, row.stratum, row.rate_version, row.cell, row.thousandths / 1000,
                row.verdict == "selected",
            )
            for row in self.sample.rows
            if row.in_frame
        ]  # fmt: skip

    def _edition_at(self, completed_at: datetime) -> Edition:
        held = [edition for edition in self._editions if edition.valid_from <= completed_at]
        return (held or self._editions[:1])[-1]

    def _secret_differences(self) -> Iterator[str]:
        for opened in self.sample.opened:
            if opened.secret_digest != sampling.secret_digest(self._secret):
                yield "secret: its SHA-256 is not the digest that sampling-period-opened told"

    def _policy_differences(self) -> Iterator[str]:
        for version, _ in self.sample.policies:
            if version not in self._sets:
                yield f"policies {version}: the content is no policy set"
            elif self._sets[version].version != version:
                yield f"policies {version}: the content has the digest {self._sets[version].version}"
        missing = {edition.version for edition in self._told.editions} - {
            version for version, _ in self.sample.policies
        }
        for version in sorted(missing):
            yield f"policies {version}: decided about the period and is not in the file"
        if self._told.editions and self._told.policy_digest != self._told.editions[0].version:
            yield "sampling-period-opened: policy_digest is not the set in which the period began"

    def _rate_differences(self) -> Iterator[str]:
        """Each told rate from its N̂ by the binomial rule, and every stratum of the policies told."""
        names = {name for edition in self._editions for name in sampling.strata(edition.policies)}
        for name in sorted(names ^ set(self._rates)):
            yield f"stratum {name}: {'has no rate' if name in names else 'is none of the policies'}"
        for name, versions in sorted(self._rates.items()):
            for told in versions:
                policies = self._edition_at(told.valid_from or SINCE_EVER).policies
                rate = sampling.rate_of(policies, name, told.expected)
                if rate is not None and (rate.thousandths, rate.certainty) != (told.thousandths, told.certainty):
                    yield (
                        f"stratum {name} rate version {told.version}: told {told.probability}, "
                        f"N̂ {told.expected} gives {rate.probability}"
                    )

    def _row_differences(self, row: SampleRow) -> Iterator[str]:
        edition = self._edition_at(row.completed_at)
        policies = edition.policies
        policy = policies.of(row.scenario) if row.scenario else None
        if sampling.period_of(row.completed_at, self._zone) != self.sample.period:
            yield f"was completed outside {self.sample.period}"
        version = policies.versions[policy.scenario] if policy else policies.version
        if row.policy_version != version:
            yield f"names policy {row.policy_version}, {version} decided"
        late = row.accepted_at - row.completed_at > timedelta(days=policies.house.intake.look_back_days)
        if (late and row.in_frame) or (not late and row.reason == Reason.OLDER_THAN_LOOK_BACK):
            yield f"arrived {row.accepted_at - row.completed_at} after its completion and is {row.verdict}"
        if row.accepted_at > self.sample.closed.closed_at and row.in_frame:
            yield "arrived after the period was closed"
        if not row.in_frame:
            return
        if policy is None:
            yield f"is in the frame and has no scenario of the policies ({row.scenario})"
            return
        stratum = sampling.stratum(policies, policy, service_type=row.service_type, level=row.level)
        if row.stratum != stratum:
            yield f"is in stratum {row.stratum}, {stratum} follows from its scenario, type and level"
        yield from self._draw_differences(row)

    def _draw_differences(self, row: SampleRow) -> Iterator[str]:
        rate = sampling.rate_at(self._rates.get(row.stratum, ()), row.completed_at)
        if rate is None:
            yield f"has no told rate in stratum {row.stratum}"
            return
        if (row.rate_version, row.thousandths) != (rate.version, rate.thousandths):
            yield (
                f"has rate version {row.rate_version} with {row.thousandths / 1000}, "
                f"version {rate.version} with {rate.probability} holds"
            )
        draw = sampling.draw(self._secret, source=row.source, service_id=row.service_id, thousandths=rate.thousandths)
        if draw.selected != (row.verdict == "selected"):
            yield f"is {row.verdict}, the draw {draw.value:.6f} against {rate.probability} says otherwise"
        reason = (Reason.CERTAINTY if rate.certainty else Reason.DRAWN) if draw.selected else Reason.NOT_DRAWN
        if row.reason != reason:
            yield f"has the reason {row.reason}, {reason} follows"
        if row.draw is None or abs(row.draw - draw.value) > 1e-12:
            yield f"has the draw {row.draw}, {draw.value} follows from the secret"

    def _count_differences(self) -> Iterator[str]:
        closed = self.sample.closed
        keys = Counter((row.source, row.service_id) for row in self.sample.rows)
        for (source, service_id), times in sorted(keys.items()):
            if times > 1:
                yield f"service {source}/{service_id}: stands {times} times in the ledger"
        told = {(c.stratum, c.rate_version, c.cell.value): (c.accepted, c.selected) for c in closed.cells}
        found = self._cells()
        for key in sorted(told.keys() | found.keys()):
            if told.get(key) != found.get(key):
                name = f"{key[0]} version {key[1]} cell {key[2]}"
                yield f"{name}: told N, n = {told.get(key)}, the ledger has {found.get(key)}"
        out = sum(row.verdict == "out_of_frame" for row in self.sample.rows)
        if out != closed.out_of_frame:
            yield f"out of frame: told {closed.out_of_frame}, the ledger has {out}"
        if sampling.ledger_digest(self._frame) != closed.ledger_digest:
            yield "ledger: its digest is not the one that sampling-period-closed told"
        missed = [asdict(short) for short in shortfalls(self._frame, self._editions[-1].policies)]
        if missed != [short.model_dump() for short in closed.shortfalls]:
            yield "shortfalls: told ones are not those of the ledger"

    def _cells(self) -> dict[tuple[str, int, str], tuple[int, int]]:
        accepted = Counter((e.stratum, e.rate_version, e.cell) for e in self._frame)
        selected = Counter((e.stratum, e.rate_version, e.cell) for e in self._frame if e.selected)
        return {key: (count, selected[key]) for key, count in accepted.items()}

    def strata(self) -> list[dict[str, Any]]:
        """N, n and N/n of each stratum, and whether the floor was met; for people to read."""
        accepted = Counter(entry.stratum for entry in self._frame)
        selected = Counter(entry.stratum for entry in self._frame if entry.selected)
        short = {one.stratum: one.floor for one in self.sample.closed.shortfalls}
        return [
            {
                "stratum": name,
                "accepted": count,
                "selected": selected[name],
                "ratio": count / selected[name] if selected[name] else None,
                "floor_missed": short.get(name),
            }
            for name, count in sorted(accepted.items())
        ]


def _rate(told: StratumRate) -> Rate:
    return Rate(
        told.stratum, told.rate_version, round(told.rate * 1000), told.expected, told.certainty, told.valid_from
    )


def _is_hex(text: str) -> bool:
    return len(text) % 2 == 0 and all(digit in "0123456789abcdef" for digit in text)
