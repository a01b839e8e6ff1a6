"""One hop: outbox, topic and inboxes hold the same events, each customer's in order."""

from datetime import UTC, datetime, timedelta

from contracts.topics import FOREVER
from launcher.verify.sheet import Sheet, defects
from launcher.verify.verdict import Check, Kind
from launcher.verify.watermark import Cursor

_INTERLEAVED = 100_000
"""Transactions of one moment mix their positions; nobody writes so many rows in one moment."""

_NOT_SENT = """
SELECT o.event_id, o.position FROM {service}.outbox AS o
WHERE o.topic = $1 AND (o.xid, o.position) <= ($2::text::xid8, $3) AND o.written_at > $4
  AND NOT EXISTS (SELECT FROM told WHERE told.event_id = o.event_id)
  AND NOT EXISTS (SELECT FROM {service}.outbox_dead AS d WHERE d.event_id = o.event_id)
  AND NOT EXISTS (SELECT FROM {service}.outbox_waiting AS w WHERE w.event_id = o.event_id)
"""
# Where partitions of the outbox were dropped their records have no row; what follows a row that is there must have one.
_NO_ROW = """
SELECT DISTINCT ON (event_id) event_id FROM (
    SELECT told.event_id, o.position,
        max(o.position) OVER (PARTITION BY told.partition ORDER BY told."offset") AS reached
    FROM told LEFT JOIN {service}.outbox AS o ON o.event_id = told.event_id AND o.topic = $1
    WHERE told.producer = $2
) AS sent WHERE position IS NULL AND ($3 = 0 OR reached > $3)
"""
_OTHER_BODY = """
SELECT event_id FROM told GROUP BY event_id HAVING count(DISTINCT digest) > 1
UNION
SELECT told.event_id FROM told JOIN {service}.outbox AS o ON o.event_id = told.event_id AND o.topic = $1
WHERE told.producer = $2 AND told.digest <> substring(sha256(o.payload) FROM 1 FOR 16)
"""
_OUT_OF_ORDER = """
SELECT event_id FROM (
    SELECT first.event_id, row_number() OVER (PARTITION BY first.key ORDER BY first."offset") AS on_topic,
        row_number() OVER (PARTITION BY first.key ORDER BY o.xid, o.position) AS in_outbox
    FROM (SELECT event_id, key, min("offset") AS "offset" FROM told WHERE producer = $2 GROUP BY event_id, key) AS first
    JOIN {service}.outbox AS o ON o.event_id = first.event_id AND o.topic = $1
) AS placed WHERE on_topic <> in_outbox
"""
_SPREAD = """
SELECT min(told.event_id::text) FROM told JOIN {service}.outbox AS o ON o.event_id = told.event_id AND o.topic = $1
WHERE told.producer = $2 GROUP BY told.key HAVING count(DISTINCT told.partition) > 1
"""
_CAUSE_UNKNOWN = """
SELECT DISTINCT told.event_id, told.cause FROM told
WHERE told.producer = $1 AND told.cause >= $2
  AND NOT EXISTS (SELECT FROM {service}.inbox AS i WHERE i.event_id = told.cause AND i.outcome = 'done')
"""
_SETTLED = "unnest($1::int[], $2::bigint[]) AS settled (partition, before) USING (partition)"
_NOT_RECEIVED = f"""
SELECT DISTINCT ON (event_id) event_id, partition, "offset" FROM told JOIN {_SETTLED}
WHERE "offset" < before AND event_id >= $3
  AND NOT EXISTS (SELECT FROM {{service}}.inbox AS i WHERE i.event_id = told.event_id)
"""  # noqa: S608  our own words
_UNREAD = f"""
SELECT count(DISTINCT event_id) AS number, extract(epoch FROM clock_timestamp() - min(at))::float8 AS age
FROM told LEFT JOIN {_SETTLED}
WHERE "offset" >= coalesce(before, 0) AND event_id >= $3
  AND NOT EXISTS (SELECT FROM {{service}}.inbox AS i WHERE i.event_id = told.event_id)
"""  # noqa: S608  our own words
_RECEIVED_FROM_NOWHERE = """
SELECT i.event_id FROM {service}.inbox AS i
WHERE i.topic = $1 AND i.recorded_at < $2 AND NOT EXISTS (SELECT FROM told WHERE told.event_id = i.event_id)
"""
_RECEIVED_TWICE = "SELECT event_id FROM {service}.inbox WHERE topic = $1 GROUP BY event_id HAVING count(*) > 1"
_STRANGERS = """
SELECT DISTINCT told.event_id FROM told JOIN {service}.inbox AS i ON i.event_id = told.event_id AND i.outcome = 'done'
WHERE told.producer <> ALL ($1::text[])
"""


