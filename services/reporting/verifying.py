"""Answers far from their stratum: a person asks once more. They stay in the figures until a person voids them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import polars as pl

from chassis.runtime import Runtime
from chassis.transaction import Transaction
from contracts.events.followup import CallbackRequested
from contracts.events.parts import About
from contracts.ids import named_id
from contracts.vocabulary import CompletionRef, CustomerRef, Purpose, RequestState, ResponseId
from services.reporting.calendar import ReportPeriod
from services.reporting.composing.checks import anomalies
from services.reporting.reports import span_of
from services.reporting.store import verifications as store
from services.reporting.store.verifications import Wanted

REMEMBERED = timedelta(days=7)  # an older answer is not asked about: the customer has forgotten it
WITHIN = timedelta(hours=72)


async def ask_for_verification(runtime: Runtime, period: ReportPeriod) -> int:
    """Asks once for each, whatever happens; not for a 1 without its reason, about which survey asks at once."""
    now = await runtime.now()
    span = await span_of(runtime, period, current=True)
    far = [one.response_id for one in anomalies(span) if not one.verified]
    fresh = (pl.col("ended_at") >= now - REMEMBERED) & ~pl.col("erased") & ~pl.col("unexplained").fill_null(False)
    rows = span.frame.filter(pl.col("response_id").is_in(far) & fresh).sort("response_id")
    wanted = [
        Wanted(response_id, named_id("verification", "far", response_id), customer_ref, completion_ref, 1, now + WITHIN)
        for response_id, customer_ref, completion_ref in rows.select(
            "response_id", "customer_ref", "completion_ref"
        ).iter_rows()
    ]
    if not wanted:
        return 0
    async with runtime.transaction(customers=sorted({one.customer_ref for one in wanted})) as tx:
        asked = await store.ask(tx.connection, wanted, tx.now)
        for one in asked:
            tx.emit(_request(one, RequestState.OPEN, tx.now))
    return len(asked)


async def withdraw_for(tx: Transaction, response_ids: Sequence[str]) -> None:
    """Nobody asks about an answer that a person has voided."""
    for one in await store.withdraw(tx.connection, response_ids):
        tx.emit(_request(one, RequestState.WITHDRAWN, tx.now))


def _request(one: Wanted, state: RequestState, now: datetime) -> CallbackRequested:
    return CallbackRequested(
        customer_ref=CustomerRef(one.customer_ref),
        completion_ref=CompletionRef(one.completion_ref),
        request_id=one.request_id,
        revision=one.revision,
        state=state,
        purpose=Purpose.VERIFICATION,
        about=About(response_id=ResponseId(one.response_id)),
        not_before=now,
        deadline=one.deadline,
    )
