from datetime import timedelta

import httpx

from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest
from contracts.events.followup import CallbackRequested, ImprovementChanged
from contracts.vocabulary import RequestState
from tests.integration.followup.builders import REF, TEXT, a_response, a_suggestion, an_attempt, an_end, praise
from tests.integration.followup.conftest import NOW

BROWSER = {"accept": "text/html"}
WISH = "希望上门前能发短信通知"
SPAN = [{"question_id": "why", "start": 0, "end": len(WISH)}]


async def two_alike(service: ServiceUnderTest) -> httpx.AsyncClient:
    """Two customers who want much the same: SG-101 and SG-102."""
    for ref, text in ((REF, WISH), ("customer-2", "建议上门之前先发短信")):
        await service.receive(await a_response(service, text=text, ref=ref))
        await service.receive(a_suggestion(ref, spans=SPAN))
    return await service.client(Role.DEPARTMENT, login="zhou.qi", department="repair")


async def test_similar_suggestions_are_proposed_and_merged_and_counted_as_one(followup: ServiceUnderTest) -> None:
    member = await two_alike(followup)
    page = (await member.get("/followup/suggestions?similar=0.4", headers=BROWSER)).text
    assert "可能是同一条建议" in page
    assert "可能是同一条建议" not in (await member.get("/followup/suggestions?similar=0.8", headers=BROWSER)).text
    assert (await member.post("/followup/suggestions/idea/SG-102/merge", data={"into": "SG-101"})).status_code == 303
    page = (await member.get("/followup/suggestions/idea/SG-101", headers=BROWSER)).text
    assert WISH in page
    assert "建议上门之前先发短信" in page
    assert (await member.post("/followup/suggestions/idea/SG-102/merge", data={"into": "SG-101"})).status_code == 409


async def test_every_author_is_told_of_the_outcome_once(followup: ServiceUnderTest) -> None:
    member = await two_alike(followup)
    await member.post("/followup/suggestions/idea/SG-102/merge", data={"into": "SG-101"})
    decide = "/followup/suggestions/idea/SG-101/decide"
    assert (await member.post(decide, data={"status": "done", "outcome": "好"})).status_code == 409
    assert (await member.post(decide, data={"status": "under_review"})).status_code == 303
    assert await followup.sent(CallbackRequested) == []
    assert (await member.post(decide, data={"status": "done"})).status_code == 422
    words = "短信通知下月上线"
    assert (await member.post(decide, data={"status": "done", "outcome": words})).status_code == 303
    requests = await followup.sent(CallbackRequested)
    assert {(one.customer_ref, one.about.suggestion_id) for one in requests} == {
        (REF, f"idea-of-{REF}"),
        ("customer-2", "idea-of-customer-2"),
    }
    assert {one.state for one in requests} == {RequestState.OPEN}
    keys = await followup.runtime.vault.keyring(text=[REF])
    (mine,) = [one for one in requests if one.customer_ref == REF]
    assert mine.text is not None
    assert keys.open(REF, "progress", mine.text) == words
    assert (await member.post(decide, data={"status": "done", "outcome": words})).status_code == 409
    assert len(await followup.sent(CallbackRequested)) == 2


async def test_the_suggestion_says_which_author_has_heard_the_outcome(followup: ServiceUnderTest) -> None:
    member = await two_alike(followup)
    await member.post("/followup/suggestions/idea/SG-102/merge", data={"into": "SG-101"})
    idea, api = "/followup/suggestions/idea/SG-101", "/followup/api/v1/ideas"
    await member.post(f"{idea}/decide", data={"status": "under_review"})
    await member.post(f"{idea}/decide", data={"status": "done", "outcome": "短信通知下月上线"})
    assert (await member.get(idea, headers=BROWSER)).text.count("已安排告知") == 2
    first, second = sorted(await followup.sent(CallbackRequested), key=lambda one: one.customer_ref)
    at = NOW + timedelta(hours=2)
    unheard = {"disposition": "no_answer", "connected_at": None}
    await followup.receive(an_attempt(at, about=second, ref=second.customer_ref, **unheard))
    assert (await member.get(api)).json()["ideas"][0]["authors_told"] == 0, "dialling tells nobody"
    later = at + timedelta(hours=1)
    await followup.receive(an_attempt(later, about=first, ref=first.customer_ref))
    await followup.receive(an_end(second, "exhausted", at + timedelta(days=3), ref=second.customer_ref))
    (shown,) = (await member.get(api)).json()["ideas"]
    assert (shown["customers"], shown["authors_asked_for"], shown["authors_told"]) == (2, 2, 1)
    page = (await member.get(idea, headers=BROWSER)).text
    assert "已告知，" in page
    assert "未能告知：多次未能接通" in page


async def test_a_colleague_has_one_vote(followup: ServiceUnderTest) -> None:
    member = await two_alike(followup)
    for _ in range(2):
        await member.post("/followup/suggestions/idea/SG-101/vote", data={"wanted": "true"})
    assert [row["votes"] for row in await followup.query("SELECT count(*) AS votes FROM idea_vote")] == [1]
    await member.post("/followup/suggestions/idea/SG-101/vote", data={"wanted": "false"})
    assert [row["votes"] for row in await followup.query("SELECT count(*) AS votes FROM idea_vote")] == [0]


async def test_a_suggestion_that_comes_twice_is_one_and_one_taken_back_is_gone(followup: ServiceUnderTest) -> None:
    event = a_suggestion()
    await followup.receive(event)
    await followup.receive(event, again=True)
    await followup.receive(a_suggestion())
    assert len(await followup.query("SELECT idea_id FROM idea")) == 1
    await followup.receive(a_suggestion(item_revision=2, state="withdrawn"))
    member = await followup.client(Role.DEPARTMENT, department="repair")
    assert "还没有建议" in (await member.get("/followup/suggestions", headers=BROWSER)).text


