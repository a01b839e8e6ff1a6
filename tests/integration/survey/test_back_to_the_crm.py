"""Records go back to the system they came from: page by page, and as signed messages, whatever happens on the way."""

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
from chassis.webhooks import sending, taking
from chassis.webhooks.signature import check
from services.survey import feed
from services.survey.app import SERVICE
from tests.integration.outside import Outside
from tests.integration.survey.builders import NOW
from tests.integration.survey.calls import a_call_waits

API = "/survey/api/v1"
GOOD = {
    "overall": 5, "response_speed": 4, "competence": 5, "attitude": 5, "clarity": 4, "solved": "yes", "nps": 10,
    "remarks": "师傅很准时",
}  # fmt: skip


@pytest.fixture(scope="module")
async def survey(infra: Infra) -> AsyncIterator[ServiceUnderTest]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AFTERCALL_WEBHOOK_ALLOW", "127.0.0.1")
        async with running(SERVICE, infra, now=NOW) as service:
            yield service


class Crm:
    """One source with its token, its records and its subscription."""

    def __init__(self, survey: ServiceUnderTest, client: httpx.AsyncClient, source: str) -> None:
        self.survey, self.client, self.source = survey, client, source
        self.subscription = self.secret = ""

    async def subscribe(self, outside: Outside) -> None:
        asked = {"url": f"http://127.0.0.1:{outside.port}/hook", "kinds": list(feed.KINDS)}
        made = (await self.client.post(f"{API}/webhooks", json=asked)).json()
        self.subscription, self.secret = made["subscription_id"], made["secret"]

    async def answered(self, *names: str, **given: Any) -> list[str]:
        """Response ids of customers who answered so, in this order."""
        elements = []
        for name in names:
            await a_call_waits(
                self.survey, callback=name, ref=f"customer-{name}", source=self.source, service_id=f"S-{name}"
            )
            elements.append({"service_id": f"S-{name}", "answered_at": NOW.isoformat(), "answers": GOOD | given})
        told = (await self.client.post(f"{API}/interviews", json=elements)).json()["verdicts"]
        return [one["response_id"] for one in told]

    async def send(self) -> int:
        return await sending.send_due(self.survey.runtime, feed.rendered)

    async def try_again(self) -> int:
        """As if the back-off were over."""
        await self.survey.query(
            "UPDATE webhook_subscription SET next_try_at = NULL WHERE subscription_id = $1", self.subscription
        )
        return await self.send()

    async def log(self, **query: str) -> list[dict[str, Any]]:
        answer = await self.client.get(f"{API}/webhooks/{self.subscription}/deliveries", params=query)
        found: list[dict[str, Any]] = answer.json()
        return found

    async def state(self) -> dict[str, Any]:
        found: list[dict[str, Any]] = (await self.client.get(f"{API}/webhooks")).json()
        return next(one for one in found if one["subscription_id"] == self.subscription)

    async def pages(self, since: str | None = None, limit: int = 2) -> list[dict[str, Any]]:
        records: list[dict[str, Any]] = []
        for _ in range(50):
            query = {"limit": str(limit)} | ({"since": since} if since else {})
            page = (await self.client.get(f"{API}/records", params=query)).json()
            records += page["records"]
            since = page["next"]
            if not page["more"]:
                return records
        raise AssertionError("the pages never end")


async def a_crm(survey: ServiceUnderTest, source: str) -> Crm:
    return Crm(survey, await survey.client(Role.CRM, source=source, token=True), source)


def ids(outside: Outside) -> list[str]:
    return [message["data"]["response_id"] for message in outside.messages()]


async def test_records_come_page_by_page_in_the_order_in_which_they_were_told(survey: ServiceUnderTest) -> None:
    crm = await a_crm(survey, "pages")
    told = await crm.answered("p1", "p2", "p3", "p4", "p5")
    assert [record["response_id"] for record in await crm.pages()] == told
    last = (await crm.client.get(f"{API}/records", params={"limit": 500})).json()["next"]
    assert await crm.pages(last) == []
    [later] = await crm.answered("p6")
    assert [record["response_id"] for record in await crm.pages(last)] == [later]
    assert await crm.pages((NOW + timedelta(hours=1)).isoformat()) == []
    assert len(await crm.pages((NOW - timedelta(hours=1)).isoformat())) == 6


async def test_what_commits_late_is_never_behind_the_reader(survey: ServiceUnderTest) -> None:
    crm = await a_crm(survey, "late")
    begun = """INSERT INTO record_feed (entry_id, kind, source, customer_ref, month, told_at, facts)
               VALUES ('late/1', 'record.voided', 'late', 'c', '', now(),
                       '{"service_id": "S-late", "response_id": "late", "reason": "test", "by": "x"}'::text::jsonb)"""
    async with survey.runtime.reading() as connection:
        slow = connection.transaction()
        await slow.start()
        await connection.execute(begun)
        [quick] = await crm.answered("quick")
        first = (await crm.client.get(f"{API}/records")).json()
        assert first["records"] == [], "an older transaction still writes"
        await slow.commit()
    assert [record["response_id"] for record in await crm.pages(first["next"])] == ["late", quick]


