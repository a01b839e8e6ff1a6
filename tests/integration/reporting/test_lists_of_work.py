"""Counts of calls, steps and cases open lists that are as long as they say; outcome counts of a week too."""

import re
from html import unescape
from zoneinfo import ZoneInfo

from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest
from contracts.vocabulary import Channel, Disposition
from services.reporting.calendar import week_of
from tests.integration.reporting.builders import DAY, PERIOD, Story, a_month, month_keys

TOTAL = re.compile(r"这个数字计了 ([\d,]+) ")
LINK = re.compile(
    r'href="(/reporting/(?:calls|steps|followups|outcomes|cases)\?[^"]+)"[^>]*>(?:[^<]*<strong>)?([\d,]+)<'
)


async def with_calls(reporting: ServiceUnderTest) -> None:
    """A month, and five calls by one agent, of which three were answered and one record was never finished."""
    keys = await month_keys(reporting)
    await reporting.receive(*a_month(keys))
    for number in range(900, 905):
        story = Story(number, keys, stratum="complaint")
        answered = number % 2 == 0
        told = {"channel": Channel.PHONE, "agent": "lin", "started_at": DAY, "ended_at": DAY,
                "connected_at": DAY if answered else None, "wrapup_missing": number == 904}  # fmt: skip
        disposition = Disposition.COMPLETE if answered else Disposition.NO_ANSWER
        await reporting.receive(story.accepted(), story.attempted(disposition).model_copy(update=told))


async def links_of(reporting: ServiceUnderTest, path: str, period: str) -> dict[str, int]:
    client = await reporting.client(Role.ANALYST)
    page = (await client.get(path, params={"period": period})).text
    return {unescape(link): int(number.replace(",", "")) for link, number in LINK.findall(page)}


async def test_every_count_opens_as_many_as_it_says(reporting: ServiceUnderTest) -> None:
    await with_calls(reporting)
    week = week_of(DAY.date(), ZoneInfo("Asia/Shanghai")).key
    client, seen = await reporting.client(Role.ANALYST), set[str]()
    for path, period in (
        ("people", PERIOD), ("monthly", PERIOD), ("problems", PERIOD), ("weekly", week), ("overview", week),
    ):  # fmt: skip
        for link, number in (await links_of(reporting, f"/reporting/{path}", period)).items():
            page = await client.get(link)
            assert page.status_code == 200, link
            told = TOTAL.search(page.text)
            assert told is not None, link
            assert int(told[1].replace(",", "")) == number, link
            seen.add(link.partition("?")[0])
    assert seen == {f"/reporting/{name}" for name in ("calls", "steps", "followups", "outcomes", "cases")}


async def test_a_list_of_calls_names_services_and_no_customer(reporting: ServiceUnderTest) -> None:
    await with_calls(reporting)
    client = await reporting.client(Role.SUPERVISOR)
    page = (await client.get("/reporting/calls", params={"period": PERIOD, "agent": "lin"})).text
    for shown in ("S-00900", "S-00903", "无人接听", "没有完成", "/scheduler/why/crm/S-00900"):
        assert shown in page, shown
    assert "customer-" not in page


async def test_a_word_that_names_no_list_is_refused(reporting: ServiceUnderTest) -> None:
    client = await reporting.client(Role.ANALYST)
    for address in ("calls?selection=mood", "steps?step=mood", "followups?part=mood", "calls?band=loud"):
        assert (await client.get(f"/reporting/{address}")).status_code == 422, address
