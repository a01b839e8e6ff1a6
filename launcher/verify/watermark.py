"""Where everybody stood at one moment, asked in an order that is safe under traffic.

First what the consumers settled, then what the producers had sent, then where the topics ended. So, whatever goes on
meanwhile: every row behind a cursor is on its topic below the end, and every record below a settled offset is in the
inbox of whoever looks there later.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import asyncpg
from aiokafka import TopicPartition

from contracts.topics import PARTITIONS, SERVICES, TOPICS
from launcher.verify.auditor import Auditor
from launcher.verify.records import Offsets


@dataclass(frozen=True)
class Cursor:
    """Everything of a producer up to here was acknowledged before the ends of the topic were asked for."""

    xid: str
    position: int
    first_kept: int
    """Position below which partitions of the outbox were dropped; 0: none was."""


@dataclass(frozen=True)
class Span:
    """First offset kept and end of each partition of a topic."""

    firsts: Offsets
    ends: Offsets


@dataclass(frozen=True)
class Watermark:
    """`settled`: by consumer and topic, where its group goes on. `topics`: with the topics of dead letters."""

    settled: Mapping[str, Mapping[str, Offsets]]
    cursors: Mapping[str, Cursor]
    before_ends: datetime
    """The database's time before the ends were asked for: what an inbox recorded by then lies below them."""
    topics: Mapping[str, Span]
    concerned: frozenset[str]
    """Topics with a record, or of which an outbox or inbox has a row: the others have no hop to look at."""


async def watermark(auditor: Auditor) -> Watermark:
    settled = {service: await _settled(auditor, service) for service in SERVICES}
    cursors = {service: await _cursor(auditor.scratch, service) for service in SERVICES}
    before_ends = await auditor.scratch.fetchval("SELECT clock_timestamp()")
    spans = await _spans(auditor)
    filled = {topic for topic, span in spans.items() if span.firsts != span.ends}
    return Watermark(settled, cursors, before_ends, spans, frozenset(filled | await _in_tables(auditor.snapshot)))


async def _in_tables(view: asyncpg.Connection) -> set[str]:
    tables = [f"{service}.{table}" for service in SERVICES for table in ("outbox", "inbox", "outbox_dead")]
    every = " UNION ".join(f"SELECT DISTINCT topic FROM {table}" for table in tables)  # noqa: S608  our own names
    return {row["topic"] for row in await view.fetch(every)}


async def _settled(auditor: Auditor, service: str) -> Mapping[str, Offsets]:
    found: dict[str, dict[int, int]] = defaultdict(dict)
    group = f"{auditor.settings.kafka_group}-{service}"
    for place, at in (await auditor.admin.list_consumer_group_offsets(group)).items():
        found[place.topic][place.partition] = max(at.offset, 0)
    return found


async def _cursor(connection: asyncpg.Connection, service: str) -> Cursor:
    row = await connection.fetchrow(
        f"""
        SELECT xid::text AS xid, position,
            (SELECT coalesce(min(substr(child.relname, 8)::bigint), 0) * 1000000
             FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
             WHERE inhparent = '{service}.outbox'::regclass) AS first_kept
        FROM {service}.outbox_cursor
        """  # noqa: S608  our own names
    )
    return Cursor(row["xid"], row["position"], row["first_kept"])


async def _spans(auditor: Auditor) -> Mapping[str, Span]:
    places = [TopicPartition(topic.name, number) for topic in TOPICS for number in range(PARTITIONS)]
    places += [TopicPartition(topic.dead_letters, 0) for topic in TOPICS]
    auditor.consumer.assign(places)  # all leaders are asked for at once, else the client learns topic after topic
    auditor.consumer.pause(*places)
    ends = await auditor.consumer.end_offsets(places)
    firsts = await auditor.consumer.beginning_offsets(places)
    found: dict[str, tuple[dict[int, int], dict[int, int]]] = defaultdict(lambda: ({}, {}))
    for place in places:
        found[place.topic][0][place.partition] = firsts[place]
        found[place.topic][1][place.partition] = ends[place]
    return {topic: Span(*offsets) for topic, offsets in found.items()}
