"""A department's receiver, a process of its own, that is down, slow, broken or lies: nothing lost, nothing twice."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest, running
from chassis.testing.infra import Infra
from chassis.webhooks import sending
from chassis.webhooks.signature import check
from services.followup import feed
from services.followup.app import SERVICE
from tests.integration.followup.builders import a_flag, a_response
from tests.integration.followup.conftest import NOW
from tests.integration.outside import Outside

API = "/followup/api/v1"
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
async def followup(infra: Infra) -> AsyncIterator[ServiceUnderTest]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AFTERCALL_WEBHOOK_ALLOW", "127.0.0.1")
        async with running(SERVICE, infra, now=NOW) as service:
            yield service


class Department:
    """Its member, its subscription, its two customers' cases."""

    def __init__(self, service: ServiceUnderTest, name: str, member: httpx.AsyncClient) -> None:
        self.service, self.name, self.member = service, name, member
        self.subscription = self.secret = ""
        self.cases: list[str] = []

    async def subscribe(self, outside: Outside) -> None:
        asked = {"url": f"http://127.0.0.1:{outside.port}/hook", "kinds": list(feed.KINDS)}
        made = (await self.member.post(f"{API}/webhooks", json=asked)).json()
        self.subscription, self.secret = made["subscription_id"], made["secret"]

    async def gets_two_cases(self) -> None:
        for number in (1, 2):
            ref = f"{self.name}-{number}"
            await self.service.receive(await a_response(self.service, ref=ref))
            await self.service.receive(a_flag(ref, department=self.name))
        rows = await self.service.query(
            "SELECT case_id FROM case_file WHERE department = $1 ORDER BY length(case_id), case_id", self.name
        )
        self.cases = [row["case_id"] for row in rows]

    async def acts(self, number: int, act: str, **body: str) -> None:
        answer = await self.member.post(f"{API}/cases/{self.cases[number]}/{act}", json=body or None)
        assert answer.status_code == 200, answer.text

    async def send(self) -> int:
        return await sending.send_due(self.service.runtime, feed.rendered)

    async def waits(self) -> timedelta:
        """The machine's clock goes on to the next try, seen from the tables that it is written in; how far that was."""
        (row,) = await self.service.query(
            "SELECT next_try_at - clock_timestamp() AS gap FROM webhook_subscription WHERE subscription_id = $1",
            self.subscription,
        )
        gap: timedelta = row["gap"]
        await self.service.query(
            "UPDATE webhook_subscription SET next_try_at = next_try_at - $2::interval WHERE subscription_id = $1",
            self.subscription,
            gap,
        )
        await self.service.query(
            "UPDATE webhook_delivery SET due_since = due_since - $2::interval WHERE subscription_id = $1",
            self.subscription,
            gap,
        )
        return gap

    async def log(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.member.get(f"{API}/webhooks/{self.subscription}/deliveries")).json()
        return list(reversed(found))


async def a_department(service: ServiceUnderTest, name: str, outside: Outside) -> Department:
    """With two cases, whose opening the receiver is to hear of."""
    made = Department(service, name, await service.client(Role.DEPARTMENT, department=name))
    await made.subscribe(outside)
    await made.gets_two_cases()
    return made


async def turned_away(outside: Outside) -> None:
    """It has read how to behave before that is changed."""
    for _ in range(300):
        if outside.turned_away():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("no message came within 30 s")


def heard(outside: Outside) -> dict[str, list[int]]:
    """What a receiver that honours the id has heard: the revisions of each case, in the order of their arrival."""
    found: dict[str, list[int]] = {}
    for message in outside.messages():
        found.setdefault(message["data"]["case_id"], []).append(message["data"]["revision"])
    return found


def all_of(department: Department, first: int, second: int) -> dict[str, list[int]]:
    counts = zip(department.cases, (first, second), strict=True)
    return {case_id: list(range(1, count + 1)) for case_id, count in counts}


async def test_a_receiver_that_was_down_for_an_hour_hears_everything_in_order_once(
    followup: ServiceUnderTest, outside: Outside
) -> None:
    repair = await a_department(followup, "repair", outside)
    outside.stop()
    assert await repair.send() == 0
    gone = timedelta()
    for number, act in ((0, "start"), (1, "start"), (0, "note"), (1, "note")):
        await repair.acts(number, act, **({"text": "已联系库房"} if act == "note" else {}))
        gone += await repair.waits()
        assert await repair.send() == 0
    while gone < HOUR:
        gone += await repair.waits()
        assert await repair.send() == 0
    (first, *others) = await repair.log()
    assert first["tries"] > 3, "it was tried again and again"
    assert [one["tries"] for one in others] == [0] * len(others), "what is behind it waits: the order holds"
    await outside.start()
    await repair.waits()
    assert await repair.send() == 6
    assert heard(outside) == all_of(repair, 3, 3)
    assert len(outside.taken()) == 6
    for request in outside.taken():
        assert check(repair.secret, request["headers"], request["body"].encode(), now=int(time.time()))
    assert {one["state"] for one in await repair.log()} == {"delivered"}


@pytest.mark.parametrize(("mode", "name"), [("500", "installation"), ("slow", "logistics")])
async def test_a_receiver_that_is_broken_or_slow_hears_everything_in_order_once(
    followup: ServiceUnderTest, outside: Outside, monkeypatch: pytest.MonkeyPatch, mode: str, name: str
) -> None:
    department = await a_department(followup, name, outside)
    outside.behave(mode)
    with monkeypatch.context() as patch:
        if mode == "slow":
            patch.setattr(sending, "PATIENCE", 5.0)
        assert await department.send() == 0
    await turned_away(outside)
    await department.acts(1, "start")
    outside.behave("ok")
    await department.waits()
    assert await department.send() == 3
    assert heard(outside) == all_of(department, 1, 2)
    assert len(outside.taken()) == 3


async def test_what_was_taken_and_denied_comes_again_under_its_id(followup: ServiceUnderTest, outside: Outside) -> None:
    desk = await a_department(followup, "service_desk", outside)
    outside.behave("lie")
    assert await desk.send() == 0
    outside.behave("ok")
    await desk.waits()
    assert await desk.send() == 2
    ids = [request["headers"]["webhook-id"] for request in outside.taken()]
    assert (len(ids), len(set(ids))) == (3, 2)
    assert heard(outside) == all_of(desk, 1, 1), "who honours the id has each once"


async def test_what_was_confirmed_and_not_taken_is_had_by_replay(followup: ServiceUnderTest, outside: Outside) -> None:
    billing = await a_department(followup, "billing", outside)
    outside.behave("200")
    assert await billing.send() == 2
    assert outside.taken() == []
    assert {one["state"] for one in await billing.log()} == {"delivered"}, "nobody could know better"
    outside.behave("ok")
    for _ in range(2):
        since = {"since": (NOW - HOUR).isoformat()}
        told = await billing.member.post(f"{API}/webhooks/{billing.subscription}/replay", json=since)
        assert told.json() == {"messages": 2}
        assert await billing.send() == 2
    assert heard(outside) == all_of(billing, 1, 1)
    assert len({json.dumps(one) for one in outside.messages()}) == 2