async def test_a_record_is_readable_for_its_source_and_for_nobody_else(survey: ServiceUnderTest) -> None:
    crm, other = await a_crm(survey, "own"), await a_crm(survey, "other")
    await crm.answered("own-1")
    [record] = await crm.pages()
    assert record["answers"]["remarks"] == {"state": "answered", "kind": "text", "value": "师傅很准时"}
    assert record["answers"]["nps"]["value"] == 10
    assert record["answers"]["reason"]["state"] == "not_asked"
    assert await other.pages() == []
    supervisor = await survey.client(Role.SUPERVISOR, token=True)
    assert (await supervisor.get(f"{API}/records")).status_code == 403
    assert (await crm.client.get(f"{API}/records", params={"since": "neulich"})).status_code == 422
    stored = await survey.query("SELECT facts::text || coalesce(texts, '') AS kept FROM record_feed")
    assert all("师傅" not in row["kept"] for row in stored)
    audited = await survey.query("SELECT action, subject FROM staff.audit_page(NULL, 50, NULL)")
    assert ("records-read", "source:own") in {tuple(row.values()) for row in audited}


async def test_a_voided_record_is_told_too(survey: ServiceUnderTest) -> None:
    crm = await a_crm(survey, "voiding")
    [response_id] = await crm.answered("v1")
    supervisor = await survey.client(Role.SUPERVISOR)
    await supervisor.post(f"{API}/quality/{response_id}", json={"decision": "void", "reason": "test"})
    recorded, voided = await crm.pages()
    assert (recorded["kind"], voided["kind"], voided["reason"]) == ("record.recorded", "record.voided", "test")


async def test_a_message_is_signed_and_says_what_the_page_says(survey: ServiceUnderTest, outside: Outside) -> None:
    crm = await a_crm(survey, "signed")
    await crm.subscribe(outside)
    await crm.answered("s1")
    assert await crm.send() == 1
    [request] = outside.taken()
    assert check(crm.secret, request["headers"], request["body"].encode(), now=int(time.time()))
    message = json.loads(request["body"])
    [record] = await crm.pages()
    assert (message["type"], message["data"]["answers"]["overall"]["value"]) == ("record.recorded", 5)
    assert message["data"]["id"] == record["id"]
    assert [one["state"] for one in await crm.log()] == ["delivered"]


@pytest.mark.parametrize("mode", ["500", "404", "cut", "away"])
async def test_what_fails_comes_again_in_order_and_nothing_twice(
    survey: ServiceUnderTest, outside: Outside, mode: str
) -> None:
    crm = await a_crm(survey, f"failing-{mode}")
    await crm.subscribe(outside)
    told = await crm.answered(*(f"{mode}-{number}" for number in range(3)))
    outside.behave(mode)
    assert await crm.send() == 0
    assert await crm.send() == 0, "it backs off"
    assert len(outside.turned_away()) == 1, "the first one is tried, those behind it wait"
    state = await crm.state()
    assert (state["failures"], state["next_try_at"] is not None) == (1, True)
    outside.behave("ok")
    assert await crm.try_again() == 3
    assert ids(outside) == told
    assert len(outside.taken()) == 3
    assert (await crm.state())["failures"] == 0


async def test_a_receiver_that_takes_a_message_and_says_it_did_not_gets_it_again_under_its_id(
    survey: ServiceUnderTest, outside: Outside
) -> None:
    crm = await a_crm(survey, "lying")
    await crm.subscribe(outside)
    told = await crm.answered("l1", "l2")
    outside.behave("lie")
    await crm.send()
    outside.behave("ok")
    await crm.try_again()
    assert len(outside.taken()) == 3
    assert ids(outside) == told


async def test_a_receiver_that_is_down_gets_everything_once_it_is_back(
    survey: ServiceUnderTest, outside: Outside
) -> None:
    crm = await a_crm(survey, "down")
    await crm.subscribe(outside)
    outside.stop()
    told = await crm.answered("d1", "d2")
    await crm.send()
    told += await crm.answered("d3")
    assert await crm.try_again() == 0
    await outside.start()
    assert await crm.try_again() == 3
    assert ids(outside) == told


async def test_a_receiver_that_never_answers_does_not_hold_up_the_others(
    survey: ServiceUnderTest,
    outside: Outside,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sending, "PATIENCE", 1.0)
    slow, quick = await a_crm(survey, "slow"), await a_crm(survey, "quick")
    other = Outside(tmp_path_factory.mktemp("other"))
    await other.start()
    try:
        await slow.subscribe(outside)
        await quick.subscribe(other)
        outside.behave("slow")
        await slow.answered("w1")
        await quick.answered("w2")
        assert await quick.send() == 1
        assert len(other.messages()) == 1
        assert (await slow.log())[0]["error"] == "no answer within 1 s"
    finally:
        other.stop()


