"""The five services on a database of their own and emptied topics, with a mailbox beside them and a stepped clock."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from chassis import clock
from chassis.host import Host
from chassis.kafka_topics import create_topics
from chassis.migrations import migrate
from chassis.migrations.rights import Rights
from chassis.runtime import open_runtime
from chassis.settings import Secrets, Settings, load_settings
from chassis.stepping import Stepper
from chassis.testing.infra import Infra
from chassis.web.app import create_app
from contracts.topics import PARTITIONS, SERVICES, TOPICS
from launcher.catalog import load_services
from launcher.verify.verdict import Check, Verdict
from tests.integration.survey.mailbox import Mailbox, a_mailbox

NOW = datetime(2026, 10, 13, 1, 0, tzinfo=UTC)  # a Tuesday, nine in the morning in Beijing
COMPLAINT = "预约了上午，下午才来维修。"  # one problem, so one case
WEB = "http://testserver"


def document(number: int, **customer: Any) -> dict[str, Any]:
    completed = (NOW - timedelta(hours=1)).isoformat()
    return {
        "source": "crm-east",
        "service_id": f"S-{number}",
        "scenario": "after_sale",
        "service_type": "热水器维修",
        "completed_at": completed,
        "handled_at": completed,
        "customer": {"customer_id": f"C-{number}", "name": "客户甲", "level": "普通", **customer},
        "handler": {"id": "E-77", "name": "工程师乙", "team": "华东维修一组"},
        "product": "JSQ30-A",
        "problem_type": "不出热水",
    }


@dataclass
class World:
    """The services while they run."""

    settings: Settings
    hosts: dict[str, Host]
    stepper: Stepper
    mailbox: Mailbox
    web: httpx.AsyncClient
    producer: AIOKafkaProducer

    async def tell(self, *documents: dict[str, Any]) -> None:
        """What a CRM publishes."""
        for one in documents:
            sent = await self.producer.send_and_wait("service-completed", json.dumps(one).encode())
            self.stepper.written(sent.topic, sent.partition, sent.offset)

    async def letters(self, number: int) -> list[str]:
        """The codes of so many letters; the clock moves until they have come."""
        limit = NOW + timedelta(days=3)
        while len(self.mailbox.letters) < number:
            assert await self.stepper.step(until=limit) < limit, f"{len(self.mailbox.letters)} letters came"
        await self.stepper.idle()
        return self.mailbox.codes()

    async def answer(self, code: str, *, score: int, text: str) -> None:
        """Fills in the whole questionnaire behind a link."""
        door = f"/survey/api/v1/links/{code}"
        session = (await self.web.post(f"{door}/identity", json={"confirm": True})).raise_for_status().json()["session"]
        headers = {"X-Link-Session": session}
        shown = (await self.web.get(door, headers=headers)).raise_for_status().json()
        while (question := shown["next"]) is not None:
            kind = next(q for q in shown["questions"] if q["question_id"] == question)
            given = _given(kind, score, text)
            reply = await self.web.put(f"{door}/answers/{question}", json=given, headers=headers)
            shown = reply.raise_for_status().json()
        (await self.web.post(f"{door}/submit", headers=headers)).raise_for_status()


def _given(question: dict[str, Any], score: int, text: str) -> dict[str, Any]:
    if question["kind"] == "text":
        return {"text": text}
    if question["options"]:
        return {"value": next(iter(question["options"]))}
    values = {"rating": score, "nps": score * 2, "solved": "yes" if score > 3 else "no"}
    return {"value": values.get(question["kind"], score)}


_migrated: dict[str, str] = {}
"""Database to copy, by server: to migrate five services takes seconds, to copy them a part of one."""


async def fresh(infra: Infra) -> Settings:
    """A new database with all schemas, a new group, no record on any topic."""

    def settings_for(database: str) -> Settings:
        secrets, group = Secrets.read(infra.secrets), f"test-{uuid4().hex}"
        return load_settings(kafka=infra.kafka, kafka_group=group, database_url=database, secrets=secrets, web_url=WEB)

    if infra.owner_dsn not in _migrated:
        original = settings_for(await infra.new_database())
        await migrate(original, [service.schema for service in load_services()])
        await create_topics(original)
        _migrated[infra.owner_dsn] = original.database_url
    settings = await copied(infra, settings_for(_migrated[infra.owner_dsn]))
    await _empty_topics(settings)
    owner = await asyncpg.connect(settings.database_url)
    await clock.set_mode(owner, "stepped", NOW)
    await owner.close()
    return settings


async def copied(infra: Infra, settings: Settings) -> Settings:
    """The same with a database of its own, which nobody is connected to."""
    copy = settings.model_copy(update={"database_url": await infra.new_database(like=settings.database_url)})
    owner = await asyncpg.connect(copy.database_url)
    await Rights(owner, copy.secrets).make_roles(SERVICES)
    await owner.close()
    return copy


async def _empty_topics(settings: Settings) -> None:
    places = [TopicPartition(topic.name, number) for topic in TOPICS for number in range(PARTITIONS)]
    places += [TopicPartition(topic.dead_letters, 0) for topic in TOPICS]
    consumer, admin = (
        AIOKafkaConsumer(bootstrap_servers=settings.kafka),
        AIOKafkaAdminClient(bootstrap_servers=settings.kafka),
    )
    async with AsyncExitStack() as exits:
        exits.push_async_callback(consumer.stop)
        await consumer.start()
        exits.push_async_callback(admin.close)
        await admin.start()
        consumer.assign(places)
        filled = {place: end for place, end in (await consumer.end_offsets(places)).items() if end}
        if filled:
            await admin.delete_records({place: RecordsToDelete(before_offset=end) for place, end in filled.items()})


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[World]:
    async with AsyncExitStack() as exits:
        mailbox = await exits.enter_async_context(a_mailbox())
        patch = exits.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("AFTERCALL_SMTP_PORT", str(mailbox.port))
        told = settings.model_copy(update={"smtp_port": mailbox.port})
        services = load_services()
        hosts: dict[str, Host] = {}
        for service in services:
            runtime = await open_runtime(service, told)
            exits.push_async_callback(runtime.close)
            hosts[service.name] = await exits.enter_async_context(Host(runtime))
        await _assigned(hosts)
        app = create_app(services, {name: host.runtime for name, host in hosts.items()}, told)
        web = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=WEB, headers={"Origin": WEB})
        exits.push_async_callback(web.aclose)
        producer = AIOKafkaProducer(bootstrap_servers=settings.kafka)
        await producer.start()
        exits.push_async_callback(producer.stop)
        yield World(told, hosts, Stepper(list(hosts.values())), mailbox, web, producer)


async def _assigned(hosts: dict[str, Host]) -> None:
    """Every service has its partitions: on a busy machine that alone may take longer than the stepper waits."""
    for host in hosts.values():
        for _ in range(1200):
            if not (reasons := await host.subscriber.reasons()):
                break
            await asyncio.sleep(0.1)
        else:
            raise AssertionError(f"{host.runtime.name}: {reasons}")


async def a_story(world: World) -> None:
    """Six services, two of them out of reach; one customer is content, one is not, two say nothing."""
    reached = [document(number, email=f"customer{number}@example.com") for number in range(1, 5)]
    nobody = document(5)
    unknown = document(6, email="six@example.com") | {"scenario": "unheard of"}
    no_document = {"source": "crm-east"}
    await world.tell(*reached, nobody, unknown, reached[0], no_document)
    codes = await world.letters(4)
    await world.answer(codes[0], score=5, text="师傅很专业，谢谢")
    await world.answer(codes[1], score=1, text=COMPLAINT)
    await world.stepper.idle()


async def as_owner(settings: Settings, script: str) -> None:
    owner = await asyncpg.connect(settings.database_url)
    try:
        await owner.execute(script)
    finally:
        await owner.close()


def by_name(verdict: Verdict) -> dict[str, Check]:
    return {check.name: check for check in verdict.checks}


def red(verdict: Verdict) -> dict[str, dict[str, int]]:
    """The lines that are not clean, with what they count."""
    kinds = ("lost", "twice", "wrong")
    return {
        check.name: {kind: number for kind in kinds if (number := getattr(check, kind))}
        for check in verdict.checks
        if not check.clean
    }
