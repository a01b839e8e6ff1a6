"""What can happen to a process of a service."""

import asyncio
import signal
import time

from contracts.topics import SERVICES
from tests.faults.cluster import SESSION_MS
from tests.faults.trial import Fault, Row, Trial

STOPPING_SECONDS = 20.0


def _kill(service: str) -> Fault:
    async def fault(trial: Trial) -> float:
        for member in trial.cluster.of(service):
            await member.kill()
        return time.monotonic()  # the supervisor starts it again within a fifth of a second

    return fault


async def sigterm(trial: Trial) -> float:
    """All five at once; each ends by itself, in order and in time, and is started again."""
    members = trial.cluster.members
    begun = time.monotonic()
    await asyncio.gather(*(member.stop() for member in members))
    took = time.monotonic() - begun
    assert took < STOPPING_SECONDS, f"SIGTERM took {took:.0f} s"
    trial.note(f"ended within {took:.1f} s")
    for member in members:
        member.start()
    return time.monotonic()


async def rolling_restart(trial: Trial) -> float:
    """One after another; the next only when the one before is ready."""
    for member in trial.cluster.members:
        await member.stop()
        member.start()
        await trial.cluster.ready()
    return time.monotonic()


async def zombie(trial: Trial) -> float:
    """Stopped for longer than the broker waits for it; then it goes on as if nothing had happened."""
    members = trial.cluster.of("scheduler") + trial.cluster.of("survey")
    for member in members:
        member.send(signal.SIGSTOP)
    await asyncio.sleep(SESSION_MS / 1000 + 4)
    for member in members:
        member.send(signal.SIGCONT)
    return time.monotonic()


ROWS = (
    *(Row(f"kill-{service}", f"kill -9 of {service}", _kill(service)) for service in SERVICES),
    Row("sigterm", "SIGTERM to all services under load", sigterm),
    Row("rolling-restart", "rolling restart", rolling_restart, seconds=20),
    Row("zombie", "SIGSTOP of scheduler and survey beyond the session timeout, then SIGCONT", zombie, seconds=14),
)
