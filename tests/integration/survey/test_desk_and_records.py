"""Beside and after the call: what agents have at hand, what is kept of it, the sheet, and what a supervisor sees."""

from datetime import timedelta
from io import BytesIO

import httpx
import pytest
from python_calamine import load_workbook

from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest
from contracts.answers import AnswerSheet, AnswerTexts
from contracts.events.survey import AttemptClosed, PromiseMade, ResponseRecorded
from tests.integration.survey.builders import MONTH, NOW, PHONE, REF
from tests.integration.survey.calls import AgentAt, a_call_waits, an_agent

HTML = {"Accept": "text/html"}
CALL = "/survey/call/cb-1"
ENTRY = {"title": "没带配件要收上门费吗？", "body": "二次上门不收费。", "products": "JSQ30，热水器"}
TODAY = "2026-10-20"


async def send(person: httpx.AsyncClient, path: str, **form: str) -> httpx.Response:
    return await person.post(path, data=form, headers=HTML, follow_redirects=True)


async def a_written_entry(supervisor: httpx.AsyncClient, survey: ServiceUnderTest, **given: str) -> str:
    entry = ENTRY | given
    answer = await send(supervisor, "/survey/faq/new", **entry)
    assert answer.status_code == 200, answer.text
    [row] = await survey.query("SELECT entry_id FROM handbook WHERE title = $1", entry["title"])
    return str(row["entry_id"])


@pytest.fixture
async def supervisor(survey: ServiceUnderTest) -> httpx.AsyncClient:
    return await survey.client(Role.SUPERVISOR, login="zhu")


async def talking(survey: ServiceUnderTest) -> AgentAt:
    await a_call_waits(survey)
    agent = await an_agent(survey)
    await agent.talking()
    return agent


async def test_a_common_question_is_found_by_its_words_and_its_use_is_kept(
    survey: ServiceUnderTest, supervisor: httpx.AsyncClient
) -> None:
    entry = await a_written_entry(supervisor, survey)
    await a_written_entry(supervisor, survey, title="没带配件（冰箱）", products="冰箱")
    agent = await talking(survey)
    shown = (await agent.client.get(f"{CALL}/faq", params={"find": "配件"}, headers=HTML)).text
    assert ENTRY["title"] in shown and "冰箱" not in shown
    await send(agent.client, f"{CALL}/handbook/{entry}", outcome="used")
    uses = await survey.query("SELECT entry_id, version, outcome, agent FROM handbook_use")
    assert [tuple(row) for row in uses] == [(entry, 1, "used", "lin")]
    assert (await send(agent.client, f"{CALL}/handbook/{entry}", outcome="told")).status_code == 409
    assert "已记为使用" in (await agent.client.get(CALL, headers=HTML)).text


async def test_a_change_is_a_new_version_and_two_writers_do_not_overwrite_each_other(
    survey: ServiceUnderTest, supervisor: httpx.AsyncClient
) -> None:
    entry = await a_written_entry(supervisor, survey)
    changed = await send(supervisor, f"/survey/faq/{entry}", **ENTRY, version="1", withdrawn="1")
    assert changed.status_code == 200
    late = await send(supervisor, f"/survey/faq/{entry}", **ENTRY, version="1")
    assert late.status_code == 422 and "有人刚刚改过这一条" in late.text
    rows = await survey.query("SELECT version, withdrawn FROM handbook WHERE entry_id = $1 ORDER BY version", entry)
    assert [tuple(row) for row in rows] == [(1, False), (2, True)]
    agent = await talking(survey)
    assert ENTRY["title"] not in (await agent.client.get(CALL, headers=HTML)).text


async def test_agents_read_the_handbook_and_do_not_write_it(
    survey: ServiceUnderTest, supervisor: httpx.AsyncClient
) -> None:
    entry = await a_written_entry(supervisor, survey)
    agent = await survey.client(Role.AGENT, login="lin")
    assert (await agent.get(f"/survey/faq/{entry}", headers=HTML)).status_code == 200
    assert (await send(agent, f"/survey/faq/{entry}", **ENTRY, version="1")).status_code == 403
    assert (await send(agent, "/survey/offers/new", **ENTRY)).status_code == 403


@pytest.mark.parametrize(("scenario", "shown"), [("care", True), ("complaint", False)])
async def test_only_a_call_of_care_carries_an_offer(
    survey: ServiceUnderTest, supervisor: httpx.AsyncClient, scenario: str, shown: bool
) -> None:
    endless = await send(supervisor, "/survey/offers/new", title="以旧换新", body="十月内补贴三百元。")
    assert endless.status_code == 422 and "请填写优惠什么时候结束" in endless.text
    offer = {"title": "以旧换新", "body": "十月内补贴三百元。", "valid_until": "2026-10-31T18:00"}
    assert (await send(supervisor, "/survey/offers/new", **offer)).status_code == 200
    await a_call_waits(survey, scenario=scenario)
    agent = await an_agent(survey)
    await agent.steps("claim", "dial", "connected")
    assert "以旧换新" not in (await agent.client.get(CALL, headers=HTML)).text, "before the identity is known"
    await agent.steps("identity")
    assert ("以旧换新" in (await agent.client.get(CALL, headers=HTML)).text) is shown


