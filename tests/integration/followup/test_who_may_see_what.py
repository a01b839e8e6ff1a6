import pytest

from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest
from contracts.events.followup import CaseChanged
from tests.integration.followup.builders import REF, TEXT, a_flag, a_response, a_suggestion, praise
from tests.integration.followup.conftest import NOW

API = "/followup/api/v1"
WORDS = TEXT[:21]
PAGES = (
    "board", "board?mine=1", "board?done=1", "overdue", "promises", "effects", "effects?period=2026-10", "improvements",
    "suggestions", "suggestions/idea/SG-101", "praise", "remarks", f"customers/{REF}",
)  # fmt: skip
BROWSER = {"accept": "text/html"}


async def a_case_of_repair(service: ServiceUnderTest) -> str:
    await service.receive(await a_response(service))
    await service.receive(a_flag(), a_suggestion(), praise())
    return (await service.sent(CaseChanged))[-1].case_id


async def test_another_department_gets_neither_case_nor_item_nor_list(followup: ServiceUnderTest) -> None:
    case_id = await a_case_of_repair(followup)
    other = await followup.client(Role.DEPARTMENT, department="logistics", token=True)
    for path in (f"cases/{case_id}", f"items/item-of-{REF}", "cases?department=repair"):
        assert (await other.get(f"{API}/{path}")).status_code == 403
    assert (await other.get(f"{API}/cases")).json() == {"cases": []}
    for action in ("assign", "start"):
        assert (await other.post(f"{API}/cases/{case_id}/{action}", json={})).status_code == 403


async def test_the_departments_token_reads_its_words_and_leaves_a_trace(followup: ServiceUnderTest) -> None:
    await a_case_of_repair(followup)
    machine = await followup.client(Role.DEPARTMENT, department="repair", token=True)
    answer = await machine.get(f"{API}/items/item-of-{REF}")
    assert answer.json()["text"] == [WORDS]
    audit = await followup.query("SELECT action, subject FROM staff.audit_page(NULL, 10, NULL)")
    assert [(row["action"], row["subject"]) for row in audit] == [("read", f"item:item-of-{REF}")]


async def test_an_item_before_its_response_waits_for_its_words(followup: ServiceUnderTest) -> None:
    await followup.receive(a_flag())
    machine = await followup.client(Role.DEPARTMENT, department="repair", token=True)
    assert (await machine.get(f"{API}/items/item-of-{REF}")).json()["text"] is None
    await followup.receive(await a_response(followup))
    assert (await machine.get(f"{API}/items/item-of-{REF}")).json()["text"] == [WORDS]


@pytest.mark.parametrize("role", [Role.DEPARTMENT, Role.SUPERVISOR, Role.ANALYST])
async def test_every_page_opens_and_analysts_see_no_words(followup: ServiceUnderTest, role: Role) -> None:
    case_id = await a_case_of_repair(followup)
    reader = await followup.client(role, department="repair" if role is Role.DEPARTMENT else None)
    pages = [f"/followup/{page}" for page in (*PAGES, f"cases/{case_id}", f"suggestions/idea-of-{REF}")]
    for language in ("zh-CN", "en"):
        for page in pages:
            answer = await reader.get(page, headers=BROWSER | {"accept-language": language})
            assert answer.status_code == 200, (page, answer.text[-500:])
            if role is Role.ANALYST:
                assert "报修后第三天" not in answer.text
    case_page = (await reader.get(pages[-2], headers=BROWSER)).text
    assert ("报修后第三天" in case_page) is (role is not Role.ANALYST)


async def test_an_analyst_changes_nothing(followup: ServiceUnderTest) -> None:
    case_id = await a_case_of_repair(followup)
    analyst = await followup.client(Role.ANALYST)
    assert (await analyst.post(f"/followup/cases/{case_id}/start")).status_code == 403


async def test_the_whole_work_is_done_with_forms(followup: ServiceUnderTest) -> None:
    case_id = await a_case_of_repair(followup)
    member = await followup.client(Role.DEPARTMENT, login="zhou.qi", department="repair")
    path = f"/followup/cases/{case_id}"
    for action, form in (
        ("assign", {"owner": ""}),
        ("start", {}),
        ("note", {"text": "已联系库房", "for_customer": "true"}),
    ):
        assert (await member.post(f"{path}/{action}", data=form)).status_code == 303
    empty = await member.post(f"{path}/solve", data={"root_cause": "parts"}, headers=BROWSER)
    assert empty.status_code == 422
    assert "请填写这一项" in empty.text
    solution = {"root_cause": "parts", "root_cause_text": "缺件", "action": "revisit", "action_text": "已重新上门"}
    assert (await member.post(f"{path}/solve", data=solution)).status_code == 303
    page = (await member.get(path, headers=BROWSER)).text
    assert "配件或库存不足：缺件" in page
    assert (await member.post(f"{path}/close", data={"evidence": "none"}, headers=BROWSER)).status_code == 422


async def test_a_due_time_in_a_year_without_an_official_list_says_so(followup: ServiceUnderTest) -> None:
    await followup.receive(a_flag())
    await followup.receive(a_flag("customer-2", due_policy="working_days:60"))
    member = await followup.client(Role.DEPARTMENT, department="repair")
    cases = [case.case_id for case in await followup.sent(CaseChanged)]
    pages = [(await member.get(f"/followup/cases/{one}", headers=BROWSER)).text for one in cases]
    assert ["2027 年的放假与调休安排尚未公布" in page for page in pages] == [False, True]
    assert (await member.get("/followup/board", headers=BROWSER)).text.count("暂定日历") == 1


async def test_the_link_of_an_item_leads_to_its_place(followup: ServiceUnderTest) -> None:
    case_id = await a_case_of_repair(followup)
    member = await followup.client(Role.DEPARTMENT, department="repair")
    answers = [await member.get(f"/followup/items/{i}-of-{REF}", headers=BROWSER) for i in ("item", "idea", "praise")]
    assert [answer.headers["location"] for answer in answers] == [
        f"/followup/cases/{case_id}",
        f"/followup/suggestions/idea-of-{REF}",
        "/followup/praise",
    ]


async def test_nothing_a_person_wrote_lies_open_in_the_database(followup: ServiceUnderTest) -> None:
    await a_case_of_repair(followup)
    stored = [
        *await followup.query("SELECT t::text AS row FROM response AS t"),
        *await followup.query("SELECT t::text AS row FROM item AS t"),
        *await followup.query("SELECT t::text AS row FROM case_file AS t"),
        *await followup.query("SELECT t::text AS row FROM case_history AS t"),
        *await followup.query("SELECT convert_from(payload, 'UTF8') AS row FROM outbox"),
    ]
    assert stored
    assert all("报修" not in row["row"] and "态度挺好" not in row["row"] for row in stored)
    assert (await followup.runtime.now()) == NOW
