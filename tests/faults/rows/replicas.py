"""Several processes of every service at once."""

import asyncio
import signal
import time

from aiokafka.client import AIOKafkaClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from aiokafka.protocol.admin import DescribeGroupsRequest

from contracts.topics import PARTITIONS, SERVICES
from tests.faults.cluster import Cluster
from tests.faults.members import Member
from tests.faults.trial import Row, Trial

MOST = 3
SPREAD_SECONDS = 30.0
TAKE_OVER_SECONDS = 40.0


async def scaled(trial: Trial) -> float:
    """1 → 2 → 3 → 1 under load: the partitions of every topic spread evenly over all processes of a service."""
    cluster = trial.cluster
    first = list(cluster.members)
    for number in range(2, MOST + 1):
        for service in SERVICES:
            await cluster.grow(service)
        await cluster.ready()
        await _spread(cluster, number)
        trial.note(f"{number} processes each share the partitions evenly")
        await trial.tell(trial.means(100), seconds=4)
    for member in [one for one in cluster.members if one not in first]:
        await member.stop()
    return time.monotonic()


async def taken_over(trial: Trial) -> float:
    """Each relay's owner hangs with its connections open, as a host that froze: another process takes over."""
    cluster = trial.cluster
    first = list(cluster.members)
    for service in SERVICES:
        await cluster.grow(service)
    await cluster.ready()
    frozen = [member for service in SERVICES if (member := await _owner(cluster, service)) is not None]
    for member in frozen:
        member.send(signal.SIGSTOP)
    begun = time.monotonic()
    try:
        async with asyncio.timeout(TAKE_OVER_SECONDS):
            while any([await _owner(cluster, member.service) is member for member in frozen]):
                await asyncio.sleep(0.2)
    finally:
        for member in frozen:
            member.send(signal.SIGCONT)
    trial.note(f"{len(frozen)} relays taken over within {time.monotonic() - begun:.1f} s")
    await cluster.ready()
    for member in [one for one in cluster.members if one not in first]:
        await member.stop()
    return time.monotonic()


async def _owner(cluster: Cluster, service: str) -> Member | None:
    """Who moved the cursor of the service's outbox last."""
    async with cluster.looking() as connection:
        owner = await connection.fetchval(f"SELECT owner FROM {service}.outbox_cursor")  # noqa: S608 - a fixed name
    process = int(owner.rsplit(":", 1)[1]) if owner else 0
    return next((one for one in cluster.of(service) if one.process is not None and one.process.pid == process), None)


async def _spread(cluster: Cluster, number: int) -> None:
    """Each of `number` processes has its even share of the partitions of every topic. Raises AssertionError."""
    wanted = [PARTITIONS // number] * number
    client = AIOKafkaClient(bootstrap_servers=cluster.settings.kafka)
    await client.bootstrap()
    try:
        for service in SERVICES:
            shares: dict[str, list[int]] = {}
            async with asyncio.timeout(SPREAD_SECONDS):
                while not shares or any(sorted(found) != wanted for found in shares.values()):
                    await asyncio.sleep(0.5)
                    shares = await _shares(client, f"{cluster.settings.kafka_group}-{service}")
    except TimeoutError:
        raise AssertionError(f"{service}: the partitions are shared as {shares}, not {wanted}") from None
    finally:
        await client.close()


async def _shares(client: AIOKafkaClient, group: str) -> dict[str, list[int]]:
    """How many partitions each member has, by topic."""
    answer = await client.send(client.get_random_node(), DescribeGroupsRequest([group]))
    shares: dict[str, list[int]] = {}
    for member in answer.groups[0][5]:
        assigned = ConsumerProtocolMemberAssignment.decode(member[4]) if member[4] else None
        for topic, partitions in assigned.assignment if assigned else ():
            shares.setdefault(topic, []).append(len(partitions))
    return shares


ROWS = (
    Row("scaled", "1 → 2 → 3 → 1 processes of every service under load", scaled, seconds=30),
    Row(
        "taken-over",
        "the owner of every relay freezes, a second process of each service stands by",
        taken_over,
        seconds=40,
    ),
)
