"""Downloads of a report, the customers' own words on the page of problems, and the list of frequent high scorers."""

import io

import pytest
from python_calamine import load_workbook

from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest
from contracts.answers import AnswerTexts
from contracts.events.parts import Span
from contracts.events.scheduler import CustomerErased
from contracts.events.survey import ResponseRecorded
from contracts.events.tagging import Tag, TagSheet
from tests.integration.reporting.builders import DAY, PERIOD, Story, a_month, month_keys

WORDS = "报修后第三天才有人打电话，打 13800002046 也没人接"


async def with_words(reporting: ServiceUnderTest, text: str = WORDS) -> Story:
    """One low answer whose words are the evidence of its tag."""
    story = Story(900, await month_keys(reporting), "complaint")
    ref = story.refs["customer_ref"]
    keys = await reporting.runtime.vault.keyring(text=[ref], facts=[PERIOD])
    texts = keys.seal_text(ref, "texts", AnswerTexts(texts={"reason": text}).model_dump(mode="json"))
    recorded: ResponseRecorded = story.answered(2, nps=1).model_copy(update={"texts": texts})
    span = Span(question_id="reason", start=3, end=9)
    sheet = TagSheet(tags=(Tag(code="response_speed", kind="problem", spans=(span,), provenance="rule", version="12"),))
    tags = keys.seal_facts(PERIOD, ref, "tags", sheet.model_dump(mode="json"))
    tagged = story.tagged().model_copy(update={"tags": tags})
    await reporting.receive(story.accepted(), recorded, tagged, story.case("open"))
    return story


async def test_the_words_are_masked_and_their_evidence_is_marked(reporting: ServiceUnderTest) -> None:
    await with_words(reporting)
    client = await reporting.client(Role.ANALYST)
    page = (await client.get("/reporting/problems", params={"period": PERIOD})).text
    assert "<mark>第三天才有人</mark>" in page
    assert "13800002046" not in page
    for shown in ("已隐去", "词库第 12 版规则", "/followup/cases/case-900", "/tagging/responses/response-900"):
        assert shown in page, shown


async def test_an_erased_customer_is_quoted_no_more(reporting: ServiceUnderTest) -> None:
    story = await with_words(reporting)
    await reporting.receive(CustomerErased(customer_ref=story.refs["customer_ref"], erased_at=DAY))
    client = await reporting.client(Role.ANALYST)
    page = (await client.get("/reporting/problems", params={"period": PERIOD})).text
    assert "第三天才有人" not in page
    assert "没有可显示的原话" in page


@pytest.mark.parametrize(("format", "magic"), [("pdf", b"%PDF"), ("xlsx", b"PK"), ("html", b"<!doctype html>")])
async def test_the_figures_of_the_moment_as_a_file(reporting: ServiceUnderTest, format: str, magic: bytes) -> None:
    await reporting.receive(*a_month(await month_keys(reporting)))
    await with_words(reporting)
    client = await reporting.client(Role.SUPERVISOR)
    answer = await client.get(f"/reporting/reports/{PERIOD}/file", params={"format": format, "revision": 0})
    assert answer.status_code == 200
    assert answer.content.startswith(magic)
    assert f'filename="aftercall-{PERIOD}.{format}"' in answer.headers["content-disposition"]
    assert "三天" not in answer.content.decode(errors="ignore")
    if format == "xlsx":
        rows = load_workbook(io.BytesIO(answer.content)).get_sheet_by_name("回答").to_python()
        found = (await client.get("/reporting/api/v1/responses", params={"period": PERIOD, "figure": "valid"})).json()
        assert len(rows) == 1 + found["total"]


async def test_an_unpublished_period_has_no_file_and_a_wrong_one_is_refused(reporting: ServiceUnderTest) -> None:
    client = await reporting.client(Role.ANALYST)
    assert (await client.get("/reporting/reports/2026-03/file")).status_code == 404
    assert (await client.get("/reporting/reports/2026-13/file")).status_code in (404, 422)
    assert (await client.get("/reporting/overview", params={"period": "2026-W99"})).status_code == 422


async def test_the_list_of_high_scorers_wants_a_reason_and_is_audited(reporting: ServiceUnderTest) -> None:
    await reporting.receive(*a_month(await month_keys(reporting)))
    client = await reporting.client(Role.SUPERVISOR)
    bare = await client.post("/reporting/profiles/export", data={"period": PERIOD, "reason": " "})
    assert bare.status_code == 422
    taken = await client.post("/reporting/profiles/export", data={"period": PERIOD, "reason": "十一月回馈"})
    assert taken.status_code == 200
    assert taken.text.splitlines()[0].lstrip("\ufeff") == "来源,最近的服务,5 分的次数,购买次数"
    admin = await reporting.client(Role.ADMIN)
    audit = (await admin.get("/staff/audit")).text
    assert "high scorers exported" in audit
    assert "十一月回馈" in audit


@pytest.mark.parametrize("role", [Role.AGENT, Role.DEPARTMENT, Role.CRM, None])
@pytest.mark.parametrize("path", ["problems", "conclusions", "people", "profiles", "reports", f"reports/{PERIOD}/file"])
async def test_others_may_not_read_the_pages(reporting: ServiceUnderTest, role: Role | None, path: str) -> None:
    source, department = ("crm" if role is Role.CRM else None), ("repair" if role is Role.DEPARTMENT else None)
    client = await reporting.client(role, token=role is not None, source=source, department=department)
    assert (await client.get(f"/reporting/{path}")).status_code == (403 if role else 401)
