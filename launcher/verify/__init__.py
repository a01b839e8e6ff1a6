"""The ledger of a running system: everything accepted is accounted for once, or in flight, or named as a defect."""

from collections.abc import Mapping

import asyncpg
from aiokafka.errors import KafkaError

from chassis.errors import is_transient
from chassis.runtime import Service
from chassis.settings import Settings
from contracts.topics import REPORTING, SERVICES, TOPICS, Topic
from launcher.catalog import load_services
from launcher.faults import StartError
from launcher.verify.auditor import Auditor, auditing
from launcher.verify.hops import check_hop
from launcher.verify.inside import check_inside
from launcher.verify.readmodel import check_read_model
from launcher.verify.sheet import laid_out
from launcher.verify.stages import check_stage
from launcher.verify.trails import TRAILS
from launcher.verify.verdict import Check, Verdict
from launcher.verify.watermark import Watermark, watermark


async def verify(settings: Settings) -> Verdict:
    """Looks at database and topics as the auditor, under traffic, and changes nothing.

    Raises `StartError` when the database or the broker does not answer.
    """
    services = {service.name: service for service in load_services()}
    try:
        async with auditing(settings) as auditor:
            mark = await watermark(auditor)
            checks = [check for topic in TOPICS for check in await _of_topic(auditor, mark, topic, services)]
            checks += await check_inside(auditor.snapshot)
            checks.append(await check_read_model(auditor, mark, services[REPORTING]))
    except (OSError, KafkaError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        if not is_transient(error):
            raise
        raise StartError(f"Database or broker went away while it was looked at ({type(error).__name__}).") from error
    return Verdict(tuple(checks))


async def _of_topic(auditor: Auditor, mark: Watermark, topic: Topic, services: Mapping[str, Service]) -> list[Check]:
    """The topic, its stage, and its dead letters, which every consumer may write."""
    consumers = [name for name in topic.consumers if name in services and services[name].subscription(topic.name)]
    producers = [name for name in topic.producers if name in SERVICES]
    trail = TRAILS.get(topic.name)
    checks = []
    async with laid_out(
        auditor, mark, topic.name, producers=producers, consumers=consumers, subject=trail.subject if trail else None
    ) as sheet:
        if topic.name in mark.concerned:
            checks.append(await check_hop(sheet))
        if trail is not None:
            checks.append(await check_stage(sheet, trail))
    if topic.dead_letters in mark.concerned:
        async with laid_out(
            auditor, mark, topic.dead_letters, producers=consumers, consumers=(), subject=None
        ) as sheet:
            checks.append(await check_hop(sheet))
    return checks