async def test_after_a_day_a_message_is_given_up_and_the_next_one_has_its_turn(
    survey: ServiceUnderTest, outside: Outside
) -> None:
    crm = await a_crm(survey, "patient")
    await crm.subscribe(outside)
    first, second = await crm.answered("g1", "g2")
    outside.behave("500")
    await crm.send()
    await survey.query(
        """UPDATE webhook_delivery SET due_since = due_since - interval '25 hours'
           WHERE subject LIKE $1 RETURNING 1""",
        f"{first}/%",
    )
    await crm.try_again()
    outside.behave("ok")
    await crm.try_again()
    assert ids(outside) == [second]
    assert [one["state"] for one in await crm.log()] == ["delivered", "given_up"]
    replayed = await crm.client.post(
        f"{API}/webhooks/{crm.subscription}/replay", json={"since": (NOW - timedelta(hours=1)).isoformat()}
    )
    assert replayed.json() == {"messages": 2}
    assert await crm.send() == 2
    assert sorted(ids(outside)) == sorted([first, second])
    assert len(outside.taken()) == 3, "the second one came twice, under one id"


async def test_a_receiver_that_is_gone_for_good_is_not_written_to_any_more(
    survey: ServiceUnderTest, outside: Outside
) -> None:
    crm = await a_crm(survey, "gone")
    await crm.subscribe(outside)
    await crm.answered("x1")
    outside.behave("410")
    await crm.send()
    assert (await crm.state())["state"] == "ended"
    await crm.answered("x2")
    assert len(await crm.log()) == 1


async def test_a_paused_subscription_keeps_what_happens_meanwhile(survey: ServiceUnderTest, outside: Outside) -> None:
    crm = await a_crm(survey, "paused")
    await crm.subscribe(outside)
    address = f"{API}/webhooks/{crm.subscription}"
    await crm.client.patch(address, json={"state": "paused"})
    told = await crm.answered("z1")
    assert await crm.send() == 0
    await crm.client.patch(address, json={"state": "active"})
    assert await crm.send() == 1
    assert ids(outside) == told


async def test_the_test_button_sends_one_message_and_says_what_came_of_it(
    survey: ServiceUnderTest, outside: Outside
) -> None:
    crm = await a_crm(survey, "testing")
    await crm.subscribe(outside)
    good = (await crm.client.post(f"{API}/webhooks/{crm.subscription}/test")).json()
    outside.behave("500")
    bad = (await crm.client.post(f"{API}/webhooks/{crm.subscription}/test")).json()
    assert (good, bad["error"]) == ({"delivered": True, "status": 200, "error": None}, "answered 500")
    assert [one["kind"] for one in await crm.log()] == ["test", "test"]
    assert (await crm.state())["failures"] == 0


async def test_a_subscription_is_its_owners_and_its_address_is_checked(
    survey: ServiceUnderTest, outside: Outside
) -> None:
    crm, other = await a_crm(survey, "mine"), await a_crm(survey, "not-mine")
    await crm.subscribe(outside)
    address = f"{API}/webhooks/{crm.subscription}"
    assert (await other.client.get(f"{address}/deliveries")).status_code == 404
    assert (await other.client.delete(address)).status_code == 404
    assert (await other.client.post(f"{address}/secret")).status_code == 404
    for url in ("http://example.com/", "https://10.0.0.1/", "https://user:x@example.com/"):
        refused = await crm.client.post(f"{API}/webhooks", json={"url": url, "kinds": [feed.RECORDED]})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "url")
    unknown = await crm.client.post(f"{API}/webhooks", json={"url": "https://example.com/", "kinds": ["all"]})
    assert unknown.json()["errors"][0]["field"] == "kinds"
    renewed = (await crm.client.post(f"{address}/secret")).json()["secret"]
    assert renewed != crm.secret


async def test_two_processes_send_nothing_twice(survey: ServiceUnderTest, outside: Outside) -> None:
    crm = await a_crm(survey, "raced")
    await crm.subscribe(outside)
    told = await crm.answered(*(f"r-{number}" for number in range(10)))
    await asyncio.gather(*(crm.send() for _ in range(4)))
    await crm.send()
    assert ids(outside) == told
    assert len(outside.taken()) == 10


async def test_a_subscription_is_in_one_hand_at_a_time(survey: ServiceUnderTest, outside: Outside) -> None:
    crm = await a_crm(survey, "held")
    await crm.subscribe(outside)
    async with survey.runtime.reading() as connection:
        assert await taking.take(connection, crm.subscription)
        assert not await taking.take(connection, crm.subscription)
        await crm.answered("h1")
        assert await crm.send() == 0, "somebody else has it"
        await taking.give_back(connection, crm.subscription)
    assert await crm.send() == 1
