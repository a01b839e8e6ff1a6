"""Writes of the read model: one statement per topic and batch.

Every function may get the same event twice, and events in any order between topics: keys and revisions decide what
stays. Within one batch the caller gives at most one row per key (see `handlers.newest`).
"""

from collections.abc import Sequence

import asyncpg

from contracts.events.followup import CaseChanged, ImprovementChanged, PromiseChanged
from contracts.events.scheduler import CallbackClosed, CustomerErased, ServiceAccepted
from contracts.events.survey import AttemptClosed
from services.reporting.store.columns import columns, noting, noting_completions


async def accept_completions(connection: asyncpg.Connection, events: Sequence[ServiceAccepted]) -> None:
    """The first word on a completion holds; a later one (a correction) brings its context only."""
    await connection.execute(
        noting_completions(
            """
        INSERT INTO completion (completion_ref, customer_ref, source, service_id, verdict, reason, scenario, period,
            stratum, rate_version, cell, inclusion_probability, policy_version, accepted_at, completed_at,
            context_sealed)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
            $8::text[], $9::text[], $10::integer[], $11::text[], $12::double precision[], $13::text[],
            $14::timestamptz[], $15::timestamptz[], $16::text[])
        ON CONFLICT (completion_ref) DO UPDATE
            SET context_sealed = excluded.context_sealed, accepted_at = excluded.accepted_at
            WHERE excluded.accepted_at > completion.accepted_at
        """
        ),
        *columns(
            events,
            "completion_ref customer_ref source service_id verdict reason scenario period stratum rate_version cell "
            "inclusion_probability policy_version accepted_at completed_at context",
        ),
    )


async def close_attempts(connection: asyncpg.Connection, events: Sequence[AttemptClosed]) -> None:
    await connection.execute(
        noting(
            """
        INSERT INTO contact_attempt (attempt_id, callback_id, permit_no, completion_ref, channel, channel_reason,
            purpose, round, disposition, not_attempted, started_at, connected_at, ended_at, agent, wrapup_missing,
            tune, transferred, tune_pilot)
        SELECT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::text[],
            $8::integer[], $9::text[], $10::text[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[],
            $14::text[], $15::boolean[], $16::text[], $17::boolean[], $18::text[])
        ON CONFLICT (attempt_id) DO NOTHING
        """
        ),
        *columns(
            events,
            "attempt_id callback_id permit_no completion_ref channel channel_reason purpose round disposition "
            "not_attempted started_at connected_at ended_at agent wrapup_missing tune transferred tune_pilot",
        ),
    )


async def close_callbacks(connection: asyncpg.Connection, events: Sequence[CallbackClosed]) -> None:
    """A callback has one terminal explanation: the first that came stays."""
    await connection.execute(
        noting(
            """
        INSERT INTO callback (callback_id, completion_ref, explanation, permits, response_id, deadline_missed,
            in_design, closed_at, purposes)
        SELECT callback_id, completion_ref, explanation, permits, response_id, deadline_missed, in_design,
            closed_at, string_to_array(purposes, ' ')
        FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::text[], $6::boolean[], $7::boolean[],
            $8::timestamptz[], $9::text[])
            AS told (callback_id, completion_ref, explanation, permits, response_id, deadline_missed, in_design,
                closed_at, purposes)
        ON CONFLICT (callback_id) DO NOTHING
        """
        ),
        *columns(
            events, "callback_id completion_ref explanation permits response_id deadline_missed in_design closed_at"
        ),
        [" ".join(sorted({part.purpose.value for part in event.parts})) for event in events],
    )


