"""The sampling ledger in the database."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from services.scheduler.ledger import Correction, Known, LedgerRow
from services.scheduler.store.arrays import columns


async def known(connection: asyncpg.Connection, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Known]:
    """Completions of (source, service_id) that have a row."""
    rows = await connection.fetch(
        """
        SELECT c.source, c.service_id, c.completion_ref, c.customer_ref, c.period, c.verdict, c.reason,
               c.phone_index, c.email_index
        FROM unnest($1::text[], $2::text[]) AS asked (source, service_id)
        JOIN completion AS c USING (source, service_id)
        """,
        [source for source, _ in keys],
        [service_id for _, service_id in keys],
    )
    return {
        (row["source"], row["service_id"]): Known(
            row["completion_ref"],
            row["customer_ref"],
            row["period"],
            row["verdict"],
            row["reason"],
            row["phone_index"],
            row["email_index"],
        )
        for row in rows
    }


async def insert(connection: asyncpg.Connection, rows: Sequence[LedgerRow]) -> set[str]:
    """Returns the completion_refs that are new; another transaction may have told the same completion first."""
    found = await connection.fetch(
        """
        INSERT INTO completion (completion_ref, source, service_id, customer_ref, scenario, verdict, reason, period,
            stratum, rate_version, cell, thousandths, draw, policy_version, completed_at, handled_at, accepted_at,
            road, zone, vip, phone_index, email_index, contact, context, narrative, counted_from, warnings)
        SELECT completion_ref, source, service_id, customer_ref, scenario, verdict, reason, period,
            stratum, rate_version, cell, thousandths, draw, policy_version, completed_at, handled_at, accepted_at,
            road, zone, vip, phone_index, email_index, contact, context, narrative, counted_from,
            string_to_array(warnings, ',')
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
            $9::text[], $10::int[], $11::text[], $12::int[], $13::float8[], $14::text[], $15::timestamptz[],
            $16::timestamptz[], $17::timestamptz[], $18::text[], $19::text[], $20::boolean[], $21::text[], $22::text[],
            $23::text[], $24::text[], $25::text[], $26::timestamptz[], $27::text[])
            AS new (completion_ref, source, service_id, customer_ref, scenario, verdict, reason, period, stratum,
            rate_version, cell, thousandths, draw, policy_version, completed_at, handled_at, accepted_at, road, zone,
            vip, phone_index, email_index, contact, context, narrative, counted_from, warnings)
        ORDER BY source, service_id
        ON CONFLICT (source, service_id) DO NOTHING
        RETURNING completion_ref
        """,
        *columns(
            rows, "completion_ref", "source", "service_id", "customer_ref", "scenario", "verdict", "reason", "period",
            "stratum", "rate_version", "cell", "thousandths", "draw", "policy_version", "completed_at", "handled_at",
            "accepted_at", "road", "zone", "vip", "phone_index", "email_index", "contact", "context", "narrative",
            "counted_from",
        ),
        [",".join(row.warnings) for row in rows],
    )  # fmt: skip
    return {row["completion_ref"] for row in found}


async def remember_documents(
    connection: asyncpg.Connection, documents: Sequence[tuple[str, bytes]], now: datetime
) -> set[tuple[str, bytes]]:
    """The (completion_ref, digest) pairs that were never seen before."""
    rows = await connection.fetch(
        """
        INSERT INTO document (completion_ref, digest, received_at)
        SELECT completion_ref, digest, $3
        FROM unnest($1::text[], $2::bytea[]) AS new (completion_ref, digest)
        ON CONFLICT DO NOTHING
        RETURNING completion_ref, digest
        """,
        [ref for ref, _ in documents],
        [digest for _, digest in documents],
        now,
    )
    return {(row["completion_ref"], row["digest"]) for row in rows}


async def count_duplicates(connection: asyncpg.Connection, refs: Sequence[str]) -> None:
    await connection.execute(
        """
        UPDATE completion SET duplicates = duplicates + again.times
        FROM (SELECT ref, count(*) AS times FROM unnest($1::text[]) AS ref GROUP BY ref) AS again
        WHERE completion_ref = again.ref
        """,
        refs,
    )


async def correct(connection: asyncpg.Connection, corrections: Sequence[Correction]) -> None:
    """Contact, narrative and times; period, stratum, cell and scenario stay those of the first document."""
    await connection.execute(
        """
        UPDATE completion SET corrections = corrections + 1, contact = new.contact, narrative = new.narrative,
            phone_index = new.phone_index, email_index = new.email_index, handled_at = new.handled_at,
            counted_from = new.counted_from, zone = new.zone
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[],
            $8::text[])
            AS new (completion_ref, contact, narrative, phone_index, email_index, handled_at, counted_from, zone)
        WHERE completion.completion_ref = new.completion_ref
        """,
        *columns(
            corrections,
            "completion_ref",
            "contact",
            "narrative",
            "phone_index",
            "email_index",
            "handled_at",
            "counted_from",
            "zone",
        ),
    )


async def explain(connection: asyncpg.Connection, explanations: Sequence[tuple[str, str]], now: datetime) -> None:
    """The first explanation of a completion holds; (completion_ref, explanation)."""
    await connection.execute(
        """
        UPDATE completion SET explanation = new.explanation, explained_at = $3
        FROM unnest($1::text[], $2::text[]) AS new (completion_ref, explanation)
        WHERE completion.completion_ref = new.completion_ref AND completion.explanation IS NULL
        """,
        [ref for ref, _ in explanations],
        [explanation for _, explanation in explanations],
        now,
    )
