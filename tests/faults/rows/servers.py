"""What can happen to PostgreSQL and to the broker. Their faults are over when the server answers again."""

import asyncio
import time

from tests.faults.cluster import stop_at_once
from tests.faults.trial import Row, Trial

AWAY_SECONDS = 30.0


async def kill_postgres(trial: Trial) -> float:
    await trial.cluster.postgres.kill()
    await trial.cluster.restart_postgres()
    return time.monotonic()


async def stop_postgres(trial: Trial) -> float:
    await stop_at_once(trial.cluster.postgres)
    await trial.cluster.restart_postgres()
    return time.monotonic()


async def kill_broker(trial: Trial) -> float:
    await trial.cluster.kafka.kill()
    await trial.cluster.restart_kafka()
    return time.monotonic()


async def broker_away(trial: Trial) -> float:
    for doors in trial.cluster.doors.values():
        doors.kafka.refuse()
    await asyncio.sleep(AWAY_SECONDS)
    for doors in trial.cluster.doors.values():
        doors.kafka.heal()
    return time.monotonic()


async def database_away(trial: Trial) -> float:
    for doors in trial.cluster.doors.values():
        doors.database.refuse()
    await asyncio.sleep(AWAY_SECONDS)
    for doors in trial.cluster.doors.values():
        doors.database.heal()
    return time.monotonic()


ROWS = (
    Row("kill-postgres", "kill -9 of PostgreSQL", kill_postgres),
    Row("stop-postgres", "immediate stop of PostgreSQL", stop_postgres),
    Row("kill-broker", "kill -9 of the broker", kill_broker),
    Row("broker-away", "broker away for 30 s", broker_away),
    Row("database-away", "database away for 30 s", database_away),
)
