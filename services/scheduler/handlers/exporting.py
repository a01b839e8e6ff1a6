"""The sample of a closed period, gathered for a file that anyone can check without a database."""

from collections.abc import Mapping
from typing import Any

from chassis.runtime import Runtime
from chassis.vault import ERASED, Keyring
from contracts.context import ServiceContext
from contracts.events.scheduler import SamplingPeriodClosed, SamplingPeriodOpened
from services.scheduler.configured import configured_rules
from services.scheduler.sample_file import Sample, SampleRow
from services.scheduler.store import evidence, policies


class NotExportable(Exception):
    """There is no such period, or it is still open."""


async def sample_of(runtime: Runtime, period: str) -> Sample:
    """Raises `NotExportable`: before its close the secret of a period is nobody's."""
    async with runtime.reading() as connection:
        told = await evidence.told(connection, period)
        closes_at = await evidence.closes_at(connection, period)
        opened = tuple(SamplingPeriodOpened.model_validate(e) for t, e in told if t == SamplingPeriodOpened.topic)
        closed = [SamplingPeriodClosed.model_validate(e) for t, e in told if t == SamplingPeriodClosed.topic]
        if closes_at is None:
            raise NotExportable(f"There is no sampling period {period}: no service of that month was ever told.")
        if not closed:
            until = closes_at.astimezone(configured_rules().operator_zone)
            raise NotExportable(
                f"Period {period} is open until {until:%Y-%m-%d %H:%M} {until.tzinfo}: its secret is told then."
            )
        versions = [edition.version for edition in opened[-1].editions]
        contents = await policies.contents(connection, versions)
        facts = await runtime.vault.keyring(facts=[period])
        rows = []
        async for chunk in evidence.ledger(connection, period):
            contacts = await runtime.vault.keyring(contact={row["customer_ref"] for row in chunk})
            rows += [_row(facts, contacts, row) for row in chunk]
    return Sample(
        period=period,
        zone=configured_rules().operator_zone.key,
        policies=tuple((version, contents[version]) for version in dict.fromkeys(versions)),
        opened=opened,
        closed=closed[0],
        rows=tuple(rows),
    )


def _row(facts: Keyring, contacts: Keyring, row: Mapping[str, Any]) -> SampleRow:
    ref = row["customer_ref"]
    opened = facts.open(ref, "context", row["context"])
    context = None if opened is ERASED else ServiceContext.model_validate(opened)
    own = {name: row[name] for name in SampleRow.model_fields if name in row}
    return SampleRow(
        **own,
        service_type=context.service_type if context else None,
        level=context.level if context else None,
        erased=contacts.open(ref, "contact", row["contact"]) is ERASED,
    )
