"""Disks that are full. Their faults are over when there is room and the server answers again."""

import asyncio
import time

from tests.faults.trial import Row, Trial

FULL_SECONDS = 10.0


async def full_disk_of_postgres(trial: Trial) -> float:
    disk = trial.cluster.disks["postgres"]
    disk.fill()
    await asyncio.sleep(FULL_SECONDS)
    ended = not trial.cluster.postgres.is_running
    trial.note("PostgreSQL ended by itself" if ended else "PostgreSQL refused writes and stayed")
    disk.make_room()
    if ended:
        await trial.cluster.postgres.kill()
        await trial.cluster.restart_postgres()
    return time.monotonic()


async def full_disk_of_broker(trial: Trial) -> float:
    disk = trial.cluster.disks["kafka"]
    disk.fill()
    await asyncio.sleep(FULL_SECONDS)
    ended = not trial.cluster.kafka.is_running
    trial.note("the broker ended by itself" if ended else "the broker stayed")
    disk.make_room()
    await trial.cluster.kafka.kill()  # one that stays has given up its log directory
    await trial.cluster.restart_kafka()
    return time.monotonic()


ROWS = (
    Row("full-disk-postgres", "disk full for PostgreSQL", full_disk_of_postgres, seconds=10, needs_small_disk=True),
    Row("full-disk-broker", "disk full for the broker", full_disk_of_broker, seconds=10, needs_small_disk=True),
)
