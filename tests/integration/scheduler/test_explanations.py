from collections import Counter
from datetime import timedelta

from chassis.access.roles import Role
from chassis.runtime import Received
from chassis.testing.harness import ServiceUnderTest
from contracts.events.scheduler import CallbackDue
from contracts.ids import event_id
from contracts.vocabulary import Disposition, Explanation
from services.scheduler.handlers.completions import accept, resolve_customers
from tests.integration.scheduler.builders import (
    NOW,
    a_completion,
    a_response,
    an_attempt,
    an_opt_out,
)


async def test_every_service_ends_in_one_explanation_and_their_sum_is_what_was_consumed(
    scheduler: ServiceUnderTest,
) -> None:
    answered, refused, busy, silent = (a_completion() for _ in range(4))
    shared = {"phone": "13700136001"}
    documents = [
        answered, refused, busy, silent,
        a_completion(customer=shared), a_completion(customer=shared),
        a_completion(customer={"phone": "13700136002"}, scenario="usage", completed_at=NOW),
        a_completion(customer={"phone": None}),
        a_completion(scenario="never heard of"),
        a_completion(completed_at=NOW - timedelta(days=40)),
        a_completion(completed_at=NOW + timedelta(days=1)),
        a_completion(handled_at=NOW - timedelta(days=32)),
        a_completion(customer={"timezone": "Mars/Olympus"}),
    ]  # fmt: skip
    corrected = busy.model_copy(update={"progress": "换人处理"})
    consumed = [*documents, answered, answered, corrected]
    await scheduler.receive(*consumed)
    await scheduler.tick()
    dues = {due.service_id: due for due in await scheduler.sent(CallbackDue)}
    due = dues[answered.service_id]
    await scheduler.receive(an_attempt(due, Disposition.COMPLETE, at=NOW), a_response(due, at=NOW))
    await scheduler.receive(an_attempt(dues[refused.service_id], Disposition.REFUSAL, at=NOW))
    await scheduler.receive(an_attempt(dues[busy.service_id], Disposition.WRONG_NUMBER, at=NOW))
    (row,) = await scheduler.query("SELECT customer_ref, phone_index FROM completion WHERE scenario = 'usage'")
    await scheduler.receive(an_opt_out(row["customer_ref"], row["phone_index"], NOW))
    await scheduler.run_until(NOW + timedelta(days=6))
    rows = await scheduler.query("SELECT explanation, duplicates, corrections, reason FROM completion")
    explained = Counter(row["explanation"] for row in rows)
    told_again = Counter({
        Explanation.DUPLICATE.value: sum(row["duplicates"] for row in rows),
        "corrected": sum(row["corrections"] for row in rows),
    })  # fmt: skip
    assert explained == {
        "complete": 1, "refused": 1, "exhausted": 1, "unreported": 2, "suppressed_by_budget": 1, "opted_out": 1,
        "no_contact_data": 1, "rejected": 4, "out_of_frame": 1,
    }  # fmt: skip
    assert told_again == {"duplicate": 2, "corrected": 1}
    assert explained.total() + told_again.total() == len(consumed)
    assert {row["reason"] for row in rows if row["explanation"] in ("rejected", "out_of_frame")} == {
        "unknown_scenario", "unknown_zone", "completed_in_future", "handled_far_from_completed", "older_than_look_back",
    }  # fmt: skip


async def test_the_api_tells_every_decision_and_the_policy_it_was_made_by(scheduler: ServiceUnderTest) -> None:
    documents = [a_completion() for _ in range(30)]
    await scheduler.receive(*documents)
    await scheduler.tick()
    client = await scheduler.client(Role.ANALYST)
    (late,) = (await scheduler.query(
        "SELECT c.service_id FROM permit AS p JOIN callback USING (callback_id) "
        "JOIN completion AS c USING (completion_ref) WHERE p.state = 'pending' LIMIT 1"))  # fmt: skip
    answer = (await client.get(f"/scheduler/api/v1/services/crm-east/{late['service_id']}")).json()
    (permit,) = answer["callbacks"][0]["permits"]
    assert permit["plan"]["put_off"] == "capacity"
    assert [plan["now"] for plan in permit["earlier_plans"]] == [NOW.isoformat()]
    assert answer["counted_from"] == answer["completed_at"]
    policy = (await client.get(f"/scheduler/api/v1/policies/{answer['policy_version']}")).json()
    assert policy["content"]["scenario"]["scenario"] == "complaint"
    editions = (await client.get("/scheduler/api/v1/policies")).json()
    assert [edition["published_by"] for edition in editions] == ["files"]
    assert (await client.get("/scheduler/api/v1/policies/unknown")).status_code == 404
    page = await client.get(f"/scheduler/why/crm-east/{late['service_id']}")
    assert "改期：座席容量已满 1 次" in page.text


async def test_a_completion_of_any_road_is_told_by_its_road(scheduler: ServiceUnderTest) -> None:
    client = await scheduler.client(Role.ANALYST)
    document = a_completion()
    refs = await resolve_customers(scheduler.runtime, [document])
    async with scheduler.runtime.transaction(customers=refs) as tx:
        await accept(tx, [Received(document, event_id(tx.now), tx.now, refs[0])], road="list")
    page = await client.get(f"/scheduler/why/crm-east/{document.service_id}")
    assert "由 导入名单 收到" in page.text
