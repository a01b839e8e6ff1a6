"""Questions about what followed from responses."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from contracts.vocabulary import CaseState, ClosedAs, PromiseState


@dataclass(frozen=True)
class FollowUp:
    """One case of a response."""

    case_id: str
    state: CaseState
    department: str
    closed_as: ClosedAs | None


async def cases_of(connection: asyncpg.Connection, response_ids: Sequence[str]) -> dict[str, list[FollowUp]]:
    rows = await connection.fetch(
        """
        SELECT response_id, case_id, state, department, closed_as FROM followup_case
        WHERE response_id = ANY ($1::text[]) ORDER BY opened_at, case_id
        """,
        list(response_ids),
    )
    found: dict[str, list[FollowUp]] = defaultdict(list)
    for row in rows:
        closed_as = ClosedAs(row["closed_as"]) if row["closed_as"] else None
        found[row["response_id"]].append(
            FollowUp(row["case_id"], CaseState(row["state"]), row["department"], closed_as)
        )
    return dict(found)


async def promises_of(connection: asyncpg.Connection, response_ids: Sequence[str]) -> dict[str, list[PromiseState]]:
    rows = await connection.fetch(
        """
        SELECT response_id, state FROM promise
        WHERE response_id = ANY ($1::text[]) ORDER BY due_at, promise_id
        """,
        list(response_ids),
    )
    found: dict[str, list[PromiseState]] = defaultdict(list)
    for row in rows:
        found[row["response_id"]].append(PromiseState(row["state"]))
    return dict(found)
