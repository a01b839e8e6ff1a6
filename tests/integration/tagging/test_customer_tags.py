"""Tags of customers: worked out from their history behind the events, told when they change, with why."""

from datetime import timedelta
from typing import Any

from chassis.testing.harness import ServiceUnderTest
from contracts.context import ServiceContext
from contracts.events.scheduler import ServiceAccepted
from contracts.events.tagging import CustomerTagged, CustomerTagSheet
from contracts.vocabulary import Scenario
from tests.integration.tagging.builders import AT, MONTH, REF, a_response
from tests.integration.tagging.test_routing_of_items import voiding


async def a_service(
    service: ServiceUnderTest, number: int, *, level: str | None = None, **given: Any
) -> ServiceAccepted:
    keys = await service.runtime.vault.keyring(facts=[MONTH])
    context = ServiceContext(completed_at=AT, level=level)
    document: dict[str, Any] = {
        "customer_ref": REF, "completion_ref": f"completion-{number}", "source": "crm", "service_id": f"S-{number}",
        "verdict": "selected", "reason": "drawn", "scenario": Scenario.AFTER_SALE, "period": MONTH, "stratum": "vip",
        "rate_version": 1, "cell": "first", "inclusion_probability": 1.0, "policy_version": "1", "accepted_at": AT,
        "completed_at": AT, "context": keys.seal_facts(MONTH, REF, "context", context),
    }  # fmt: skip
    return ServiceAccepted.model_validate(document | given)


async def told(service: ServiceUnderTest) -> list[list[tuple[str, str]]]:
    """(tag, why) of each `customer-tagged` so far."""
    await service.tick()
    events = await service.sent(CustomerTagged)
    assert [event.revision for event in events] == list(range(1, len(events) + 1))
    keys = await service.runtime.vault.keyring(facts=[f"{event.tagged_at:%Y-%m}" for event in events])
    sheets = [keys.open_as(CustomerTagSheet, REF, "customer_tags", event.tags) for event in events]
    return [[(m.code, m.because) for m in s.marks] for s in sheets if isinstance(s, CustomerTagSheet)]


async def low(service: ServiceUnderTest, number: int, text: str = "", score: int = 1) -> Any:
    return await a_response(
        service, score, text, response_id=f"response-{number}", completion_ref=f"completion-{number}"
    )


async def test_a_level_makes_a_high_value_customer_told_once(tagging: ServiceUnderTest) -> None:
    accepted = await a_service(tagging, 1, level="VIP3")
    await tagging.receive(accepted)
    await tagging.receive(accepted)
    await tagging.receive(await a_service(tagging, 2, level="VIP3"))
    assert await told(tagging) == [[("high_value", "level")]]


async def test_an_ordinary_customer_is_not_told_of(tagging: ServiceUnderTest) -> None:
    await tagging.receive(await a_service(tagging, 1), await low(tagging, 1))
    assert await told(tagging) == []


async def test_the_second_low_score_makes_a_risk_and_voiding_it_takes_the_tag_back(tagging: ServiceUnderTest) -> None:
    second = await low(tagging, 2)
    await tagging.receive(await low(tagging, 1), second)
    assert await told(tagging) == [[("complaint_risk", "low_scores")]]
    await tagging.receive(voiding(second))
    assert await told(tagging) == [[("complaint_risk", "low_scores")], []]


async def test_a_void_before_its_response_leaves_no_trace(tagging: ServiceUnderTest) -> None:
    second = await low(tagging, 2)
    await tagging.receive(voiding(second))
    await tagging.receive(await low(tagging, 1), second)
    assert await told(tagging) == []


async def test_words_that_threaten_make_a_risk_at_once(tagging: ServiceUnderTest) -> None:
    await tagging.receive(await low(tagging, 1, "再不解决我就打12315。"))
    assert await told(tagging) == [[("complaint_risk", "signs")]]


async def test_suggestions_of_a_year_make_an_active_suggester_and_age(tagging: ServiceUnderTest) -> None:
    for number in range(3):
        await tagging.receive(await low(tagging, number, "建议增加短信通知。", score=5))
    assert await told(tagging) == [[("active_suggester", "suggestions")]]
    await tagging.step_to(AT + timedelta(days=366))
    assert await told(tagging) == [[("active_suggester", "suggestions")], []]


async def test_the_order_of_events_makes_no_difference(tagging: ServiceUnderTest) -> None:
    await tagging.receive(await low(tagging, 2))
    await told(tagging)
    await tagging.receive(await a_service(tagging, 3, level="VIP1"), await low(tagging, 1))
    assert (await told(tagging))[-1] == [("high_value", "level"), ("complaint_risk", "low_scores")]
