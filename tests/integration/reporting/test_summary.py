"""From events to figures: any order, any repetition, the same report."""

import random
from typing import Any

import pytest

from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest, running
from chassis.testing.infra import Infra
from contracts.envelope import Event
from contracts.events.parts import About
from contracts.vocabulary import Explanation, Purpose, ResponseStatus, Verdict
from services.reporting.app import SERVICE
from tests.integration.reporting.builders import NOW, PERIOD, Story, a_month, closing, month_keys


async def summary(service: ServiceUnderTest, period: str = PERIOD) -> dict[str, Any]:
    client = await service.client(Role.ANALYST, token=True)
    answer = await client.get("/reporting/api/v1/summary", params={"period": period})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_weighted_mean_stands_for_all_services_and_the_raw_one_does_not(reporting: ServiceUnderTest) -> None:
    keys = await month_keys(reporting)
    events = [Story(n, keys).accepted(Verdict.SELECTED if n < 20 else Verdict.NOT_DRAWN) for n in range(100)]
    events += [Story(n, keys, stratum="complaint").accepted() for n in range(100, 110)]
    answers = [Story(n, keys).answered(5 if n % 2 else 4) for n in range(10)]
    answers += [Story(n, keys).answered(2) for n in range(100, 110)]
    await reporting.receive(*events, *answers)
    figure = (await summary(reporting))["figures"]["overall"]
    assert figure["raw"] == pytest.approx((10 * 4.5 + 10 * 2) / 20)
    assert figure["estimate"] == pytest.approx((100 * 4.5 + 10 * 2) / 110)
    assert figure["n"] == 20
    assert figure["low"] < figure["estimate"] < figure["high"]


async def test_order_and_repetition_do_not_change_one_digit(infra: Infra) -> None:
    digests = set()
    for seed in (None, 1, 2):
        async with running(SERVICE, infra, now=NOW) as service:
            keys = await month_keys(service)
            await tell(service, [*a_month(keys), closing()], seed)
            found = await summary(service)
        assert found["figures"]["overall"]["n"] == 65
        assert not found["provisional"]
        digests.add(found["sha256"])
    assert len(digests) == 1


async def tell(service: ServiceUnderTest, events: list[Event], seed: int | None) -> None:
    """In order and once without a seed; else shuffled, some again with their ids, some again in new envelopes."""
    told = list(events)
    if seed is not None:
        chance = random.Random(seed)
        told += chance.sample(events, 200)
        chance.shuffle(told)
        await service.receive(*chance.sample(events, 150))
    for start in range(0, len(told), 97):
        await service.receive(*told[start : start + 97], again=True)


async def test_a_later_revision_replaces_the_answer_whatever_comes_first(reporting: ServiceUnderTest) -> None:
    story = Story(1, await month_keys(reporting))
    await reporting.receive(story.answered(5, revision=2), story.answered(1, revision=1), story.accepted())
    figure = (await summary(reporting))["figures"]["overall"]
    assert (figure["estimate"], figure["n"]) == (5, 1)


async def test_a_change_is_seen_by_the_next_reader(reporting: ServiceUnderTest) -> None:
    story = Story(1, await month_keys(reporting))
    await reporting.receive(story.accepted(), story.answered(4))
    assert (await summary(reporting))["figures"]["overall"]["estimate"] == 4
    await reporting.receive(story.answered(2, revision=2))
    assert (await summary(reporting))["figures"]["overall"]["estimate"] == 2


async def test_a_void_before_its_response_still_voids_it(reporting: ServiceUnderTest) -> None:
    story = Story(1, await month_keys(reporting))
    await reporting.receive(story.voided())
    await reporting.receive(story.accepted(), story.answered(1))
    found = await summary(reporting)
    assert found["figures"]["overall"]["n"] == 0
    assert found["outside"]["voided"] == 1
    assert found["participation"]["participation"]["count"] == 1
    assert found["participation"]["recovery"]["count"] == 0


async def test_only_survey_answers_enter_figures_and_progress_is_the_after_of_a_pair(
    reporting: ServiceUnderTest,
) -> None:
    story = Story(1, await month_keys(reporting))
    after = story.answered(
        4, response_id="after-1", purpose=Purpose.PROGRESS, about=About(response_id=story.response_id)
    )
    await reporting.receive(story.accepted(), after, story.answered(2))
    found = await summary(reporting)
    assert (found["figures"]["overall"]["estimate"], found["figures"]["overall"]["n"]) == (2, 1)
    assert found["recovery"] == {"pairs": 1, "before": 2, "after": 4, "recovered": {"count": 1, "of": 1, "value": 1}}


