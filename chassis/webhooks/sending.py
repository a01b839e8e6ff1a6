"""Sends what waits: in order for each subscription, with back-off over a day, one message a try."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx

from chassis.metrics import WEBHOOKS
from chassis.runtime import Loop, Runtime
from chassis.webhooks import store, taking
from chassis.webhooks.address import AddressRefused, resolved
from chassis.webhooks.signature import secret_of, signed_headers
from chassis.webhooks.store import Delivery, Subscription, SubscriptionState

SUBSCRIPTIONS = 10  # tried side by side in one pass
MESSAGES = 100  # to one of them before the others have their turn
PATIENCE = 10.0  # seconds for connecting and for the answer
KEPT = timedelta(days=30)  # log entries
WAITS = tuple(timedelta(seconds=s) for s in (5, 30, 120, 600, 1800, 3600, 7200, 14400))  # then the last again
GONE = 410

Sample = Callable[[Runtime, Subscription], Awaitable[Any]]
"""Gives the `data` of something that really happened to the subscription's owner, for a test; None: nothing has yet."""
Render = Callable[[Runtime, Sequence[Delivery]], Awaitable[Mapping[str, Any]]]
"""Gives each message's `data` by its subject, as JSON; what is left out has nothing to tell any more."""


@dataclass(frozen=True)
class Attempt:
    """What came of one try: a status, and why it does not count as delivered."""

    status: int | None
    error: str | None


def loops(render: Render) -> tuple[Loop, ...]:
    """For the service whose tables hold the deliveries."""

    async def send(runtime: Runtime) -> int:
        return await send_due(runtime, render)

    return (
        Loop("webhooks", send, timedelta(seconds=1)),
        Loop("old-webhooks", _drop_old, timedelta(hours=1)),
    )


async def send_due(runtime: Runtime, render: Render) -> int:
    """One pass over subscriptions that may be tried now; returns how many messages were delivered or given up."""
    WEBHOOKS.labels(runtime.name, "given_up")  # stands at nought before the first: an alert sees only what rises
    async with runtime.reading() as connection:
        due = await taking.due(connection, SUBSCRIPTIONS)
    sends = (_send_to(runtime, subscription_id, render) for subscription_id in due)
    done = await asyncio.gather(*sends, return_exceptions=True)
    for one in done:
        if isinstance(one, BaseException):  # all have ended by now: one that fails stops nobody else's
            raise one
    return sum(one for one in done if isinstance(one, int))


async def try_out(
    runtime: Runtime, subscription: Subscription, message_id: str, now: datetime, sample: Sample | None = None
) -> Attempt:
    """One message by hand, past the queue and without a second try; it stands in the log."""
    past = await sample(runtime, subscription) if sample else None
    attempt = await _post(runtime, subscription, message_id, content(store.TEST, now, past or {"message": "aftercall"}))
    async with runtime.reading() as connection:
        await store.record_test(
            connection, subscription.subscription_id, message_id, status=attempt.status, error=attempt.error, now=now
        )
    return attempt


def content(kind: str, written_at: datetime, data: Any) -> bytes:
    told = {"type": kind, "timestamp": written_at.isoformat(), "data": data}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


async def _send_to(runtime: Runtime, subscription_id: str, render: Render) -> int:
    async with runtime.reading() as connection:
        if not await taking.take(connection, subscription_id):
            return 0
        found = await store.subscription(connection, subscription_id, None)
        messages = await taking.next_waiting(connection, subscription_id, MESSAGES)
    assert found is not None, "it was taken"  # noqa: S101
    try:
        return await _send_in_order(runtime, found, messages, await render(runtime, messages))
    finally:
        async with runtime.reading() as connection:
            await taking.give_back(connection, subscription_id)


async def _send_in_order(
    runtime: Runtime, to: Subscription, messages: Sequence[Delivery], data: Mapping[str, Any]
) -> int:
    """Stops at the first message that does not get through."""
    settled = 0
    for message in messages:
        async with runtime.reading() as connection:
            if not await taking.keep(connection, to.subscription_id):
                return settled
        body = content(message.kind, message.written_at, data.get(message.subject))
        attempt = await _post(runtime, to, message.message_id, body)
        async with runtime.reading() as connection:
            if attempt.error is None:
                await taking.delivered(connection, message, attempt.status or 0)
                WEBHOOKS.labels(runtime.name, "delivered").inc()
                settled += 1
                continue
            if attempt.status == GONE:
                await store.set_state(connection, to.subscription_id, SubscriptionState.ENDED)
            outcome = await taking.failed(connection, message, status=attempt.status, error=attempt.error, waits=WAITS)
        WEBHOOKS.labels(runtime.name, "given_up" if outcome == "given_up" else "failed").inc()
        return settled + (outcome == "given_up")
    return settled


async def _post(runtime: Runtime, to: Subscription, message_id: str, body: bytes) -> Attempt:
    """One try. The answer's body is not read: it is nobody's business, and could be without an end."""
    secret = secret_of(runtime.settings.secrets.session_key, to.subscription_id, to.secret_no)
    headers = signed_headers(secret, message_id, int(time.time()), body)
    try:
        async with asyncio.timeout(PATIENCE):
            target = await resolved(to.url, runtime.settings.webhook_hosts)
            headers |= {"host": target.host, "content-type": "application/json", "user-agent": "aftercall-webhooks"}
            async with (
                httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=PATIENCE) as client,
                client.stream(
                    "POST", target.url, content=body, headers=headers, extensions={"sni_hostname": target.server_name}
                ) as answer,
            ):
                status = answer.status_code
    except AddressRefused as refused:
        return Attempt(None, f"the address {refused.rule}")
    except (TimeoutError, httpx.TimeoutException):
        return Attempt(None, f"no answer within {PATIENCE:.0f} s")
    except (httpx.HTTPError, OSError) as error:
        return Attempt(None, f"cannot be reached ({type(error).__name__})")
    return Attempt(status, None if 200 <= status < 300 else f"answered {status}")


async def _drop_old(runtime: Runtime) -> int:
    async with runtime.reading() as connection:
        return await store.drop_old(connection, KEPT, 1000)
