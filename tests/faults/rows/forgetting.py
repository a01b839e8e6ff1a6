"""A broker that forgets: what the documented way out must mend."""

import asyncio
import time

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.admin import DeleteGroupsRequest

from chassis.kafka_topics import create_topics
from launcher.faults import StartError
from launcher.recover import recover_offsets, recover_topic
from tests.faults.cluster import Cluster
from tests.faults.trial import Row, Trial

HALT_SECONDS = 60.0
RECREATED = "response-recorded"


async def offsets_deleted(trial: Trial) -> float:
    """The group of followup is deleted while it stands still: it stops, says so, and goes on where it was."""
    cluster = trial.cluster
    (followup,) = cluster.of("followup")
    await _has_read(trial, "followup")
    await followup.stop()
    await _delete_group(cluster, f"{cluster.settings.kafka_group}-followup")
    followup.start()
    await _halted(trial, "followup", "committed offset")
    await followup.stop()
    await recover_offsets(["followup"], settings=cluster.settings)
    followup.start()
    return time.monotonic()


async def topic_recreated(trial: Trial) -> float:
    """A topic is deleted with what was unread, and made anew empty: its readers stop; its content comes back."""
    cluster = trial.cluster
    await _has_read(trial, "tagging")
    readers = [member for name in ("tagging", "reporting") for member in cluster.of(name)]
    for member in readers:
        await member.stop()
    await asyncio.sleep(3)  # something is unread now
    await _delete_topic(cluster, RECREATED)
    await create_topics(cluster.settings)
    for member in readers:
        member.start()
    await _halted(trial, "tagging", "re-created?")
    members = cluster.members
    await asyncio.gather(*(member.stop() for member in members))
    await _refused_as_offsets(cluster)
    await recover_topic(RECREATED, settings=cluster.settings)
    for member in members:
        member.start()
    return time.monotonic()


async def _refused_as_offsets(cluster: Cluster) -> None:
    try:
        await recover_offsets(["tagging"], settings=cluster.settings)
    except StartError:
        return
    raise AssertionError("recover offsets took a topic that was made anew for the old one")


async def _has_read(trial: Trial, service: str) -> None:
    """Until its database knows of committed offsets: what was never read cannot be forgotten."""
    async with asyncio.timeout(HALT_SECONDS), trial.cluster.looking() as connection:
        query = f"SELECT count(*) FROM {service}.progress WHERE next_offset > 0 AND topic = $1"  # noqa: S608 - fixed
        while not await connection.fetchval(query, RECREATED):
            await asyncio.sleep(0.2)


async def _halted(trial: Trial, service: str, words: str) -> None:
    (member,) = trial.cluster.of(service)
    try:
        async with asyncio.timeout(HALT_SECONDS):
            while not any(words in said for said in await member.reasons(trial.cluster.web)):
                await asyncio.sleep(0.2)
    except TimeoutError:
        said = await member.reasons(trial.cluster.web)
        raise AssertionError(f"{service} did not stop and say {words!r}: {said}") from None
    trial.note(f"{service} stopped and said so")


async def _delete_group(cluster: Cluster, group: str) -> None:
    client = AIOKafkaClient(bootstrap_servers=cluster.settings.kafka)
    await client.bootstrap()
    try:
        for _ in range(50):
            answer = await client.send(client.get_random_node(), DeleteGroupsRequest([group]))
            ((_, code),) = answer.results
            if not code:
                return
            await asyncio.sleep(0.3)  # the broker has not yet noticed that the last member left
        raise AssertionError(f"the group {group} could not be deleted: error {code}")
    finally:
        await client.close()


async def _delete_topic(cluster: Cluster, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=cluster.settings.kafka)
    await admin.start()
    try:
        await admin.delete_topics([topic])
        for _ in range(50):
            if topic not in await admin.list_topics():
                return
            await asyncio.sleep(0.2)
        raise AssertionError(f"the topic {topic} could not be deleted")
    finally:
        await admin.close()


ROWS = (
    Row("offsets-deleted", "the offsets of a group deleted", offsets_deleted),
    Row("topic-recreated", f"topic {RECREATED} deleted and made anew", topic_recreated),
)
