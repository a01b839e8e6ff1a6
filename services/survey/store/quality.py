"""Flags, voided records, and requests to ask once more."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from contracts.vocabulary import RequestState, ResponseStatus
from services.survey.quality import Record


@dataclass(frozen=True)
class FlagRow:
    response_id: str
    code: str
    customer_ref: str
    evidence: str


@dataclass(frozen=True)
class Voided:
    """A response that was voided now."""

    response_id: str
    customer_ref: str
    completion_ref: str
    source: str
    service_id: str


@dataclass(frozen=True)
class RequestRow:
    request_id: str
    response_id: str
    customer_ref: str
    completion_ref: str
    revision: int
    state: RequestState
    not_before: datetime
    deadline: datetime


@dataclass(frozen=True)
class Flagged:
    """A response with flags, or a voided one, as the page shows it."""

    response_id: str
    customer_ref: str
    source: str
    service_id: str
    scenario: str
    channel: str
    agent: str | None
    status: str
    revision: int
    recorded_at: datetime
    in_design: bool
    flags: tuple[tuple[str, str], ...]
    voided_at: datetime | None
    void_reason: str | None
    voided_by: str | None


async def insert_flags(connection: asyncpg.Connection, flags: Sequence[FlagRow], now: datetime) -> None:
    """A flag that is known stays as it was decided."""
    await connection.execute(
        """INSERT INTO quality_flag (response_id, code, customer_ref, evidence, flagged_at)
           SELECT *, $5 FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) ON CONFLICT DO NOTHING""",
        [flag.response_id for flag in flags],
        [flag.code for flag in flags],
        [flag.customer_ref for flag in flags],
        [flag.evidence for flag in flags],
        now,
    )


async def records_of(connection: asyncpg.Connection, services: Iterable[tuple[str, str]]) -> list[Record]:
    """Every response of these services (source, service id) that is told for good and not voided."""
    wanted = sorted(set(services))
    rows = await connection.fetch(
        """SELECT response.response_id, callback.source, callback.service_id, part ->> 'purpose' AS purpose,
               (part ->> 'round')::integer AS round, response.status, response.recorded_at, interview.heard_at
           FROM callback
           JOIN unnest($1::text[], $2::text[]) AS wanted (source, service_id) USING (source, service_id)
           JOIN response USING (callback_id)
           JOIN interview USING (callback_id)
           CROSS JOIN LATERAL jsonb_array_elements(callback.parts) AS part
           WHERE part ->> 'part_id' = response.part_id AND response.final AND response.voided_at IS NULL
             AND response.revision > 0""",
        [source for source, _ in wanted],
        [service_id for _, service_id in wanted],
    )
    return [
        Record(
            response_id=row["response_id"],
            service=(row["source"], row["service_id"]),
            purpose=row["purpose"],
            round=row["round"],
            status=ResponseStatus(row["status"]),
            recorded_at=row["recorded_at"],
            heard_at=row["heard_at"] or row["recorded_at"],
        )
        for row in rows
    ]


async def void(
    connection: asyncpg.Connection, voided: Sequence[tuple[str, str]], *, by: str, now: datetime
) -> list[Voided]:
    """`voided`: response ids with their reasons. Returns those that were not voided before; their open flags close."""
    ids = [response_id for response_id, _ in voided]
    rows = await connection.fetch(
        """UPDATE response SET voided_at = $3, void_reason = asked.reason, voided_by = $4
           FROM unnest($1::text[], $2::text[]) AS asked (response_id, reason), callback
           WHERE response.response_id = asked.response_id AND callback.callback_id = response.callback_id
             AND response.voided_at IS NULL AND response.revision > 0
           RETURNING response.response_id, response.customer_ref, callback.completion_ref, callback.source,
               callback.service_id""",
        ids,
        [reason for _, reason in voided],
        now,
        by,
    )
    fresh = [Voided(**dict(row)) for row in rows]
    await decide(connection, [one.response_id for one in fresh], decision="voided", by=by, now=now)
    return fresh


async def voided_among(connection: asyncpg.Connection, response_ids: Sequence[str]) -> set[str]:
    rows = await connection.fetch(
        "SELECT response_id FROM response WHERE response_id = ANY ($1) AND voided_at IS NOT NULL", response_ids
    )
    return {row["response_id"] for row in rows}


async def decide(
    connection: asyncpg.Connection, response_ids: Sequence[str], *, decision: str, by: str, now: datetime
) -> list[str]:
    """`decision`: kept or voided. Returns the responses that had an open flag."""
    rows = await connection.fetch(
        """UPDATE quality_flag SET decision = $2, decided_by = $3, decided_at = $4
           WHERE response_id = ANY ($1) AND decision IS NULL RETURNING response_id""",
        response_ids,
        decision,
        by,
        now,
    )
    return sorted({row["response_id"] for row in rows})


async def insert_requests(connection: asyncpg.Connection, requests: Sequence[RequestRow]) -> set[str]:
    """Request ids that are new."""
    rows = await connection.fetch(
        """INSERT INTO verification_request (request_id, response_id, customer_ref, completion_ref, not_before,
               deadline)
           SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[])
           ON CONFLICT DO NOTHING RETURNING request_id""",
        *[
            [getattr(request, name) for request in requests]
            for name in ("request_id", "response_id", "customer_ref", "completion_ref", "not_before", "deadline")
        ],
    )
    return {row["request_id"] for row in rows}


async def withdraw_requests(connection: asyncpg.Connection, response_ids: Sequence[str]) -> list[RequestRow]:
    """Those that were open until now, as they are now."""
    rows = await connection.fetch(
        """UPDATE verification_request SET state = 'withdrawn', revision = revision + 1
           WHERE response_id = ANY ($1) AND state = 'open'
           RETURNING request_id, response_id, customer_ref, completion_ref, revision, state, not_before, deadline""",
        response_ids,
    )
    return [RequestRow(**{**dict(row), "state": RequestState(row["state"])}) for row in rows]


_FLAGGED = """
    SELECT response.response_id, response.customer_ref, callback.source, callback.service_id, callback.scenario,
        interview.channel, interview.agent, response.status, response.revision, response.recorded_at,
        callback.in_design, response.voided_at, response.void_reason, response.voided_by,
        coalesce((SELECT array_agg(ARRAY[code, evidence] ORDER BY code) FROM quality_flag
                  WHERE quality_flag.response_id = response.response_id), '{}') AS flags
    FROM response JOIN callback USING (callback_id) JOIN interview USING (callback_id)
