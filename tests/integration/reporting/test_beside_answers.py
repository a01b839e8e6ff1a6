"""What the report keeps besides answers: rates, promises, measures, customer tags, erasures."""

from datetime import date, timedelta

from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest
from contracts.envelope import Event
from contracts.events.followup import ImprovementChanged, PromiseChanged
from contracts.events.scheduler import CustomerErased, SamplingPeriodOpened, StratumRate
from contracts.events.tagging import CustomerTagged
from contracts.vocabulary import CustomerRef, PromiseId, PromiseState, ResponseId, Verdict
from tests.integration.reporting.builders import DAY, PERIOD, Story, closing, month_keys


def opening() -> SamplingPeriodOpened:
    rate = StratumRate(stratum="after_sale/other", rate_version=1, rate=0.155, expected=200, certainty=False)
    return SamplingPeriodOpened(
        period=PERIOD, secret_digest="0" * 64, rates=(rate,), policy_digest="0" * 64, opened_at=DAY
    )


def promise(story: Story, state: PromiseState, revision: int) -> PromiseChanged:
    return PromiseChanged(
        **story.refs,
        promise_id=PromiseId("promise-1"),
        revision=revision,
        response_id=ResponseId(story.response_id),
        case_id=None,
        state=state,
        department="repair",
        due_at=DAY + timedelta(days=2),
        changed_at=DAY + timedelta(days=revision),
    )


def measure(state: str, revision: int) -> ImprovementChanged:
    return ImprovementChanged(
        improvement_id="m-1",
        revision=revision,
        period=PERIOD,
        row="attitude",
        owner="owner",
        due_on=date(2026, 11, 20),
        state=state,
        changed_at=DAY,
    )


async def twice(service: ServiceUnderTest, *events: Event) -> None:
    await service.receive(*events)
    await service.receive(*events, again=True)
    await service.receive(*reversed(events))


async def test_the_rate_of_a_stratum_is_shown_whether_opening_or_closing_comes_first(
    reporting: ServiceUnderTest,
) -> None:
    story = Story(1, await month_keys(reporting))
    await twice(reporting, closing(), story.accepted(Verdict.NOT_DRAWN), opening())
    client = await reporting.client(Role.ANALYST, token=True)
    found = (await client.get("/reporting/api/v1/summary", params={"period": PERIOD})).json()
    rates = {row["stratum"]: (row["rate"], row["certainty"]) for row in found["strata"]}
    assert rates == {"after_sale/other": (0.155, False), "complaint": (None, None)}
    assert not found["provisional"]


async def test_a_broken_promise_is_shown_beside_its_answer(reporting: ServiceUnderTest) -> None:
    story = Story(1, await month_keys(reporting))
    kept, broken = promise(story, PromiseState.KEPT, 2), promise(story, PromiseState.BROKEN, 3)
    await twice(reporting, broken, promise(story, PromiseState.OPEN, 1), kept, story.accepted(), story.answered(2))
    client = await reporting.client(Role.ANALYST)
    page = (await client.get("/reporting/cases", params={"period": PERIOD})).text
    assert "承诺未兑现" in page
    assert "承诺已兑现" not in page


async def test_the_newest_revision_of_a_measure_and_of_customer_tags_holds(reporting: ServiceUnderTest) -> None:
    keys = await month_keys(reporting)
    tags = [
        CustomerTagged(
            customer_ref=CustomerRef("c"),
            tags=keys.seal_facts(PERIOD, "c", "customer_tags", [code]),
            revision=revision,
            tagged_at=DAY,
        )
        for revision, code in ((2, "suggester"), (1, "high_value"))
    ]
    await twice(reporting, measure("done", 2), measure("open", 1), *tags)
    measures = await reporting.query("SELECT state, revision FROM improvement")
    assert [tuple(row) for row in measures] == [("done", 2)]
    (stored,) = await reporting.query("SELECT tags_sealed FROM customer_tags")
    assert keys.open("c", "customer_tags", stored["tags_sealed"]) == ["suggester"]


async def test_an_erasure_is_named_in_lists_and_moves_no_figure(reporting: ServiceUnderTest) -> None:
    story = Story(1, await month_keys(reporting))
    client = await reporting.client(Role.ANALYST)
    await reporting.receive(story.accepted(), story.answered(4))
    before = (await client.get("/reporting/api/v1/summary", params={"period": PERIOD})).json()
    await twice(reporting, CustomerErased(customer_ref=CustomerRef(story.refs["customer_ref"]), erased_at=DAY))
    after = (await client.get("/reporting/api/v1/summary", params={"period": PERIOD})).json()
    assert after == before
    assert "客户已擦除" in (await client.get("/reporting/cases", params={"period": PERIOD})).text
