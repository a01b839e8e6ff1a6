"""Permits as scheduler would give them, sealed by the real vault."""

from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.testing.harness import ServiceUnderTest
from contracts.context import ContactData, ServiceContext, ServiceNarrative
from contracts.events.scheduler import CallbackCancelled, CallbackClosed, CallbackDue, ContactSuppressed
from contracts.vocabulary import Scenario

NOW = datetime(2026, 10, 20, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai
HOUR = timedelta(hours=1)
MONTH = "2026-10"
REF = "customer-1"
PHONE = "+8613800138000"
EMAIL = "customer-a@example.com"
NAME = "客户甲"


def a_part(**given: Any) -> dict[str, Any]:
    return {"part_id": "p1", "purpose": "survey", "round": 1, "questionnaire": "after_sale"} | given


async def a_permit(
    service: ServiceUnderTest, *, callback: str = "cb-1", number: int = 1, ref: str = REF, channel: str = "email",
    phone: str | None = PHONE, email: str | None = EMAIL, **given: Any,
) -> CallbackDue:  # fmt: skip
    """Leave for one contact that may start now and in the next six hours."""
    vault = service.runtime.vault
    keys = await vault.keyring(contact=[ref], text=[ref], facts=[MONTH])
    contact = ContactData(name=NAME, phone=phone, email=email)
    context = ServiceContext(scenario=Scenario.AFTER_SALE, completed_at=NOW - HOUR, product="JSQ30-A")
    narrative = ServiceNarrative(problem_type="不出热水")
    document: dict[str, Any] = {
        "customer_ref": ref, "completion_ref": f"completion-of-{callback}", "callback_id": callback,
        "permit_no": number, "parts": [a_part()], "scenario": "after_sale", "source": "crm",
        "service_id": f"S-{callback}", "channel": channel, "channel_reason": "random",
        "deadline": NOW + 20 * HOUR, "not_after": NOW + 44 * HOUR,
        "intervals": [{"begins": NOW - HOUR, "ends": NOW + 6 * HOUR}], "zone": "Asia/Shanghai", "maximum_minutes": 15,
        "priority": 4, "skill": "general",
        "phone_index": vault.phone_index(phone) if phone else None,
        "email_index": vault.email_index(email) if email else None,
        "contact": keys.seal_contact(ref, "contact", contact.model_dump(mode="json")),
        "context": keys.seal_facts(MONTH, ref, "context", context.model_dump(mode="json")),
        "narrative": keys.seal_text(ref, "narrative", narrative.model_dump(mode="json")),
    }  # fmt: skip
    return CallbackDue.model_validate(document | given)


def cancelled(permit: CallbackDue, reason: str = "withdrawn") -> CallbackCancelled:
    document = permit.model_dump(include={"customer_ref", "completion_ref", "callback_id", "permit_no"})
    return CallbackCancelled.model_validate(document | {"reason": reason})


def closed(permit: CallbackDue, explanation: str) -> CallbackClosed:
    document = permit.model_dump(include={"customer_ref", "completion_ref", "callback_id", "parts"})
    return CallbackClosed.model_validate(
        document | {"explanation": explanation, "permits": 1, "closed_at": NOW + 90 * HOUR}
    )


def suppressed(
    permit: CallbackDue, *, scope: str = "all", sequence: int = 1, state: str = "suppressed"
) -> ContactSuppressed:
    document = permit.model_dump(include={"customer_ref", "phone_index", "email_index"})
    return ContactSuppressed.model_validate(
        document | {"scope": scope, "state": state, "sequence": sequence, "since": NOW}
    )
