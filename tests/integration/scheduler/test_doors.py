from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest
from contracts.events.scheduler import CallbackDue, ServiceAccepted
from contracts.vocabulary import Disposition
from tests.integration.scheduler.builders import NOW, a_completion, an_attempt

PATH = "/scheduler/api/v1/service-completions"


def document(service_id: str = "S-1", **fields: object) -> dict[str, object]:
    return {
        "service_id": service_id,
        "scenario": "complaint",
        "completed_at": "2026-10-14T09:00:00+08:00",
        "customer": {"customer_id": "C-1", "phone": "13800138000"},
        **fields,
    }


async def test_one_document_is_taken_with_its_verdict_and_the_tokens_source(scheduler: ServiceUnderTest) -> None:
    client = await scheduler.client(Role.CRM, source="crm-east")
    answer = await client.post(PATH, json=document())
    assert answer.status_code == 202
    assert answer.json()["verdicts"][0]["verdict"] == "selected"
    (accepted,) = await scheduler.sent(ServiceAccepted)
    assert accepted.source == "crm-east"
    again = await client.post(PATH, json=[document(), document("S-2", scenario="nothing")])
    assert [v["verdict"] for v in again.json()["verdicts"]] == ["duplicate", "rejected"]


async def test_a_document_by_http_and_the_same_on_kafka_are_one(scheduler: ServiceUnderTest) -> None:
    client = await scheduler.client(Role.CRM, source="crm-east")
    event = a_completion()
    await client.post(PATH, content=event.model_dump_json(exclude_unset=True))
    await scheduler.receive(event)
    assert len(await scheduler.sent(ServiceAccepted)) == 1


async def test_a_faulty_element_is_named_and_its_neighbours_are_taken(scheduler: ServiceUnderTest) -> None:
    client = await scheduler.client(Role.CRM, source="crm-east")
    answer = await client.post(PATH, json=[document(completed_at="2026-10-14T09:00:00"), document("S-2")])
    first, second = answer.json()["verdicts"]
    assert (first["verdict"], first["errors"][0]["field"]) == ("invalid", "completed_at")
    assert second["verdict"] == "selected"


async def test_what_cannot_be_taken_is_refused_with_the_field(scheduler: ServiceUnderTest) -> None:
    client = await scheduler.client(Role.CRM, source="crm-east")
    missing = await client.post(PATH, json={"scenario": "complaint"})
    assert missing.status_code == 422
    assert {"service_id", "completed_at", "customer"} <= {error["field"] for error in missing.json()["errors"]}
    assert (await client.post(PATH, content=b"\xff{")).status_code == 400
    assert (await client.post(PATH, content=b"[" * 10000)).status_code == 400
    assert (await client.post(PATH, content=b'{"a": NaN}')).status_code in (400, 422)
    assert (await client.post(PATH, json=document(service_id="a\x00b"))).status_code == 422
    assert (await client.post(PATH, json=document(source="crm-west"))).status_code == 403
    assert (await client.post(PATH, json=[])).status_code == 422
    large = document(attributes={"note": "好" * 200_000})
    assert (await client.post(PATH, json=large)).status_code == 422
    assert await scheduler.sent(ServiceAccepted) == []


async def test_what_became_of_a_service_is_told_to_its_own_crm_only(scheduler: ServiceUnderTest) -> None:
    await scheduler.receive(a_completion(service_id="S-9"))
    await scheduler.tick()
    (due,) = await scheduler.sent(CallbackDue)
    await scheduler.receive(an_attempt(due, Disposition.BREAK_OFF, at=NOW))
    own = await scheduler.client(Role.CRM, source="crm-east")
    told = (await own.get("/scheduler/api/v1/services/crm-east/S-9")).json()
    assert (told["verdict"], told["explanation"], told["stratum"]) == ("selected", "break_off", "complaint")
    assert told["callbacks"][0]["permits"][0]["disposition"] == "break_off"
    assert {rule["result"] for rule in told["callbacks"][0]["rules"]} <= {"passed", "yielded"}
    other = await scheduler.client(Role.CRM, source="crm-west")
    assert (await other.get("/scheduler/api/v1/services/crm-east/S-9")).status_code == 403
    assert (await own.get("/scheduler/api/v1/services/crm-east/S-none")).status_code == 404


async def test_the_why_page_tells_the_explanation_without_the_whole_number(scheduler: ServiceUnderTest) -> None:
    await scheduler.receive(a_completion(service_id="S-9/a", customer={"phone": "13800138000"}))
    await scheduler.tick()
    analyst = await scheduler.client(Role.ANALYST)
    found = await analyst.get("/scheduler/why", params={"service_id": "S-9/a"})
    assert found.status_code == 303
    page = await analyst.get(found.headers["location"])
    assert page.status_code == 200
    assert "138****8000" in page.text
    assert "13800138000" not in page.text
    assert "客户甲" not in page.text
