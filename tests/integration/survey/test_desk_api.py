"""What the pages do beside and after a call, by HTTP for programs."""

from datetime import timedelta
from io import BytesIO
from typing import Any

from python_calamine import load_workbook

from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest
from contracts.events.survey import PromiseMade, ResponseRecorded
from tests.integration.survey.builders import MONTH, NOW, PHONE, REF
from tests.integration.survey.calls import API, a_call_waits, an_agent

ENTRY: dict[str, Any] = {"version": 0, "title": "没带配件要收上门费吗？", "body": "二次上门不收费。"}
OFFER = ENTRY | {"title": "以旧换新", "valid_until": (NOW + timedelta(days=9)).isoformat()}


async def test_the_opening_is_measured_and_a_new_demand_is_told(survey: ServiceUnderTest) -> None:
    await a_call_waits(survey)
    agent = await an_agent(survey)
    await agent.steps("claim", "dial", "connected")
    await survey.step_to(NOW + timedelta(seconds=13))
    await agent.steps("opened", "identity", "consent")
    [row] = await survey.query("SELECT opened_at - connected_at AS took FROM interview")
    assert row["took"] == timedelta(seconds=13)
    wish = {"what": "想再装一台净水器", "department": "installation", "workdays": 2}
    assert (await agent.post("promises", kind="new_demand", **wish)).status_code == 200
    await agent.answer_everything()
    await agent.post("wrapup", disposition="complete")
    assert len(await survey.sent(PromiseMade)) == 1
    [told] = [one for one in await survey.sent(ResponseRecorded) if one.final]
    keys = await survey.runtime.vault.keyring(text=[REF], facts=[MONTH])
    assert "想再装一台净水器" in str(keys.open(REF, "texts", told.texts or ""))


async def test_the_handbook_is_written_searched_and_its_use_kept(survey: ServiceUnderTest) -> None:
    supervisor = await survey.client(Role.SUPERVISOR, login="zhu")
    assert (await supervisor.put(f"{API}/handbook/faq/fee", json=ENTRY)).status_code == 204
    assert (await supervisor.put(f"{API}/handbook/faq/fee", json=ENTRY)).status_code == 409, "written meanwhile"
    assert (await supervisor.put(f"{API}/handbook/offer/fee", json=OFFER | {"version": 1})).status_code == 409
    endless = await supervisor.put(f"{API}/handbook/offer/swap", json=OFFER | {"valid_until": None})
    assert (endless.status_code, endless.json()["errors"][0]["field"]) == (422, "valid_until")
    assert (await supervisor.put(f"{API}/handbook/offer/swap", json=OFFER)).status_code == 204
    await a_call_waits(survey, scenario="care")
    agent = await an_agent(survey)
    assert (await agent.client.put(f"{API}/handbook/faq/fee", json=ENTRY)).status_code == 403
    await agent.steps("claim", "dial", "connected")
    before = (await agent.client.get(f"{API}/callbacks/cb-1/handbook", params={"find": "配件"})).json()
    assert ([one["entry_id"] for one in before["questions"]], before["offers"]) == (["fee"], [])
    await agent.steps("identity")
    after = (await agent.client.get(f"{API}/callbacks/cb-1/handbook")).json()
    assert [one["title"] for one in after["offers"]] == ["以旧换新"]
    assert (await agent.post("handbook/swap", outcome="interested")).status_code == 204
    assert (await agent.post("handbook/fee", outcome="told")).status_code == 409
    shelf = (await agent.client.get(f"{API}/handbook/offer")).json()
    assert [(one["entry_id"], one["version"], one["uses"]) for one in shelf] == [("swap", 1, 1)]


async def test_the_overview_and_the_record_of_a_callback(survey: ServiceUnderTest) -> None:
    supervisor = await survey.client(Role.SUPERVISOR, login="zhu")
    await a_call_waits(survey)
    agent = await an_agent(survey)
    await agent.talking()
    [held] = (await supervisor.get(f"{API}/supervision")).json()["held"]
    assert (held["callback_id"], held["agent"], held["step"], held["overdue"]) == ("cb-1", "lin", "dialled", False)
    assert (await agent.client.get(f"{API}/supervision")).status_code == 403
    await agent.answer_everything(score=2)
    await agent.put("marks", mood="dissatisfied", problem_type="process")
    await agent.post("promises", what="说明改进办法", department="repair", workdays=2)
    await agent.post("wrapup", disposition="complete")
    record = (await agent.client.get(f"{API}/callbacks/cb-1/record")).json()
    assert (record["service_id"], record["phone"], record["overall"]) == ("S-cb-1", "138****8000", 2)
    assert (record["mood"], record["problem_type"]) == ("dissatisfied", "process")
    assert [one["what"] for one in record["promises"]] == ["说明改进办法"]
    words = {one["question_id"]: one["words"] for one in record["answers"]}
    assert words["reason"] == "等了三天才上门，配件也没带"
    assert [one["disposition"] for one in record["contacts"]] == ["complete"]
    assert PHONE not in str(record)
    other = await survey.client(Role.AGENT, login="xu")
    assert (await other.get(f"{API}/callbacks/cb-1/record")).status_code == 403


async def test_the_records_of_a_period_are_handed_out_page_by_page_or_as_a_workbook_for_an_audited_reason(
    survey: ServiceUnderTest,
) -> None:
    supervisor = await survey.client(Role.SUPERVISOR, login="zhu")
    for number in ("1", "2"):
        await a_call_waits(survey, callback=f"cb-{number}")
        agent = await an_agent(survey, f"lin-{number}", callback=f"cb-{number}")
        await agent.talking()
        await agent.answer_everything()
        await agent.post("wrapup", disposition="complete")
    period = {"from": "2026-10-20", "to": "2026-10-20", "reason": "质检抽查"}
    backwards = await supervisor.post(f"{API}/record-sheets", json=period | {"to": "2026-10-19"})
    assert (backwards.status_code, backwards.json()["errors"][0]["field"]) == (422, "to")
    assert (await supervisor.post(f"{API}/record-sheets", json=period | {"reason": ""})).status_code == 422
    assert (await agent.client.post(f"{API}/record-sheets", json=period)).status_code == 403
    pages = [
        (await supervisor.post(f"{API}/record-sheets", json=period | {"limit": 1, "offset": offset})).json()
        for offset in (0, 1, 2)
    ]
    assert [page["total"] for page in pages] == [2, 2, 2]
    assert sorted(one["callback_id"] for page in pages for one in page["records"]) == ["cb-1", "cb-2"]
    assert "138****8000" in str(pages) and PHONE not in str(pages)
    book = await supervisor.post(f"{API}/record-sheets/workbook", json=period)
    facts = load_workbook(BytesIO(book.content)).get_sheet_by_index(0).to_python()
    assert len(facts) == 3 and PHONE not in str(facts)
    admin = await survey.client(Role.ADMIN, login="root")
    audit = (await admin.get("/staff/audit", headers={"Accept": "text/html"})).text
    assert (audit.count("导出回访记录"), audit.count("质检抽查")) == (4, 4)
