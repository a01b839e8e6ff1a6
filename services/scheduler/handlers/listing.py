"""An imported list goes through the one intake door, in chunks."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.runtime import Received, Runtime
from contracts.events.intake import ServiceCompleted
from contracts.ids import event_id
from services.scheduler.configured import configured_rules
from services.scheduler.handlers.completions import Outcome, accept, resolve_customers
from services.scheduler.handlers.in_force import rules_to_read
from services.scheduler.lists import ListFor, ListRefused, rows_of

CHUNK = 500
INVALID = "invalid"


@dataclass(frozen=True)
class RowVerdict:
    """`verdict`: of the ledger, `duplicate`, `corrected` or `invalid`; `reason` names the column of an invalid one."""

    row: int
    service_id: str | None
    verdict: str
    reason: str | None


async def take_list(runtime: Runtime, content: bytes, *, scenario: str, source: str) -> list[RowVerdict]:
    """A verdict for every row. The same list again changes nothing. Raises `ListRefused`."""
    async with runtime.reading() as connection:
        rules = await rules_to_read(connection)
    if rules.policies.of(scenario) is None:
        raise ListRefused(f"there is no scenario {scenario}")
    zone = configured_rules().operator_zone
    rows = rows_of(content, ListFor(scenario, source, await runtime.now(), zone))
    found = [RowVerdict(row.number, None, INVALID, row.fault) for row in rows if row.document is None]
    told = [(row.number, row.document) for row in rows if row.document is not None]
    for begins in range(0, len(told), CHUNK):
        chunk = told[begins : begins + CHUNK]
        outcomes = await _accept(runtime, [document for _, document in chunk])
        found += [
            RowVerdict(number, document.service_id, outcome.verdict, outcome.reason)
            for (number, document), outcome in zip(chunk, outcomes, strict=True)
        ]
    return sorted(found, key=lambda verdict: verdict.row)


async def _accept(runtime: Runtime, documents: Sequence[ServiceCompleted]) -> list[Outcome]:
    refs = await resolve_customers(runtime, documents)
    async with runtime.transaction(customers=set(refs)) as tx:
        received = [Received(d, event_id(tx.now), tx.now, ref) for d, ref in zip(documents, refs, strict=True)]
        return await accept(tx, received, road="list")