async def test_a_progress_answer_about_a_case_finds_the_first_answer_through_it(reporting: ServiceUnderTest) -> None:
    story = Story(1, await month_keys(reporting))
    after = story.answered(1, response_id="after-1", purpose=Purpose.PROGRESS, about=About(case_id="case-1"))
    await reporting.receive(after, story.accepted(), story.answered(2), story.case("open"))
    recovery = (await summary(reporting))["recovery"]
    assert (recovery["pairs"], recovery["recovered"]["count"]) == (1, 0)


async def test_answers_outside_the_design_are_shown_apart(reporting: ServiceUnderTest) -> None:
    keys = await month_keys(reporting)
    drawn, other = Story(1, keys), Story(2, keys)
    await reporting.receive(drawn.accepted(), drawn.answered(5))
    await reporting.receive(other.accepted(Verdict.NOT_DRAWN), other.answered(1, in_design=False))
    found = await summary(reporting)
    assert (found["figures"]["overall"]["estimate"], found["figures"]["overall"]["n"]) == (5, 1)
    assert (found["outside"]["outside_design"], found["outside"]["outside_design_mean"]) == (1, 1)


async def test_one_service_speaks_once(reporting: ServiceUnderTest) -> None:
    story = Story(1, await month_keys(reporting))
    await reporting.receive(story.accepted(), story.answered(5), story.answered(1, response_id="zz-second"))
    found = await summary(reporting)
    assert (found["figures"]["overall"]["n"], found["outside"]["repeated"]) == (1, 1)


async def test_below_the_minimum_n_no_interval_is_printed(reporting: ServiceUnderTest) -> None:
    keys = await month_keys(reporting)
    for number in range(9):
        story = Story(number, keys)
        await reporting.receive(story.accepted(), story.answered(4 + number % 2))
    nine = (await summary(reporting))["figures"]["overall"]
    assert (nine["n"], nine["enough"], nine["low"], nine["high"]) == (9, False, None, None)


async def test_outcomes_follow_the_table_and_what_is_open_is_unknown(reporting: ServiceUnderTest) -> None:
    keys = await month_keys(reporting)
    ends = {1: Explanation.COMPLETE, 2: Explanation.REFUSED, 3: Explanation.EXHAUSTED, 4: Explanation.OPTED_OUT}
    stories = [Story(n, keys) for n in range(1, 8)]
    await reporting.receive(*(story.closed(ends[story.number]) for story in stories if story.number in ends))
    await reporting.receive(*(story.accepted() for story in stories))
    await reporting.receive(stories[5].answered(3, status=ResponseStatus.PARTIAL))
    aapor = (await summary(reporting))["aapor"]
    assert aapor["counts"] == {"I": 1, "P": 1, "R": 2, "NC": 1, "O": 0, "U": 2}
    assert aapor["open"] == 2
    assert aapor["rr1"] == {"count": 1, "of": 7, "value": pytest.approx(1 / 7)}


async def test_before_the_period_closes_no_weight_is_shown(reporting: ServiceUnderTest) -> None:
    keys = await month_keys(reporting)
    await reporting.receive(*a_month(keys))
    before = await summary(reporting)
    assert before["provisional"]
    assert all(row["weight"] is None for row in before["strata"])
    await reporting.receive(closing())
    after = await summary(reporting)
    assert {row["stratum"]: row["weight"] for row in after["strata"]} == {"after_sale/other": 10, "complaint": 30 / 25}
    assert after["figures"]["overall"]["estimate"] == pytest.approx(before["figures"]["overall"]["estimate"])


async def test_a_problem_counts_once_the_answer_is_tagged(reporting: ServiceUnderTest) -> None:
    keys = await month_keys(reporting)
    stories = [Story(n, keys) for n in range(12)]
    await reporting.receive(*(s.accepted() for s in stories), *(s.answered(3) for s in stories))
    assert (await summary(reporting))["figures"]["problem"]["n"] == 0
    await reporting.receive(*(s.tagged(*(["attitude"] if s.number < 3 else [])) for s in stories))
    problem = (await summary(reporting))["figures"]["problem"]
    assert (problem["n"], problem["estimate"]) == (12, pytest.approx(0.25))


async def test_no_score_lies_open_in_the_database(reporting: ServiceUnderTest) -> None:
    keys = await month_keys(reporting)
    await reporting.receive(
        Story(1, keys).accepted(), Story(1, keys).answered(2, nps=3), Story(1, keys).tagged("attitude")
    )
    tables = await reporting.query(
        "SELECT format('SELECT to_jsonb(t)::text FROM %I AS t', table_name) AS statement "
        "FROM information_schema.tables WHERE table_schema = 'reporting' AND table_type = 'BASE TABLE'"
    )
    dump = ""
    for table in tables:
        dump += str(await reporting.query(table["statement"]))
    assert "response-1" in dump
    for planted in ("likelihood", "attitude", "热水器维修", "安装一组"):
        assert planted not in dump
