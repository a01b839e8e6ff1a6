"""One stage: every fact of the producer was told once, every told fact left its row, no row is without its event."""

from uuid import UUID

from launcher.verify.sheet import Sheet, Untold, defects
from launcher.verify.trails import Left, Trail
from launcher.verify.verdict import Check, Kind

# $1 producers (null: any), $2-$4 events that are not on the topic
_EVENTS = """
WITH event AS MATERIALIZED (
    SELECT event_id, subject, revision FROM told
    WHERE subject IS NOT NULL AND ($1::text[] IS NULL OR producer = ANY ($1::text[]))
    UNION
    SELECT * FROM unnest($2::uuid[], $3::text[], $4::bigint[]) AS untold (event_id, subject, revision)
    WHERE subject IS NOT NULL
)
"""
_NEWEST = "newest AS (SELECT subject, max(revision) AS revision FROM event GROUP BY subject)"
_ROWS = "fact AS ({rows})"
_NEVER_TOLD = f"""
{_EVENTS}, {_NEWEST}, {_ROWS}
SELECT fact.subject, fact.revision, coalesce(newest.revision::text, 'none') FROM fact LEFT JOIN newest USING (subject)
WHERE newest.subject IS NULL OR newest.revision < fact.revision
"""  # noqa: S608  our own words
_TOLD_WITHOUT_ROW = f"""
{_EVENTS}, {_NEWEST}, {_ROWS}
SELECT newest.subject, newest.revision FROM newest LEFT JOIN fact USING (subject)
WHERE fact.subject IS NULL OR newest.revision > fact.revision
"""  # noqa: S608  our own words
_TOLD_TWICE = f"""
{_EVENTS} SELECT subject, revision, count(*) AS times FROM event GROUP BY subject, revision HAVING count(*) > 1
"""  # noqa: S608  our own words
# handled: done, or so old that the inbox has forgotten it ($5)
_HANDLED = """
handled AS (
    SELECT event.subject, max(event.revision) AS revision, min(event.event_id::text) AS event_id
    FROM event LEFT JOIN {service}.inbox AS i USING (event_id)
    WHERE i.outcome = 'done' OR (i.event_id IS NULL AND event.event_id < $5) GROUP BY event.subject
), held AS (
    SELECT subject, max(revision) AS revision, bool_or(revision IS NULL) AS loose FROM ({rows}) AS r GROUP BY subject
)
"""
_LEFT_NOTHING = f"""
{_EVENTS}, {_HANDLED}
SELECT handled.subject, handled.event_id FROM handled LEFT JOIN held USING (subject) WHERE held.subject IS NULL
"""  # noqa: S608  our own words
_LEFT_OLD = f"""
{_EVENTS}, {_HANDLED}
SELECT handled.subject, held.revision, handled.revision FROM handled JOIN held USING (subject)
WHERE NOT held.loose AND held.revision <> handled.revision
"""  # noqa: S608  our own words
_LEFT_WITHOUT_EVENT = f"""
{_EVENTS}, {_HANDLED}
SELECT held.subject FROM held WHERE NOT held.loose AND NOT EXISTS (SELECT FROM event WHERE event.subject = held.subject)
"""  # noqa: S608  our own words
_LEFT_TWICE = "SELECT subject, count(*) AS times FROM ({rows}) AS r GROUP BY subject HAVING count(*) > 1"

Events = tuple[list[str] | None, list[UUID], list[str | None], list[int]]


async def check_stage(sheet: Sheet, trail: Trail) -> Check:
    check = Check(f"stage {sheet.topic}")
    check.looked_at = await sheet.connection.fetchval("SELECT count(DISTINCT subject) FROM told")
    for producer, rows in trail.told.items():
        await _told(check, sheet, producer, rows)
    everyone = _events(sheet, *sheet.producers)
    if trail.once:
        await defects(
            check, sheet, _TOLD_TWICE, *everyone,
            kind=Kind.twice, service="/".join(sheet.producers), sentence="revision {1} was told in {2} events",
        )  # fmt: skip
    for consumer, left in trail.left.items():
        if consumer in sheet.consumers:
            await _left(check, sheet, consumer, left, everyone)
    return check


def _events(sheet: Sheet, *producers: str) -> Events:
    untold: list[Untold] = [one for name in producers for one in sheet.untold[name]]
    return (
        None if sheet.intake else list(producers),
        [one.event_id for one in untold],
        [one.subject for one in untold],
        [one.revision for one in untold],
    )


async def _told(check: Check, sheet: Sheet, producer: str, rows: str) -> None:
    events = _events(sheet, producer)
    if sheet.expired:
        check.aside("topics whose older records were deleted by retention", 1)
    else:
        await defects(
            check, sheet, _NEVER_TOLD.format(rows=rows), *events,
            kind=Kind.lost, service=producer, sentence="revision {1} was never told (newest told: {2})",
        )  # fmt: skip
    await defects(
        check, sheet, _TOLD_WITHOUT_ROW.format(rows=rows), *events,
        kind=Kind.wrong, service=producer, sentence="revision {1} was told, but {0} is not in the database so",
    )  # fmt: skip


async def _left(check: Check, sheet: Sheet, consumer: str, left: Left, events: Events) -> None:
    words = {"service": consumer, "rows": left.rows}
    if left.complete:
        await defects(
            check, sheet, _LEFT_NOTHING.format(**words), *events, sheet.remembered,
            kind=Kind.lost, service=consumer, sentence="event {1} was handled and left no row",
        )  # fmt: skip
        await defects(
            check, sheet, _LEFT_OLD.format(**words), *events, sheet.remembered,
            kind=Kind.wrong, service=consumer, sentence="revision {1} is stored, revision {2} was handled",
        )  # fmt: skip
    if left.caused and not sheet.expired:
        await defects(
            check, sheet, _LEFT_WITHOUT_EVENT.format(**words), *events, sheet.remembered,
            kind=Kind.wrong, service=consumer, sentence="has a row, but no event told it",
        )  # fmt: skip
    await defects(
        check, sheet, _LEFT_TWICE.format(**words),
        kind=Kind.twice, service=consumer, sentence="has {1} rows",
    )  # fmt: skip
