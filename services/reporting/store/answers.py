"""Writes of the read model: responses, their end as void, and their tags. Sealed strings are stored as they came."""

from collections.abc import Sequence

import asyncpg

from contracts.events.survey import ResponseRecorded, ResponseVoided
from contracts.events.tagging import CustomerTagged, ResponseTagged
from services.reporting.store.columns import columns, noting

_RECORD = """
INSERT INTO response AS known (response_id, revision, status, final, customer_ref, completion_ref, callback_id,
    permit_no, part_id, purpose, round, channel, channel_reason, in_design, questionnaire,
    questionnaire_version, content_hash, answers_sealed, agent, started_at, connected_at, ended_at, recorded_at,
    about_response_id, about_case_id, about_promise_id, flags)
SELECT told.response_id, told.revision, told.status, told.final, told.customer_ref, told.completion_ref,
    told.callback_id, told.permit_no, told.part_id, told.purpose, told.round, told.channel, told.channel_reason,
    told.in_design, told.questionnaire, told.questionnaire_version, told.content_hash, told.answers, told.agent,
    told.started_at, told.connected_at, told.ended_at, told.recorded_at, told.about_response_id,
    told.about_case_id, told.about_promise_id, string_to_array(told.flags, ' ')
FROM unnest($1::text[], $2::integer[], $3::text[], $4::boolean[], $5::text[], $6::text[], $7::text[],
    $8::integer[], $9::text[], $10::text[], $11::integer[], $12::text[], $13::text[], $14::boolean[],
    $15::text[], $16::integer[], $17::text[], $18::text[], $19::text[], $20::timestamptz[], $21::timestamptz[],
    $22::timestamptz[], $23::timestamptz[], $24::text[], $25::text[], $26::text[], $27::text[])
    AS told (response_id, revision, status, final, customer_ref, completion_ref, callback_id, permit_no,
        part_id, purpose, round, channel, channel_reason, in_design, questionnaire, questionnaire_version,
        content_hash, answers, agent, started_at, connected_at, ended_at, recorded_at, about_response_id,
        about_case_id, about_promise_id, flags)
ON CONFLICT (response_id) DO UPDATE SET revision = excluded.revision, status = excluded.status,
    final = excluded.final, callback_id = excluded.callback_id, permit_no = excluded.permit_no,
    channel = excluded.channel, channel_reason = excluded.channel_reason, in_design = excluded.in_design,
    questionnaire_version = excluded.questionnaire_version, content_hash = excluded.content_hash,
    answers_sealed = excluded.answers_sealed, agent = excluded.agent, started_at = excluded.started_at,
    connected_at = excluded.connected_at, ended_at = excluded.ended_at, recorded_at = excluded.recorded_at,
    about_response_id = excluded.about_response_id, about_case_id = excluded.about_case_id,
    about_promise_id = excluded.about_promise_id, flags = excluded.flags
    WHERE excluded.revision > known.revision
"""


async def record_responses(connection: asyncpg.Connection, events: Sequence[ResponseRecorded]) -> None:
    """The highest revision holds."""
    await connection.execute(
        noting(_RECORD),
        *columns(
            events,
            "response_id revision status final customer_ref completion_ref callback_id permit_no part_id purpose round "
            "channel channel_reason in_design questionnaire questionnaire_version content_hash answers agent "
            "started_at connected_at ended_at recorded_at",
        ),
        [event.about.response_id if event.about else None for event in events],
        [event.about.case_id if event.about else None for event in events],
        [event.about.promise_id if event.about else None for event in events],
        [" ".join(sorted({flag.code for flag in event.flags})) for event in events],
    )


async def void_responses(connection: asyncpg.Connection, events: Sequence[ResponseVoided]) -> None:
    """A tombstone, whether the response has come or not."""
    await connection.execute(
        """
        INSERT INTO voided_response (response_id, completion_ref, reason, voided_by, voided_at)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
        ON CONFLICT (response_id) DO NOTHING
        """,
        *columns(events, "response_id completion_ref reason by voided_at"),
    )


async def tag_responses(connection: asyncpg.Connection, events: Sequence[ResponseTagged]) -> None:
    """The highest (revision of the response, revision of its tags) holds."""
    await connection.execute(
        noting(
            """
        INSERT INTO response_tags AS known (response_id, completion_ref, revision, tagging_revision, tags_sealed,
            lexicon_version, tagged_at)
        SELECT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::integer[], $5::text[], $6::text[],
            $7::timestamptz[])
        ON CONFLICT (response_id) DO UPDATE SET revision = excluded.revision,
            tagging_revision = excluded.tagging_revision, tags_sealed = excluded.tags_sealed,
            lexicon_version = excluded.lexicon_version, tagged_at = excluded.tagged_at
            WHERE (excluded.revision, excluded.tagging_revision) > (known.revision, known.tagging_revision)
        """
        ),
        *columns(events, "response_id completion_ref revision tagging_revision tags lexicon_version tagged_at"),
    )


async def tag_customers(connection: asyncpg.Connection, events: Sequence[CustomerTagged]) -> None:
    await connection.execute(
        """
        INSERT INTO customer_tags AS known (customer_ref, revision, tags_sealed, tagged_at)
        SELECT * FROM unnest($1::text[], $2::integer[], $3::text[], $4::timestamptz[])
        ON CONFLICT (customer_ref) DO UPDATE SET revision = excluded.revision, tags_sealed = excluded.tags_sealed,
            tagged_at = excluded.tagged_at
            WHERE excluded.revision > known.revision
        """,
        *columns(events, "customer_ref revision tags tagged_at"),
    )
