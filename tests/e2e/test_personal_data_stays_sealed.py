"""What a customer is called, where they can be reached and what they wrote is found in clear nowhere it is kept."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import asyncpg
import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from playwright.async_api import Browser

from chassis.access.roles import Role
from contracts.topics import PARTITIONS, TOPICS
from tests.e2e.conftest import World
from tests.e2e.test_one_customers_way import browser, document, visit

__all__ = ["browser"]  # the fixture

NAME, PHONE, EMAIL = "欧阳测试", "+8613987654321", "planted@example.com"
HISTORY, ATTRIBUTE = "上次换过紫色的阀门", "住在河边的第三间"
ANSWER, NOTE = "独角兽踢坏了我家的水管，维修的人态度很差", "给独角兽的主人打了电话"
PLANTED = (NAME, PHONE, PHONE.removeprefix("+86"), EMAIL, HISTORY, ATTRIBUTE, ANSWER, NOTE)


def spellings(planted: str) -> Iterator[bytes]:
    """The ways a text can lie in a store: as it is, escaped in JSON, as the hex of a bytea."""
    yield planted.encode()
    yield json.dumps(planted).strip('"').encode()
    yield planted.encode().hex().encode()
    yield json.dumps(planted).strip('"').encode().hex().encode()


def found_in(kept: bytes) -> list[str]:
    return [planted for planted in PLANTED if any(spelling in kept for spelling in spellings(planted))]


async def test_no_schema_no_topic_no_dead_letter_and_no_log_tells_it(world: World, browser: Browser) -> None:
    await _live_through(world, browser)
    rows = 0
    for table, kept in await _tables(world.stack.settings.database_url):
        rows += len(kept)
        assert found_in("\n".join(kept).encode()) == [], table
    assert rows > 100
    records = await _records(world.stack.addresses.kafka, [t.name for t in TOPICS if not t.intake])
    records += await _records(world.stack.addresses.kafka, [t.dead_letters for t in TOPICS])
    assert {topic for topic, _ in records} >= {"callback-due", "response-recorded", "service-completed.dlq"}
    for topic, kept_record in records:
        assert found_in(kept_record) == [], topic
    assert _logs_that_tell(world.data) == []


async def test_the_search_finds_what_lies_in_clear(world: World) -> None:
    """The same search over the intake topic, the declared exception, does find the planted data."""
    records = await _records(world.stack.addresses.kafka, ["service-completed"])
    assert {planted for _, kept in records for planted in found_in(kept)} >= {NAME, PHONE, EMAIL, HISTORY, ATTRIBUTE}


def _logs_that_tell(data: Path) -> list[str]:
    """Logs of the servers and services, and the segments of every topic but the intake topics."""
    exceptions = tuple(f"{topic.name}-" for topic in TOPICS if topic.intake)
    logs = [log for log in data.rglob("*.log") if not log.parent.name.startswith(exceptions)]
    assert len(logs) > 100
    return [f"{log.parent.name}/{log.name}" for log in logs if found_in(log.read_bytes())]


async def _live_through(world: World, browser: Browser) -> None:
    """The customer's whole way: two documents (one unreadable), a link, answers, a case with a note."""
    planted = document(70, name=NAME, phone=PHONE, email=EMAIL, history=[{"at": "2026-05-02", "summary": HISTORY}])
    planted["attributes"] = {"address": ATTRIBUTE}
    planted["unknown_field"] = ATTRIBUTE
    unreadable = {**planted, "completed_at": f"not a time {PHONE}"}
    producer = AIOKafkaProducer(bootstrap_servers=world.stack.addresses.kafka)
    await producer.start()
    for body in (unreadable, planted):
        await producer.send_and_wait("service-completed", json.dumps(body).encode(), key=PHONE.encode())
    await producer.stop()
    letter = await world.letter_for(EMAIL, within=timedelta(hours=30))
    assert letter.link
    await visit(browser, letter.link, javascript=False, last_four=PHONE[-4:], scores=1, text=ANSWER)
    await world.stepper.idle()
    department = await world.person("e2e-repair", Role.DEPARTMENT, department="repair")
    case_id = await _case_with(department, ANSWER)
    for step in ("assign", "start"):
        assert (await department.post(f"/followup/api/v1/cases/{case_id}/{step}", json={})).is_success
    noted = await department.post(f"/followup/api/v1/cases/{case_id}/note", json={"text": NOTE})
    assert noted.is_success, noted.text
    await department.get("/followup/api/v1/cases/no-such-case", params={"q": PHONE})
    await department.aclose()
    await world.stepper.idle()


async def _case_with(department: httpx.AsyncClient, text: str) -> str:
    listed = (await department.get("/followup/api/v1/cases")).json()
    cases = listed["cases"] if isinstance(listed, dict) else listed
    for case in cases:
        if text in (await department.get(f"/followup/cases/{case['case_id']}")).text:
            return str(case["case_id"])
    raise AssertionError("the department has no case with the customer's words")


async def _tables(owner_dsn: str) -> list[tuple[str, list[str]]]:
    """Every table of every schema of this system, its rows as text (bytes as hex)."""
    owner = await asyncpg.connect(owner_dsn)
    try:
        names = await owner.fetch(
            """SELECT schemaname AS schema, tablename AS name FROM pg_tables
               WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"""
        )
        found = []
        for schema, table in names:
            rows = await owner.fetch(f'SELECT t::text FROM "{schema}"."{table}" AS t')  # noqa: S608 - from the catalogue
            found.append((f"{schema}.{table}", [row[0] or "" for row in rows]))
        return found
    finally:
        await owner.close()


async def _records(bootstrap: str, topics: list[str]) -> list[tuple[str, bytes]]:
    """Key, headers and value of every record of these topics."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        places = [
            TopicPartition(topic, n) for topic in topics for n in range(1 if topic.endswith(".dlq") else PARTITIONS)
        ]
        consumer.assign(places)
        expected = sum((await consumer.end_offsets(places)).values())
        found: list[tuple[str, bytes]] = []
        while len(found) < expected:
            for batch in (await consumer.getmany(timeout_ms=1000)).values():
                for r in batch:
                    headers = b"\n".join(name.encode() + b"=" + (value or b"") for name, value in r.headers)
                    found.append((r.topic, b"\n".join([r.key or b"", headers, r.value or b""])))
        return found
    finally:
        await consumer.stop()
