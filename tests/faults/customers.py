"""Those who answer: each service's answers are handed to survey's batch door until it says that it has them."""

import asyncio
from collections.abc import Sequence

import httpx

from tests.faults.cluster import Cluster
from tests.faults.crm import Crm
from tests.faults.intents import Intent, IntentLog

DOOR = "/survey/api/v1/interviews"
TAKEN = ("recorded", "repeated")
EVERY_SECONDS = 0.3
SHARE_OF_REPEATED = 0.1


class Customers:
    """`answered` is what the door has said to be recorded."""

    def __init__(self, cluster: Cluster, crm: Crm, log: IntentLog) -> None:
        self._cluster = cluster
        self._crm = crm
        self._random = log.random
        self.answered: set[str] = set()
        self.said: dict[str, str] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def open(self) -> list[Intent]:
        return [intent for name, intent in self._crm.told.items() if name not in self.answered]

    async def _run(self) -> None:
        while True:
            await self.answer()
            await asyncio.sleep(EVERY_SECONDS)

    async def answer(self) -> None:
        """One round: everything not yet taken, and some of the rest once more."""
        waiting = self.open
        again = [intent for name, intent in self._crm.told.items() if name in self.answered]
        if again and waiting:
            waiting += self._random.sample(again, min(len(again), int(len(waiting) * SHARE_OF_REPEATED)))
        for start in range(0, len(waiting), 500):
            await self._hand_over(waiting[start : start + 500])

    async def _hand_over(self, intents: Sequence[Intent]) -> None:
        members = self._cluster.of("survey")
        if not members:
            return
        headers = {"Authorization": f"Bearer {self._cluster.token}"}
        body = [intent.answer() for intent in intents]
        member = self._random.choice(members)
        try:
            answer = await self._cluster.web.post(member.web + DOOR, json=body, headers=headers)
        except httpx.HTTPError:
            return
        if answer.status_code != 202:
            self.said["door"] = f"{answer.status_code} {answer.text[:200]}"
            return
        for intent, verdict in zip(intents, answer.json()["verdicts"], strict=True):
            self.said[intent.service_id] = verdict["verdict"]
            if verdict["verdict"] in TAKEN:
                self.answered.add(intent.service_id)
