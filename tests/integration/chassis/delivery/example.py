"""A small service on the real chassis: it notes each accepted completion and tells one event for it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from chassis.runtime import Received, Service, Subscription
from chassis.transaction import Transaction
from contracts.envelope import Headers, type_of
from contracts.events.scheduler import CustomerErased, ServiceAccepted
from contracts.events.survey import OptOutRequested
from contracts.ids import event_id
from contracts.vocabulary import (
    Cell,
    Channel,
    CompletionRef,
    CustomerRef,
    Sealed,
    SuppressionScope,
    Verdict,
)

HERE = Path(__file__).parent
NOW = datetime(2026, 10, 15, 2, 0, tzinfo=UTC)
BROKEN = "breaks the handler"


async def note(tx: Transaction, batch: Sequence[Received]) -> None:
    """One effect row and one event for each; raises for a completion that says it breaks."""
    if any(one.event.reason == BROKEN for one in batch):
        raise ZeroDivisionError("the defect of this test")
    await tx.connection.executemany(
        "INSERT INTO effect (event_id, customer_ref, said) VALUES ($1, $2, $3)",
        [(one.event_id, one.event.customer_ref, one.event.service_id) for one in batch],
    )
    for one in batch:
        tx.emit(
            OptOutRequested(
                customer_ref=one.event.customer_ref,
                phone_index=one.event.service_id,
                scope=SuppressionScope.ALL,
                channel=Channel.PHONE,
                requested_at=tx.now,
            ),
            cause=one.event_id,
        )


async def forget(tx: Transaction, batch: Sequence[Received]) -> None:
    await tx.connection.executemany(
        "INSERT INTO effect (event_id, customer_ref, said) VALUES ($1, $2, 'erased')",
        [(one.event_id, one.event.customer_ref) for one in batch],
    )


EXAMPLE = Service(
    name="survey",
    migrations=HERE / "migrations",
    templates=HERE,
    locale=HERE,
    executes=("vault.letter_keys",),
    subscriptions=(Subscription(ServiceAccepted, note), Subscription(CustomerErased, forget)),
)


def an_acceptance(customer: str, service_id: str, *, reason: str = "drawn") -> ServiceAccepted:
    return ServiceAccepted(
        customer_ref=CustomerRef(customer),
        completion_ref=CompletionRef(f"completion-{service_id}"),
        source="crm",
        service_id=service_id,
        verdict=Verdict.SELECTED,
        reason=reason,
        scenario=None,
        period="2026-10",
        stratum="ordinary",
        rate_version=1,
        cell=Cell.FIRST,
        inclusion_probability=1.0,
        policy_version="1",
        accepted_at=NOW,
        completed_at=NOW,
        context=Sealed("s1.f.2026-10.x"),
    )


def record_of(event: ServiceAccepted | CustomerErased) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
    """Key, value and headers of a new event, as its producer would send them."""
    headers = Headers(event_id(NOW), "/test", type_of(type(event)), NOW, event.correlation())
    return event.key().encode(), event.model_dump_json().encode(), headers.encoded()