async def check_hop(sheet: Sheet) -> Check:
    check = Check(f"hop {sheet.topic}")
    counted = await sheet.connection.fetchrow("SELECT count(*) AS n, count(DISTINCT event_id) AS events FROM told")
    check.looked_at = counted["events"]
    if not sheet.dead_letters:  # a letter that is still bad after a replay is told again under its id
        check.duplicates = counted["n"] - counted["events"]
    for producer, cursor in sheet.producers.items():
        await _relay(check, sheet, producer, cursor)
        if not sheet.dead_letters:
            await _sent(check, sheet, producer, cursor)
    for consumer in sheet.consumers:
        await _inbox(check, sheet, consumer)
    return check


async def _relay(check: Check, sheet: Sheet, producer: str, cursor: Cursor) -> None:
    await defects(
        check, sheet, _NOT_SENT.format(service=producer), sheet.topic, cursor.xid, cursor.position, _kept_since(sheet),
        kind=Kind.lost, service=producer, sentence="the outbox row at {1} is behind the relay's cursor, but not sent",
    )  # fmt: skip
    waiting = [one for one in sheet.untold[producer] if one.written_at is not None]
    sent = await sheet.connection.fetch(
        "SELECT DISTINCT event_id FROM told WHERE event_id = ANY ($1::uuid[])", [one.event_id for one in waiting]
    )
    known = {row["event_id"] for row in sent}
    ages = [one.written_at for one in waiting if one.event_id not in known and one.written_at]
    now = datetime.now(UTC)
    check.flying(len(ages), max(((now - at).total_seconds() for at in ages), default=None))
    check.aside("refused by the broker or waiting behind it", len(sheet.untold[producer]) - len(waiting))


def _kept_since(sheet: Sheet) -> datetime:
    """Rows older than this may have had their records deleted as the retention says."""
    if sheet.retention == FOREVER or not sheet.expired:
        return datetime.min.replace(tzinfo=UTC)
    return datetime.now(UTC) - sheet.retention + timedelta(hours=1)


async def _sent(check: Check, sheet: Sheet, producer: str, cursor: Cursor) -> None:
    dropped = cursor.first_kept + _INTERLEAVED if cursor.first_kept else 0
    await defects(
        check, sheet, _NO_ROW.format(service=producer), sheet.topic, producer, dropped,
        kind=Kind.wrong, service=producer, sentence="on the topic without a row in the outbox",
    )  # fmt: skip
    for statement, sentence in (
        (_OTHER_BODY, "one id with two bodies"),
        (_OUT_OF_ORDER, "out of the order in which it was committed for its customer"),
        (_SPREAD, "its customer's records lie on more than one partition"),
    ):
        await defects(
            check, sheet, statement.format(service=producer), sheet.topic, producer,
            kind=Kind.wrong, service=producer, sentence=sentence,
        )  # fmt: skip
    await defects(
        check, sheet, _CAUSE_UNKNOWN.format(service=producer), producer, sheet.remembered,
        kind=Kind.wrong, service=producer, sentence="names the cause {1}, which was never handled",
    )  # fmt: skip


async def _inbox(check: Check, sheet: Sheet, consumer: str) -> None:
    settled = sheet.consumers[consumer]
    places = (list(settled), list(settled.values()), sheet.remembered)
    await defects(
        check, sheet, _NOT_RECEIVED.format(service=consumer), *places,
        kind=Kind.lost, service=consumer, sentence="partition {1}, offset {2} was committed, but is not in the inbox",
    )  # fmt: skip
    unread = await sheet.connection.fetchrow(_UNREAD.format(service=consumer), *places)
    check.flying(unread["number"], unread["age"])
    await defects(
        check, sheet, _RECEIVED_TWICE.format(service=consumer), sheet.topic,
        kind=Kind.twice, service=consumer, sentence="is in the inbox more than once",
    )  # fmt: skip
    if not sheet.expired:
        await defects(
            check, sheet, _RECEIVED_FROM_NOWHERE.format(service=consumer), sheet.topic, sheet.before_ends,
            kind=Kind.wrong, service=consumer, sentence="is in the inbox, but not on the topic",
        )  # fmt: skip
    if not sheet.intake:
        await defects(
            check, sheet, _STRANGERS.format(service=consumer), list(sheet.producers),
            kind=Kind.wrong, service=consumer, sentence="was handled, though none of its producers wrote it",
        )  # fmt: skip
