"""Everything that a page behind a link stands on, as of one instant: one statement, for it is asked at every step."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from contracts.vocabulary import SuppressionState
from services.survey.interview import Callback
from services.survey.store.answers import ResponseRow
from services.survey.store.interviews import INTERVIEW_COLUMNS, InterviewRow, interview_from
from services.survey.store.links import LINK_COLUMNS, Link, link_from
from services.survey.store.rows import CALLBACK_COLUMNS, callback_from

_VISIT = f"""SELECT clock.business_now() AS now, {LINK_COLUMNS}, link.permit_no, {CALLBACK_COLUMNS},
    {INTERVIEW_COLUMNS}, permit.contact IS NOT NULL AND permit.phone_index IS NOT NULL AS by_phone,
    EXISTS (SELECT FROM suppression WHERE contact_index IN (permit.phone_index, permit.email_index)
        AND suppression.state = $2) AS stopped,
    (SELECT jsonb_agg(jsonb_build_array(part_id, questionnaire, version, revision)) FROM response
        WHERE response.callback_id = interview.callback_id) AS responses
    FROM link
        JOIN permit USING (callback_id, permit_no)
        JOIN callback USING (callback_id)
        LEFT JOIN interview USING (callback_id)
    WHERE link.code_hash = $1"""  # noqa: S608  own columns


@dataclass(frozen=True)
class Visit:
    """`by_phone`: the number is known. `stopped`: nobody may be contacted at the permit's number or address. No
    interview: nothing was asked so far."""

    now: datetime
    link: Link
    callback: Callback
    by_phone: bool
    stopped: bool
    interview: InterviewRow | None
    responses: tuple[ResponseRow, ...]


async def visit_of(connection: asyncpg.Connection, code_hash: str) -> Visit | None:
    """None for a code that was never given out."""
    row = await connection.fetchrow(_VISIT, code_hash, SuppressionState.SUPPRESSED)
    if row is None:
        return None
    callback_id = row["callback_id"]
    return Visit(
        now=row["now"],
        link=link_from(row),
        callback=callback_from(row),
        by_phone=row["by_phone"],
        stopped=row["stopped"],
        interview=None if row["started_at"] is None else interview_from(row),
        responses=tuple(ResponseRow(callback_id, *told) for told in row["responses"] or ()),
    )
