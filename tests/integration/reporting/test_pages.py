"""The pages of the report: the same figures as the API, every n a link that opens what it counts."""

import re

import pytest

from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest
from contracts.vocabulary import Verdict
from tests.integration.reporting.builders import PERIOD, Story, a_month, closing, month_keys

COUNTED_LINK = re.compile(r'href="(/reporting/cases\?[^"]+)"')


async def test_a_month_without_data_says_so(reporting: ServiceUnderTest) -> None:
    client = await reporting.client(Role.ANALYST)
    page = await client.get("/reporting/overview", params={"period": "2026-03"})
    assert page.status_code == 200
    assert "2026 年 3 月 还没有数据" in page.text
    assert "estimate-figure" not in page.text
    empty = (await client.get("/reporting/api/v1/summary", params={"period": "2026-03"})).json()
    assert (empty["figures"]["overall"]["estimate"], empty["figures"]["overall"]["n"]) == (None, 0)


async def test_the_page_shows_the_figures_of_the_api(reporting: ServiceUnderTest) -> None:
    await reporting.receive(*a_month(await month_keys(reporting)), closing())
    client = await reporting.client(Role.ANALYST)
    page = (await client.get("/reporting/overview", params={"period": PERIOD})).text
    found = (await client.get("/reporting/api/v1/summary", params={"period": PERIOD})).json()
    overall = found["figures"]["overall"]
    assert f"{overall['estimate']:.2f}" in page
    assert f"95% 区间 {overall['low']:.2f} – {overall['high']:.2f}" in page
    assert f"未加权均值为 {overall['raw']:.2f}" in page
    assert "投诉处理占服务的" in page
    assert found["sha256"][:8] in page


async def test_every_number_opens_as_many_responses_as_it_says(reporting: ServiceUnderTest) -> None:
    await reporting.receive(*a_month(await month_keys(reporting)))
    client = await reporting.client(Role.ANALYST)
    found = (await client.get("/reporting/api/v1/summary", params={"period": PERIOD})).json()
    for figure, content in found["figures"].items():
        opened = await client.get("/reporting/api/v1/responses", params={"period": PERIOD, "figure": figure})
        assert opened.json()["total"] == content["n"], figure
    page = (await client.get("/reporting/overview", params={"period": PERIOD})).text
    links = {link.replace("&amp;", "&") for link in COUNTED_LINK.findall(page)}
    assert len(links) >= 12
    for link in links:
        assert (await client.get(link)).status_code == 200, link


async def test_the_list_shows_score_case_and_no_person(reporting: ServiceUnderTest) -> None:
    story = Story(1, await month_keys(reporting))
    await reporting.receive(story.accepted(), story.answered(2, nps=3, flags=["too_fast"]), story.tagged("attitude"))
    await reporting.receive(story.case("open"), story.case("working", revision=2))
    client = await reporting.client(Role.SUPERVISOR)
    page = (await client.get("/reporting/cases", params={"period": PERIOD, "figure": "overall"})).text
    for shown in ("S-00001", "2 不满意", "NPS 3", "态度问题", "作答过快", "处理中", "/followup/cases/case-1"):
        assert shown in page
    assert "customer-1" not in page


async def test_an_outcome_count_opens_its_services(reporting: ServiceUnderTest) -> None:
    await reporting.receive(*a_month(await month_keys(reporting)))
    client = await reporting.client(Role.ANALYST)
    page = (await client.get("/reporting/outcomes", params={"period": PERIOD, "outcome": "NC"})).text
    assert "这个数字计了 45 件抽中的服务" in page
    assert "多次未接通" in page


async def test_the_strata_hide_weights_until_the_period_has_closed(reporting: ServiceUnderTest) -> None:
    await reporting.receive(*a_month(await month_keys(reporting)))
    client = await reporting.client(Role.ADMIN)
    assert "10.00" not in (await client.get("/reporting/strata", params={"period": PERIOD})).text
    await reporting.receive(closing())
    page = (await client.get("/reporting/strata", params={"period": PERIOD})).text
    assert "10.00" in page
    assert "售后 · 其他" in page


async def test_without_a_month_the_newest_one_is_shown(reporting: ServiceUnderTest) -> None:
    await reporting.receive(Story(1, await month_keys(reporting)).accepted(Verdict.NOT_DRAWN))
    client = await reporting.client(Role.ANALYST, token=True)
    assert (await client.get("/reporting/api/v1/summary")).json()["period"] == PERIOD


@pytest.mark.parametrize(
    ("query", "field"),
    [({"period": "2026-13"}, "period"), ({"period": PERIOD, "figure": "mood"}, "figure"), ({"page": "0"}, "page")],
)
async def test_a_wrong_question_is_refused_by_its_field(
    reporting: ServiceUnderTest, query: dict[str, str], field: str
) -> None:
    client = await reporting.client(Role.ANALYST, token=True)
    answer = await client.get("/reporting/api/v1/responses", params=query)
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert field in str(answer.json()["errors"])


@pytest.mark.parametrize("role", [Role.AGENT, Role.DEPARTMENT, Role.CRM, None])
async def test_others_may_not_read_figures(reporting: ServiceUnderTest, role: Role | None) -> None:
    source, department = ("crm" if role is Role.CRM else None), ("repair" if role is Role.DEPARTMENT else None)
    client = await reporting.client(role, token=role is not None, source=source, department=department)
    answer = await client.get("/reporting/api/v1/summary")
    assert answer.status_code == (403 if role else 401)