async def change_cases(connection: asyncpg.Connection, events: Sequence[CaseChanged]) -> None:
    await connection.execute(
        """
        INSERT INTO followup_case AS known (case_id, revision, completion_ref, response_id, item_id, state, department,
            owner, severity, opened_at, due_at, changed_at, closed_as, root_cause, action)
        SELECT * FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
            $8::text[], $9::text[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::text[],
            $14::text[], $15::text[])
        ON CONFLICT (case_id) DO UPDATE SET revision = excluded.revision, state = excluded.state,
            department = excluded.department, owner = excluded.owner, severity = excluded.severity,
            due_at = excluded.due_at, changed_at = excluded.changed_at, closed_as = excluded.closed_as,
            root_cause = excluded.root_cause, action = excluded.action
            WHERE excluded.revision > known.revision
        """,
        *columns(
            events,
            "case_id revision completion_ref response_id item_id state department owner severity opened_at due_at "
            "changed_at closed_as root_cause action",
        ),
    )


async def note_steps(connection: asyncpg.Connection, events: Sequence[CaseChanged]) -> None:
    """The earliest word of a case in a state holds, so the order of arrival does not matter."""
    earliest: dict[tuple[str, str], CaseChanged] = {}
    for event in sorted(events, key=lambda one: one.changed_at, reverse=True):
        earliest[(event.case_id, event.state)] = event
    await connection.execute(
        """
        INSERT INTO case_step AS known (case_id, state, completion_ref, first_at)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])
        ON CONFLICT (case_id, state) DO UPDATE SET first_at = excluded.first_at
            WHERE excluded.first_at < known.first_at
        """,
        *columns([earliest[key] for key in sorted(earliest)], "case_id state completion_ref changed_at"),
    )


async def change_promises(connection: asyncpg.Connection, events: Sequence[PromiseChanged]) -> None:
    await connection.execute(
        """
        INSERT INTO promise AS known (promise_id, revision, completion_ref, response_id, case_id, state, department,
            due_at, changed_at)
        SELECT * FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
            $8::timestamptz[], $9::timestamptz[])
        ON CONFLICT (promise_id) DO UPDATE SET revision = excluded.revision, case_id = excluded.case_id,
            state = excluded.state, department = excluded.department, due_at = excluded.due_at,
            changed_at = excluded.changed_at
            WHERE excluded.revision > known.revision
        """,
        *columns(events, "promise_id revision completion_ref response_id case_id state department due_at changed_at"),
    )


async def change_improvements(connection: asyncpg.Connection, events: Sequence[ImprovementChanged]) -> None:
    await connection.execute(
        """
        INSERT INTO improvement AS known (improvement_id, revision, period, report_row, owner, due_on, state,
            changed_at, measure, department)
        SELECT * FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::date[], $7::text[],
            $8::timestamptz[], $9::text[], $10::text[])
        ON CONFLICT (improvement_id) DO UPDATE SET revision = excluded.revision, owner = excluded.owner,
            due_on = excluded.due_on, state = excluded.state, changed_at = excluded.changed_at,
            measure = excluded.measure, department = excluded.department
            WHERE excluded.revision > known.revision
        """,
        *columns(events, "improvement_id revision period row owner due_on state changed_at measure department"),
    )


async def erase_customers(connection: asyncpg.Connection, events: Sequence[CustomerErased]) -> None:
    """Figures stay as they are; the lists of the customer's months must be read anew, since they name the erasure."""
    await connection.execute(
        """
        INSERT INTO erased_customer (customer_ref, erased_at)
        SELECT * FROM unnest($1::text[], $2::timestamptz[])
        ON CONFLICT (customer_ref) DO NOTHING
        """,
        *columns(events, "customer_ref erased_at"),
    )
    refs = await connection.fetch(
        "SELECT completion_ref FROM completion WHERE customer_ref = ANY ($1::text[])",
        [event.customer_ref for event in events],
    )
    await note_changes(connection, [row["completion_ref"] for row in refs])


async def note_changes(connection: asyncpg.Connection, completion_refs: Sequence[str]) -> None:
    """The months of these completions have changed; a completion not yet known is noted when it arrives."""
    await connection.execute(
        """
        INSERT INTO month_change AS known (period, changes)
        SELECT DISTINCT period, 1 FROM completion WHERE completion_ref = ANY ($1::text[]) ORDER BY period
        ON CONFLICT (period) DO UPDATE SET changes = known.changes + 1
        """,
        list(completion_refs),
    )
