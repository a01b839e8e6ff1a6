"""All SQL of tagging."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from contracts.events.parts import About, Span
from contracts.events.scheduler import ServiceAccepted
from contracts.events.survey import ResponseVoided
from contracts.vocabulary import ItemKind, ItemState, Severity
from services.tagging.revisions import ItemRow


@dataclass(frozen=True)
class ResponseRow:
    response_id: str
    customer_ref: str
    completion_ref: str
    revision: int
    tagging_revision: int
    purpose: str
    round: int
    recorded_at: datetime
    answers: str
    texts: str | None
    tags: str
    lexicon_version: str
    tagged_at: datetime


@dataclass(frozen=True)
class Known:
    """What is stored of a response; revision 0: only its voiding."""

    revision: int
    tagging_revision: int
    voided: bool


@dataclass(frozen=True)
class ResponsePage:
    response_id: str
    customer_ref: str
    service_id: str | None
    scenario: str | None
    purpose: str
    revision: int
    recorded_at: datetime
    answers: str
    texts: str | None
    tags: str
    lexicon_version: str
    voided_at: datetime | None


async def known(connection: asyncpg.Connection, response_ids: Sequence[str]) -> dict[str, Known]:
    rows = await connection.fetch(
        "SELECT response_id, revision, tagging_revision, voided_at FROM response WHERE response_id = ANY ($1::text[])",
        list(response_ids),
    )
    return {r["response_id"]: Known(r["revision"], r["tagging_revision"], r["voided_at"] is not None) for r in rows}


async def put_responses(connection: asyncpg.Connection, rows: Sequence[ResponseRow]) -> None:
    """The higher revision holds."""
    await connection.execute(
        """
        INSERT INTO response (response_id, customer_ref, completion_ref, revision, tagging_revision, purpose, round,
                              recorded_at, answers, texts, tags, lexicon_version, tagged_at)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::int[], $6::text[], $7::int[],
                             $8::timestamptz[], $9::text[], $10::text[], $11::text[], $12::text[], $13::timestamptz[])
        ON CONFLICT (response_id) DO UPDATE SET
            revision = excluded.revision, tagging_revision = excluded.tagging_revision, purpose = excluded.purpose,
            round = excluded.round, recorded_at = excluded.recorded_at, answers = excluded.answers,
            texts = excluded.texts, tags = excluded.tags, lexicon_version = excluded.lexicon_version,
            tagged_at = excluded.tagged_at
        WHERE excluded.revision > response.revision
        """,
        *_columns([tuple(vars(row).values()) for row in rows], width=13),
    )


async def void(connection: asyncpg.Connection, events: Sequence[ResponseVoided]) -> list[str]:
    """Marks the responses, known or not; returns those that were not marked before."""
    rows = await connection.fetch(
        """
        INSERT INTO response (response_id, customer_ref, completion_ref, voided_at)
        SELECT DISTINCT ON (response_id) * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])
            AS voided (response_id, customer_ref, completion_ref, voided_at)
        ON CONFLICT (response_id) DO UPDATE SET voided_at = excluded.voided_at WHERE response.voided_at IS NULL
        RETURNING response_id
        """,
        *_columns([(e.response_id, e.customer_ref, e.completion_ref, e.voided_at) for e in events], width=4),
    )
    return [row["response_id"] for row in rows]


async def items_of(connection: asyncpg.Connection, response_ids: Sequence[str]) -> dict[str, list[ItemRow]]:
    """All items by response, withdrawn ones too."""
    rows = await connection.fetch(
        """
        SELECT item_id, item_revision, response_id, response_revision, customer_ref, completion_ref, state, kind,
               department, team, codes, severity, due_policy, spans, about, routed_at
        FROM item WHERE response_id = ANY ($1::text[]) ORDER BY kind, department, item_id
        """,
        list(response_ids),
    )
    found: dict[str, list[ItemRow]] = {}
    for row in rows:
        found.setdefault(row["response_id"], []).append(_item(row))
    return found


async def put_items(connection: asyncpg.Connection, items: Sequence[ItemRow]) -> None:
    await connection.execute(
        """
        INSERT INTO item (item_id, item_revision, response_id, response_revision, customer_ref, completion_ref, state,
                          kind, department, team, codes, severity, due_policy, spans, about, routed_at)
        SELECT item_id, item_revision, response_id, response_revision, customer_ref, completion_ref, state,
               kind, department, team, string_to_array(codes, ' '), severity, due_policy, spans, about,
               routed_at
        FROM unnest($1::text[], $2::int[], $3::text[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[],
                    $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::jsonb[], $15::jsonb[],
                    $16::timestamptz[])
            AS given (item_id, item_revision, response_id, response_revision, customer_ref, completion_ref, state,
                      kind, department, team, codes, severity, due_policy, spans, about, routed_at)
        ON CONFLICT (item_id) DO UPDATE SET
            item_revision = excluded.item_revision, response_revision = excluded.response_revision,
            state = excluded.state, team = excluded.team, codes = excluded.codes, severity = excluded.severity,
            due_policy = excluded.due_policy, spans = excluded.spans, about = excluded.about,
            routed_at = excluded.routed_at
        """,
        *_columns([_values(item) for item in items], width=16),
    )


async def put_completions(connection: asyncpg.Connection, events: Sequence[ServiceAccepted]) -> None:
    await connection.execute(
        """
        INSERT INTO completion (completion_ref, customer_ref, source, service_id, scenario, completed_at)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
        ON CONFLICT (completion_ref) DO NOTHING
        """,
        *_columns(
            [(e.completion_ref, e.customer_ref, e.source, e.service_id, e.scenario, e.completed_at) for e in events],
            width=6,
        ),
    )


async def forget_texts(connection: asyncpg.Connection, customer_refs: Sequence[str]) -> None:
    """The keys are gone; what they sealed need not stay."""
    await connection.execute("UPDATE response SET texts = NULL WHERE customer_ref = ANY ($1::text[])", customer_refs)


async def response_page(connection: asyncpg.Connection, response_id: str) -> ResponsePage | None:
    row = await connection.fetchrow(
        """
        SELECT response_id, response.customer_ref, service_id, scenario, purpose, revision, recorded_at, answers,
               texts, tags, lexicon_version, voided_at
        FROM response LEFT JOIN completion USING (completion_ref)
        WHERE response_id = $1 AND revision > 0
        """,
        response_id,
    )
    return ResponsePage(**row) if row else None


def _item(row: asyncpg.Record) -> ItemRow:
    return ItemRow(
        **{
            **row,
            "state": ItemState(row["state"]),
            "kind": ItemKind(row["kind"]),
            "severity": Severity(row["severity"]),
            "codes": tuple(row["codes"]),
            "spans": tuple(Span.model_validate(span) for span in row["spans"]),
            "about": About.model_validate(row["about"]) if row["about"] else None,
        }
    )


def _values(item: ItemRow) -> tuple[Any, ...]:
    values = {**vars(item), "codes": " ".join(item.codes), "spans": [span.model_dump() for span in item.spans]}
    values["about"] = item.about.model_dump(exclude_none=True) if item.about else None
    return tuple(values.values())


def _columns(rows: Sequence[tuple[Any, ...]], *, width: int) -> list[list[Any]]:
    """Rows turned into one array per column."""
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]