"""


async def undecided(connection: asyncpg.Connection, *, limit: int, offset: int) -> list[Flagged]:
    """Responses with open flags, oldest first."""
    rows = await connection.fetch(
        f"""{_FLAGGED} WHERE response.response_id IN (SELECT response_id FROM quality_flag WHERE decision IS NULL)
            ORDER BY response.recorded_at, response.response_id LIMIT $1 OFFSET $2""",  # noqa: S608  own columns
        limit,
        offset,
    )
    return [_flagged(row) for row in rows]


async def recently_voided(connection: asyncpg.Connection, *, limit: int, offset: int) -> list[Flagged]:
    """Newest first."""
    rows = await connection.fetch(
        f"""{_FLAGGED} WHERE response.voided_at IS NOT NULL
            ORDER BY response.voided_at DESC, response.response_id LIMIT $1 OFFSET $2""",
        limit,
        offset,
    )
    return [_flagged(row) for row in rows]


async def one(connection: asyncpg.Connection, response_id: str) -> Flagged | None:
    row = await connection.fetchrow(
        f"{_FLAGGED} WHERE response.response_id = $1 AND response.revision > 0",
        response_id,
    )
    return None if row is None else _flagged(row)


async def counts(connection: asyncpg.Connection) -> tuple[int, int]:
    """Responses that wait for a decision, and voided ones."""
    row = await connection.fetchrow(
        """SELECT (SELECT count(DISTINCT response_id) FROM quality_flag WHERE decision IS NULL) AS waiting,
                  (SELECT count(*) FROM response WHERE voided_at IS NOT NULL) AS voided"""
    )
    return row["waiting"], row["voided"]


def _flagged(row: asyncpg.Record) -> Flagged:
    return Flagged(**{**dict(row), "flags": tuple((code, evidence) for code, evidence in row["flags"])})
