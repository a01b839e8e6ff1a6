"""The doors of figures: filters, lists as CSV, published reports, and what readers without case access get."""

import csv
import io
from zoneinfo import ZoneInfo

import pytest

from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest
from services.reporting.calendar import period_of
from services.reporting.publishing import publish
from tests.integration.reporting.builders import PERIOD, Story, a_month, closing, month_keys

API = "/reporting/api/v1"
MONTH, WEEK = (period_of(key, ZoneInfo("Asia/Shanghai")) for key in (PERIOD, "2026-W42"))


async def test_a_filter_restricts_the_figures_and_the_list_alike(reporting: ServiceUnderTest) -> None:
    await reporting.receive(*a_month(await month_keys(reporting)), closing())
    client = await reporting.client(Role.ANALYST, token=True)
    asked = {"period": PERIOD, "scenario": "complaint"}
    found = (await client.get(f"{API}/summary", params=asked)).json()
    listed = (await client.get(f"{API}/responses", params={**asked, "figure": "overall"})).json()
    assert found["figures"]["overall"]["n"] == 65
    assert found["filtered"]["overall"]["n"] == listed["total"] == 25
    assert found["filtered"]["overall"]["drill"]["filters"]["scenario"] == "complaint"
    whole = (await client.get(f"{API}/summary", params={"period": PERIOD})).json()
    assert whole["filtered"] is None
    assert whole["sha256"] == found["sha256"]


async def test_a_week_can_be_asked_for_and_a_week_that_is_none_is_refused(reporting: ServiceUnderTest) -> None:
    await reporting.receive(*a_month(await month_keys(reporting)))
    client = await reporting.client(Role.ANALYST, token=True)
    week = await client.get(f"{API}/summary", params={"period": "2026-W42"})
    assert (week.status_code, week.json()["figures"]["overall"]["n"]) == (200, 65)
    assert (await client.get(f"{API}/summary", params={"period": "2025-W53"})).status_code == 422


async def test_the_export_has_a_row_for_every_response_and_runs_nothing(reporting: ServiceUnderTest) -> None:
    keys = await month_keys(reporting)
    await reporting.receive(*a_month(keys))
    odd = Story(900, keys)
    await reporting.receive(odd.accepted().model_copy(update={"service_id": "=1+1"}), odd.answered(4))
    client = await reporting.client(Role.ANALYST, token=True)
    answer = await client.get(f"{API}/responses.csv", params={"period": PERIOD})
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 66
    assert {row["service_id"][:1] for row in rows} == {"S", "'"}
    assert next(row for row in rows if row["service_id"].startswith("'"))["overall"] == "4"


async def test_readers_without_case_access_get_the_newest_month_with_small_cells_hidden(
    reporting: ServiceUnderTest,
) -> None:
    keys = await month_keys(reporting)
    few = [Story(number, keys, stratum="vip") for number in range(500, 503)]
    await reporting.receive(*a_month(keys), *(one.accepted() for one in few), *(one.answered(5) for one in few))
    for period in (MONTH, WEEK):
        assert await publish(reporting.runtime, period) is not None
    analyst = await reporting.client(Role.ANALYST, token=True)
    agent = await reporting.client(Role.AGENT, token=True)
    path = f"{API}/reports/{PERIOD}"
    whole, told = (await analyst.get(path)).json(), (await agent.get(path)).json()
    assert {row["stratum"]: row["answered"] for row in whole["content"]["summary"]["strata"]} == {
        "after_sale/other": 40, "complaint": 25, "vip": 3,
    }  # fmt: skip
    assert {row["stratum"]: row["answered"] for row in told["content"]["summary"]["strata"]} == {
        "after_sale/other": 40, "merged": 28,
    }  # fmt: skip
    assert (await agent.get(f"{API}/reports/2026-W42")).status_code == 403
    assert (await agent.get(path, params={"revision": 1})).status_code == 403
    assert (await agent.get(f"{API}/responses")).status_code == 403
    mine = (await agent.get(f"{API}/reports")).json()["reports"]
    assert [(one["period"], one["revision"]) for one in mine] == [(PERIOD, 1)]


@pytest.mark.parametrize("revision", ["2", "99"])
async def test_a_revision_that_is_not_there_is_not_found(reporting: ServiceUnderTest, revision: str) -> None:
    client = await reporting.client(Role.ANALYST, token=True)
    answer = await client.get(f"{API}/reports/{PERIOD}", params={"revision": revision})
    assert answer.status_code == 404
