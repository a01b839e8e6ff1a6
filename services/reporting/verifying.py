"""Answers far from their stratum: a person asks once more. They stay in the figures until a person voids them."""

from datetime import datetime, timedelta

import polars as pl

from chassis.runtime import Runtime
from contracts.events.followup import CallbackRequested
from contracts.events.parts import About
from contracts.ids import named_id
from contracts.vocabulary import CompletionRef, CustomerRef, Purpose, RequestState, ResponseId
from services.reporting.calendar import ReportPeriod
from services.reporting.composing.checks import anomalies
from services.reporting.reports import span_of
from services.reporting.store import verifications as store

REMEMBERED = timedelta(days=7)  # an older answer is not asked about: the customer has forgotten it
WITHIN = timedelta(hours=72)


async def ask_for_verification(runtime: Runtime, period: ReportPeriod) -> int:
    """Asks once for each, whatever happens. The id of the request is the one that survey gives to the same wish."""
    now = await runtime.now()
    span = await span_of(runtime, period)
    far = [one.response_id for one in anomalies(span) if not one.verified]
    fresh = (pl.col("ended_at") >= now - REMEMBERED) & ~pl.col("erased")
    rows = span.frame.filter(pl.col("response_id").is_in(far) & fresh).sort("response_id")
    told = rows.select("response_id", "customer_ref", "completion_ref").rows()
    if not told:
        return 0
    async with runtime.transaction(customers=sorted({customer for _id, customer, _completion in told})) as tx:
        ids = [response_id for response_id, _customer, _completion in told]
        asked = await store.ask(tx.connection, ids, [_request_id(one) for one in ids], tx.now)
        for response_id, customer, completion in told:
            if response_id in asked:
                tx.emit(_request(response_id, customer, completion, tx.now))
    return len(asked)


def _request_id(response_id: str) -> str:
    return named_id("verification", response_id)


def _request(response_id: str, customer_ref: str, completion_ref: str, now: datetime) -> CallbackRequested:
    return CallbackRequested(
        customer_ref=CustomerRef(customer_ref),
        completion_ref=CompletionRef(completion_ref),
        request_id=_request_id(response_id),
        revision=1,
        state=RequestState.OPEN,
        purpose=Purpose.VERIFICATION,
        about=About(response_id=ResponseId(response_id)),
        not_before=now,
        deadline=now + WITHIN,
    )