async def test_a_new_demand_is_a_promise_and_travels_with_the_answers(survey: ServiceUnderTest) -> None:
    agent = await talking(survey)
    wish = {"what": "想再装一台净水器", "department": "installation", "workdays": "2", "key": "1"}
    await send(agent.client, f"{CALL}/promise", kind="new_demand", **wish)
    await agent.answer_everything()
    await agent.post("wrapup", disposition="complete")
    [made] = await survey.sent(PromiseMade)
    assert made.department == "installation" and made.due_at > NOW
    told = [one for one in await survey.sent(ResponseRecorded) if one.final][-1]
    keys = await survey.runtime.vault.keyring(text=[REF], facts=[MONTH])
    sheet = keys.open_as(AnswerSheet, REF, "answers", told.answers)
    texts = keys.open_as(AnswerTexts, REF, "texts", told.texts or "")
    assert isinstance(sheet, AnswerSheet) and isinstance(texts, AnswerTexts)
    [demand] = sheet.demands
    assert (demand.department, texts.texts[demand.text]) == ("installation", "想再装一台净水器")


async def test_a_record_that_is_not_complete_names_what_is_missing(survey: ServiceUnderTest) -> None:
    agent = await talking(survey)
    await agent.answer_everything()
    await agent.answer("overall", 1)
    refused = await agent.post("wrapup", disposition="complete")
    assert refused.status_code == 422
    errors = {error["field"]: error["rule"] for error in refused.json()["errors"]}
    assert "answers.p1.reason" in errors and "不满意" in errors["answers.p1.reason"]
    shown = await send(agent.client, f"{CALL}/wrapup", disposition="complete")
    assert shown.status_code == 422 and errors["answers.p1.reason"] in shown.text


async def test_a_refusal_is_recorded_in_the_words_of_the_rule(survey: ServiceUnderTest) -> None:
    await a_call_waits(survey)
    agent = await an_agent(survey)
    await agent.steps("claim", "dial", "connected")
    await agent.post("wrapup", disposition="refusal", online_consented=True)
    [ended] = await survey.sent(AttemptClosed)
    assert (ended.detail, ended.online_consented) == ("客户拒访，建议线上渠道跟进", True)


async def test_the_opening_is_measured_from_the_connection(survey: ServiceUnderTest) -> None:
    await a_call_waits(survey)
    agent = await an_agent(survey)
    await agent.steps("claim", "dial", "connected")
    await survey.step_to(NOW + timedelta(seconds=13))
    page = await send(agent.client, f"{CALL}/opened")
    assert "13 秒" in page.text
    await survey.step_to(NOW + timedelta(seconds=40))
    assert "13 秒" in (await send(agent.client, f"{CALL}/identity")).text


async def test_the_sheet_holds_the_call_and_belongs_to_who_made_it(survey: ServiceUnderTest) -> None:
    agent = await talking(survey)
    await agent.answer_everything(score=2)
    await agent.put("marks", mood="dissatisfied", problem_type="process")
    await agent.post("promises", what="说明改进办法", department="repair", workdays=2)
    await agent.post("wrapup", disposition="complete")
    shown = (await agent.client.get("/survey/records/cb-1/sheet", headers=HTML)).text
    for words in ("S-cb-1", "138****8000", "完成", "流程缺陷", "等了三天才上门", "说明改进办法", "维修部", "2 不满意"):
        assert words in shown, words
    assert PHONE not in shown
    assert "/survey/records/cb-1/sheet" in (await agent.client.get("/survey/records", headers=HTML)).text
    other = await survey.client(Role.AGENT, login="xu")
    assert (await other.get("/survey/records/cb-1/sheet", headers=HTML)).status_code == 403
    assert "/survey/records/cb-1/sheet" not in (await other.get("/survey/records", headers=HTML)).text


async def test_an_export_needs_a_reason_is_audited_and_runs_no_formula(
    survey: ServiceUnderTest, supervisor: httpx.AsyncClient
) -> None:
    agent = await talking(survey)
    await agent.answer_everything()
    await agent.answer("remarks", text="=HYPERLINK(1)")
    await agent.post("wrapup", disposition="complete")
    period = {"from": TODAY, "to": TODAY}
    assert (await supervisor.post("/survey/records/export", data=period, headers=HTML)).status_code == 422
    got = await supervisor.post("/survey/records/export", data=period | {"reason": "质检抽查"}, headers=HTML)
    assert got.status_code == 200, got.text
    book = load_workbook(BytesIO(got.content))
    facts, answers = (book.get_sheet_by_index(number).to_python() for number in (0, 1))
    assert len(facts) == 2 and "138****8000" in facts[1] and PHONE not in str(facts)
    assert any("'=HYPERLINK(1)" in row for row in answers)
    assert (await agent.client.post("/survey/records/export", data=period, headers=HTML)).status_code == 403
    admin = await survey.client(Role.ADMIN, login="root")
    audit = (await admin.get("/staff/audit", headers=HTML)).text
    assert "导出回访记录" in audit and "质检抽查" in audit


async def test_a_supervisor_sees_who_is_on_what_and_which_wrap_up_is_late(
    survey: ServiceUnderTest, supervisor: httpx.AsyncClient
) -> None:
    agent = await talking(survey)
    await a_call_waits(survey, callback="cb-2", skill="senior", priority=1)
    page = (await supervisor.get("/survey/supervisor", headers=HTML)).text
    assert "lin" in page and "通话中" in page and "资深坐席" in page
    await agent.post("hangup")
    await survey.step_to(NOW + timedelta(minutes=10, seconds=1))
    assert "整理超时" in (await supervisor.get("/survey/supervisor", headers=HTML)).text.split("谁在处理哪一项")[1]
    await agent.post("wrapup", disposition="break_off")
    after = (await supervisor.get("/survey/supervisor", headers=HTML)).text
    assert "0 / 1" in after, "the record came after the ten minutes"
