"""The processes of the five services, each through its own two proxies, watched as a supervisor watches them."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from chassis.embedded import ports
from chassis.embedded.processes import ServerProcess, spawn
from tests.faults.proxy import HOST, Proxy

ROOT = Path(__file__).parents[2]
READY_SECONDS = 120.0
MANY_RESTARTS = 50


@dataclass(frozen=True)
class Doors:
    """The two ways out of a service. All its processes go through the same."""

    kafka: Proxy
    database: Proxy

    @property
    def both(self) -> tuple[Proxy, Proxy]:
        return self.kafka, self.database


@dataclass
class Member:
    """One process of a service; a successor takes its place and its port."""

    service: str
    number: int
    port: int
    log: Path
    environment: Mapping[str, str]
    process: ServerProcess | None = None
    is_wanted: bool = False
    deaths: list[int] = field(default_factory=list)

    @property
    def web(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.is_running

    def start(self) -> None:
        self.is_wanted = True
        words = ["-m", *self._program(), self.service, "--port", str(self.port)]
        self.process = spawn(
            f"{self.service}-{self.number}",
            ["/usr/bin/env", "-C", str(ROOT), sys.executable, *words],
            log=self.log,
            environment=self.environment,
            orphan_signal=signal.SIGKILL,
        )

    def _program(self) -> Sequence[str]:
        return ("tests.faults.defective",) if "AFTERCALL_FAULTS_DEFECT" in self.environment else ("launcher", "run")

    async def stop(self) -> None:
        """In order, as before an update."""
        self.is_wanted = False
        if self.process is not None:
            await self.process.stop(signal.SIGTERM)

    async def kill(self) -> None:
        if self.process is not None:
            self.deaths.append(self.process.pid)
            await self.process.stop(signal.SIGKILL)

    def send(self, number: signal.Signals) -> None:
        assert self.process is not None
        os.kill(self.process.pid, number)

    async def reasons(self, client: httpx.AsyncClient) -> list[str]:
        """Why it makes no progress by its own word; empty when it is ready."""
        if not self.is_running:
            return [f"{self.service}: not running"]
        try:
            answer = await client.get(f"{self.web}/readyz", timeout=5)
        except httpx.HTTPError as error:
            return [f"{self.service}: {type(error).__name__}"]
        if answer.status_code == 200:
            return []
        return [f"{self.service}: {answer.text[:300]}"]

    @property
    def last_words(self) -> str:
        """The last line of its log."""
        lines = self.log.read_text(errors="replace").splitlines()
        return f"{self.service}: {lines[-1][:300]}" if lines else f"{self.service}: said nothing"


class Supervisor:
    """Starts again at once what has ended without being asked to."""

    def __init__(self) -> None:
        self.members: list[Member] = []
        self.restarts: list[str] = []
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while True:
            for member in self.members:
                if member.is_wanted and not member.is_running:
                    self.restarts.append(f"{member.service}-{member.number}")
                    member.start()
            await asyncio.sleep(0.2 if len(self.restarts) < MANY_RESTARTS else 2.0)

    def of(self, service: str) -> list[Member]:
        return [member for member in self.members if member.service == service and member.is_wanted]

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
        for member in self.members:
            member.is_wanted = False
        await asyncio.gather(*(m.process.stop(signal.SIGKILL) for m in self.members if m.process is not None))


def new_member(service: str, number: int, logs: Path, environment: Mapping[str, str]) -> Member:
    log = logs / f"{service}-{number}.log"
    log.touch()
    return Member(service, number, ports.any_free(), log, environment)
