"""Published reports: by the calendar, with numbers, and what was published stays."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from chassis.testing.harness import ServiceUnderTest, running
from chassis.testing.infra import Infra
from contracts.envelope import Event
from contracts.events.followup import CallbackRequested, ImprovementChanged
from contracts.events.reporting import ReportPublished
from contracts.vocabulary import Purpose, RequestState
from services.reporting.app import SERVICE
from services.reporting.calendar import period_of
from services.reporting.model import Report
from services.reporting.publishing import publish
from services.reporting.reports import open_report, published
from tests.integration.reporting.builders import DAY, NOW, PERIOD, Story, a_month, closing, month_keys

ZONE = ZoneInfo("Asia/Shanghai")
MONTH = period_of(PERIOD, ZONE)
WEEK = period_of("2026-W42", ZONE)
MORNING = datetime(2026, 11, 8, 22, tzinfo=UTC)  # six in the morning of a Monday in Shanghai


async def test_a_month_that_has_ended_is_published_on_a_monday_and_a_void_makes_the_next_number_a_week_later(
    reporting: ServiceUnderTest,
) -> None:
    keys = await month_keys(reporting)
    await reporting.receive(*a_month(keys))
    await reporting.run_until(MORNING - timedelta(seconds=1))
    assert await reporting.sent(ReportPublished) == []
    await reporting.run_until(MORNING)
    told = await reporting.sent(ReportPublished)
    assert [(one.period, one.revision) for one in told] == [("2026-W42", 1), (PERIOD, 1)]
    first = await stored(reporting, 1)
    assert (first.header.digest, first.header.revision) == (told[1].digest, 1)
    assert first.content.summary.figures["overall"].n == 65
    await reporting.receive(Story(0, keys).voided())
    await reporting.run_until(MORNING + timedelta(days=6))
    assert len(await reporting.sent(ReportPublished)) == 2
    await reporting.run_until(MORNING + timedelta(days=7))
    second = await stored(reporting, 2)
    assert second.content.summary.figures["overall"].n == 64
    assert second.header.digest != first.header.digest
    assert await stored(reporting, 1) == first
    assert [(one.period, one.revision) for one in await reporting.sent(ReportPublished)][2:] == [
        ("2026-W42", 2),
        (PERIOD, 2),
    ]
    await reporting.run_until(MORNING + timedelta(days=21))
    assert len(await reporting.sent(ReportPublished)) == 4


async def stored(service: ServiceUnderTest, revision: int) -> Report:
    found = await published(service.runtime, PERIOD, revision)
    assert found is not None
    return found


async def test_what_changes_no_figure_makes_no_revision(reporting: ServiceUnderTest) -> None:
    keys = await month_keys(reporting)
    await reporting.receive(*a_month(keys))
    assert await publish(reporting.runtime, MONTH) is not None
    await reporting.receive(Story(401, keys).case("solved", revision=3))
    assert await publish(reporting.runtime, MONTH) is None


async def test_order_and_repetition_do_not_change_one_digit_of_a_report(infra: Infra) -> None:
    digests = set()
    for seed in (None, 1):
        async with running(SERVICE, infra, now=NOW) as service:
            keys = await month_keys(service)
            events: list[Event] = [*a_month(keys), closing(), a_measure()]
            if seed is not None:
                chance = random.Random(seed)
                events += chance.sample(events, 200)
                chance.shuffle(events)
            for start in range(0, len(events), 97):
                await service.receive(*events[start : start + 97], again=True)
            month, week = await open_report(service.runtime, MONTH), await open_report(service.runtime, WEEK)
        digests.add((month.header.digest, week.header.digest))
    assert len(digests) == 1
    assert [one.measure for one in month.content.measures] == ["开工前先打电话"]
    steps = {row.step: row.n for row in week.content.weekly.steps} if week.content.weekly else {}
    assert steps["working"] == month.content.problems.by_department[0].opened


def a_measure() -> ImprovementChanged:
    return ImprovementChanged(
        improvement_id="measure-1",
        revision=1,
        period=PERIOD,
        row="problem/attitude",
        measure="开工前先打电话",
        department="repair",
        owner="repair.lead",
        due_on=(DAY + timedelta(days=40)).date(),
        state="open",
        changed_at=DAY + timedelta(days=25),
    )


async def test_a_week_is_a_domain_of_the_month_that_was_drawn(reporting: ServiceUnderTest) -> None:
    """All services of the invented month were completed in one week: its figures are those of the month."""
    await reporting.receive(*a_month(await month_keys(reporting)), closing())
    month, week = await open_report(reporting.runtime, MONTH), await open_report(reporting.runtime, WEEK)
    assert week.content.summary.figures == month.content.summary.figures
    assert week.content.summary.participation == month.content.summary.participation
    other = await open_report(reporting.runtime, period_of("2026-W43", ZONE))
    assert other.content.summary.figures["overall"].n == 0


async def test_a_score_far_from_its_stratum_is_asked_about_once_and_stays_in_the_figures(
    reporting: ServiceUnderTest,
) -> None:
    keys = await month_keys(reporting)
    stories = [Story(number, keys) for number in range(31)]
    await reporting.receive(*(one.accepted() for one in stories))
    heard = [one.answered(1 if one.number == 30 else 5) for one in stories]
    await reporting.receive(*(one.model_copy(update={"ended_at": NOW}) for one in heard))
    await reporting.run_until(NOW + timedelta(days=2))
    (asked,) = await reporting.sent(CallbackRequested)
    assert (asked.purpose, asked.about.response_id) == (Purpose.VERIFICATION, "response-30")
    report = await open_report(reporting.runtime, MONTH)
    assert [(one.response_id, one.score, one.verified) for one in report.content.anomalies] == [
        ("response-30", 1, False)
    ]
    assert report.content.summary.figures["overall"].n == 31
    await reporting.receive(stories[30].voided())
    await reporting.receive(stories[30].voided())
    _asked, withdrawn = await reporting.sent(CallbackRequested)
    assert (withdrawn.request_id, withdrawn.revision, withdrawn.state) == (asked.request_id, 2, RequestState.WITHDRAWN)


async def test_a_published_report_does_not_lie_open_in_the_database(reporting: ServiceUnderTest) -> None:
    await reporting.receive(*a_month(await month_keys(reporting)))
    assert await publish(reporting.runtime, MONTH) is not None
    (row,) = await reporting.query("SELECT to_jsonb(report)::text AS whole FROM report")
    assert PERIOD in row["whole"]
    for planted in ("response-", "安装一组", "attitude"):
        assert planted not in row["whole"]