async def test_a_suggestion_that_moves_leaves_the_other_departments_shelf(followup: ServiceUnderTest) -> None:
    member = await two_alike(followup)
    await member.post("/followup/suggestions/idea/SG-102/merge", data={"into": "SG-101"})
    await followup.receive(a_suggestion("customer-2", item_revision=2, state="changed", department="logistics"))
    other = await followup.client(Role.DEPARTMENT, department="logistics")
    assert (await other.get("/followup/suggestions/idea/SG-101", headers=BROWSER)).status_code == 403
    shelf = (await other.get("/followup/suggestions", headers=BROWSER)).text
    assert "建议上门之前" in shelf
    assert WISH not in shelf


async def test_the_workbook_is_for_those_who_may_read_and_is_audited(followup: ServiceUnderTest) -> None:
    member = await two_alike(followup)
    answer = await member.get("/followup/ideas.xlsx")
    assert answer.content.startswith(b"PK")
    audit = await followup.query("SELECT action, subject FROM staff.audit_page(NULL, 10, NULL)")
    assert ("exported", "ideas:repair") in [(row["action"], row["subject"]) for row in audit]


async def test_praise_hangs_without_who_said_it_and_becomes_best_practice_by_a_supervisor(
    followup: ServiceUnderTest,
) -> None:
    text = "我叫张小明，谢谢王师傅耐心讲解"
    span = [{"question_id": "why", "start": 0, "end": len(text)}]
    await followup.receive(await a_response(followup, text=text), praise(spans=span))
    member = await followup.client(Role.DEPARTMENT, department="repair")
    wall = (await member.get("/followup/praise", headers=BROWSER)).text
    assert "谢谢王师傅耐心讲解" in wall
    assert "张小明" not in wall
    mark = f"/followup/praise/praise-of-{REF}/mark"
    assert (await member.post(mark, data={"practice": "x"})).status_code == 403
    supervisor = await followup.client(Role.SUPERVISOR)
    assert (await supervisor.post(mark, data={"practice": "上门后讲解清洗方法"})).status_code == 303
    other = await followup.client(Role.DEPARTMENT, department="billing")
    seen = (await other.get("/followup/praise", headers=BROWSER)).text
    assert "上门后讲解清洗方法" in seen
    assert "谢谢王师傅" not in seen


MEASURE = {
    "period": "2026-10",
    "row": "problem/response_speed",
    "measure": "夜间派工增加一人",
    "owner": "周启",
    "due_on": "2026-12-15",
    "department": "repair",
}


async def test_a_measure_is_opened_from_a_row_and_every_change_is_told(followup: ServiceUnderTest) -> None:
    analyst = await followup.client(Role.ANALYST)
    api = "/followup/api/v1/improvements"
    made = (await analyst.post(api, json=MEASURE)).json()
    assert (await analyst.post(api, json=MEASURE)).json() == made
    member = await followup.client(Role.DEPARTMENT, department="repair")
    moved = await member.post(f"{api}/{made['improvement_id']}/state", json={"state": "done"})
    assert moved.json()["state"] == "done"
    assert (await member.post(f"{api}/{made['improvement_id']}/state", json={"state": "dropped"})).status_code == 409
    told = await followup.sent(ImprovementChanged)
    assert [(one.revision, one.state) for one in told] == [(1, "open"), (2, "done")]
    for one in told:
        assert {name: str(getattr(one, name)) for name in MEASURE} == MEASURE, "all that a report shows of it"


async def test_a_reports_row_leads_to_a_form_that_is_filled_in(followup: ServiceUnderTest) -> None:
    supervisor = await followup.client(Role.SUPERVISOR)
    place = "/followup/improvements?period=2026-W47&row=dimension/attitude&department=repair"
    page = (await supervisor.get(place, headers=BROWSER)).text
    for field in (
        'name="period" type="text" value="2026-W47"',
        'value="dimension/attitude"',
        'value="repair" selected',
    ):
        assert field in page, field
    asked = MEASURE | {"period": "2026-W47", "row": "dimension/attitude"}
    answer = await supervisor.post("/followup/improvements", data=asked)
    assert answer.headers["location"].endswith("/followup/improvements?period=2026-W47")
    assert MEASURE["measure"] in (await supervisor.get(answer.headers["location"], headers=BROWSER)).text
    member = await followup.client(Role.DEPARTMENT, department="repair")
    page = (await member.get(place, headers=BROWSER)).text
    assert MEASURE["measure"] in page
    assert 'name="measure"' not in page, "a department moves measures on, others open them"


async def test_a_measure_without_what_it_needs_names_the_fields(followup: ServiceUnderTest) -> None:
    analyst = await followup.client(Role.ANALYST)
    wrong = MEASURE | {"period": "October", "due_on": "soon", "measure": " "}
    errors = (await analyst.post("/followup/api/v1/improvements", json=wrong)).json()["errors"]
    assert [error["field"] for error in errors] == ["period", "measure", "due_on"]
    member = await followup.client(Role.DEPARTMENT, department="billing")
    await analyst.post("/followup/api/v1/improvements", json=MEASURE)
    assert (await member.get("/followup/api/v1/improvements")).json() == {"improvements": []}


async def test_words_of_customers_are_nowhere_in_the_library_tables(followup: ServiceUnderTest) -> None:
    await two_alike(followup)
    rows = await followup.query("SELECT idea::text AS whole FROM idea UNION ALL SELECT mail::text FROM mail")
    assert rows
    assert all(WISH[:4] not in row["whole"] and TEXT[:4] not in row["whole"] for row in rows)
