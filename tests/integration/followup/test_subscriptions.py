import json
from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest
from chassis.webhooks import store
from services.followup.feed import rendered, sample
from tests.integration.followup.builders import REF, TEXT, a_flag, a_response, a_suggestion
from tests.integration.followup.test_life_of_a_case import API, an_open_case

MONDAY_9 = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
RECEIVER = "https://hooks.example.com/aftercall"


async def subscribed(service: ServiceUnderTest, department: str, *kinds: str) -> str:
    machine = await service.client(Role.DEPARTMENT, department=department, token=True)
    asked = {"url": RECEIVER, "kinds": kinds or ["case.changed", "case.left"]}
    answer = await machine.post(f"{API}/webhooks", json=asked)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["subscription_id"])


async def messages(service: ServiceUnderTest, subscription: str) -> list[dict[str, Any]]:
    """What would be sent, in order."""
    async with service.runtime.reading() as connection:
        waiting = await store.deliveries(connection, subscription, state=None, before=None, limit=100)
    ordered = sorted(waiting, key=lambda one: one.position)
    data = await rendered(service.runtime, ordered)
    return [{"kind": one.kind, **data[one.subject]} for one in ordered]


async def test_every_step_of_a_case_is_announced_in_order_and_twice_nothing(followup: ServiceUnderTest) -> None:
    subscription = await subscribed(followup, "repair")
    member = await followup.client(Role.DEPARTMENT, department="repair")
    flag = a_flag()
    await followup.receive(flag)
    await followup.receive(flag, again=True)
    await followup.receive(a_flag())
    case_id = (await followup.query("SELECT case_id FROM case_file"))[0]["case_id"]
    await member.post(f"{API}/cases/{case_id}/start")
    told = await messages(followup, subscription)
    assert [(one["kind"], one["revision"], one["action"], one["state"]) for one in told] == [
        ("case.changed", 1, "open", "open"),
        ("case.changed", 2, "start", "working"),
    ]
    assert told[0]["due_at"] is not None


async def test_a_message_has_no_word_of_the_customer_and_leads_to_the_item(followup: ServiceUnderTest) -> None:
    subscription = await subscribed(followup, "repair")
    member = await followup.client(Role.DEPARTMENT, department="repair")
    case_id = (await an_open_case(followup)).case_id
    await member.post(f"{API}/cases/{case_id}/note", json={"text": "已和库房确认"})
    text = json.dumps(await messages(followup, subscription), ensure_ascii=False)
    assert f"/followup/api/v1/items/item-of-{REF}" in text
    assert not any(word in text for word in (TEXT[:6], "库房", REF.join('""')))


async def test_another_department_hears_nothing_and_the_one_that_a_case_leaves_not_where_to(
    followup: ServiceUnderTest,
) -> None:
    repair, billing = await subscribed(followup, "repair"), await subscribed(followup, "billing")
    await followup.receive(await a_response(followup), a_flag())
    assert await messages(followup, billing) == []
    await followup.receive(a_flag(item_revision=2, state="changed", department="logistics"))
    last = (await messages(followup, repair))[-1]
    assert (last["kind"], last["revision"]) == ("case.left", 2)
    assert "logistics" not in json.dumps(last)
    assert await messages(followup, billing) == []


async def test_a_department_sees_its_own_subscriptions_only(followup: ServiceUnderTest) -> None:
    subscription = await subscribed(followup, "repair")
    other = await followup.client(Role.DEPARTMENT, department="billing", token=True)
    assert (await other.get(f"{API}/webhooks")).json() == []
    assert (await other.post(f"{API}/webhooks/{subscription}/replay", json={"since": "2026-01-01T00:00:00Z"})).is_error
    member = await followup.client(Role.DEPARTMENT, department="repair")
    page = await member.get("/followup/webhooks", headers={"accept": "text/html"})
    assert RECEIVER in page.text


async def test_a_test_sends_the_last_real_step_of_the_department(followup: ServiceUnderTest) -> None:
    await an_open_case(followup)
    found = {}
    for department in ("repair", "billing"):
        subscription = await subscribed(followup, department)
        async with followup.runtime.reading() as connection:
            known = await store.subscription(connection, subscription, None)
        assert known is not None
        found[department] = await sample(followup.runtime, known)
    assert found["repair"] is not None
    assert (found["repair"]["action"], found["repair"]["item_id"]) == ("open", f"item-of-{REF}")
    assert found["billing"] is None


async def test_the_weekly_list_of_suggestions_goes_to_its_department_and_its_owner(followup: ServiceUnderTest) -> None:
    repair, billing = [await subscribed(followup, name, "suggestions.listed") for name in ("repair", "billing")]
    keeper = await followup.client(Role.ADMIN)
    asked = {"url": RECEIVER, "kinds": ["suggestions.listed"], "owner": "suggestions_ops"}
    ops = (await keeper.post(f"{API}/webhooks", json=asked)).json()["subscription_id"]
    await followup.receive(await a_response(followup), a_suggestion())
    member = await followup.client(Role.DEPARTMENT, department="repair")
    await member.post(f"{API}/ideas/SG-101/describe", json={"title": "上门前发短信", "owner": "ops"})
    await followup.run_until(MONDAY_9 - timedelta(minutes=1))
    assert await messages(followup, repair) == []
    await followup.run_until(MONDAY_9 + timedelta(days=1))
    assert await messages(followup, billing) == [], "nothing of its own is open"
    for subscription, scope in ((repair, "repair"), (ops, "suggestions_ops")):
        (told,) = await messages(followup, subscription)
        assert (told["kind"], told["list"], told["due"]) == ("suggestions.listed", scope, MONDAY_9.isoformat())
        (row,) = told["suggestions"]
        assert (row["idea_id"], row["title"], row["customers"]) == ("SG-101", "上门前发短信", 1)
        assert TEXT[:6] not in json.dumps(told, ensure_ascii=False)
    await member.post(f"{API}/ideas/SG-101/decide", json={"status": "declined", "outcome": "另有安排"})
    await followup.run_until(MONDAY_9 + timedelta(days=8))
    assert len(await messages(followup, repair)) == 1, "a settled one is no longer listed"


async def test_a_private_address_is_refused(followup: ServiceUnderTest) -> None:
    machine = await followup.client(Role.DEPARTMENT, department="repair", token=True)
    asked = {"url": "https://127.0.0.1/hook", "kinds": ["case.changed"]}
    answer = await machine.post(f"{API}/webhooks", json=asked)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "url")
