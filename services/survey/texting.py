"""Hands text messages to an HTTP gateway and asks what became of them.

Sent:  POST {address}        {"id", "to", "text", "sender"}, Authorization: Bearer, Idempotency-Key: id
Asked: GET  {address}/{id}
Both answer {"status": "accepted" | "delivered" | "failed"}; a gateway that tells nothing more answers any 2xx.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from chassis.mail import Fate, Outcome
from chassis.settings import Settings

TIMEOUT = 20.0  # seconds for one message; a batch goes side by side
_BY_STATUS = {"delivered": Fate.ACCEPTED, "failed": Fate.REFUSED, "accepted": Fate.UNDERWAY}
_REFUSED = frozenset({400, 404, 410, 422})  # this number or text; a wrong token (401, 403) is no fault of the customer


@dataclass(frozen=True)
class TextMessage:
    """`key`: the same however often it is handed over, so that the gateway sends it once."""

    key: str
    number: str
    text: str


async def send(settings: Settings, texts: Sequence[TextMessage]) -> list[Outcome]:
    """One outcome for each, in their order; never raises for what a gateway can do."""
    if not texts:
        return []
    async with _client(settings) as client:
        return list(await asyncio.gather(*(_send_one(client, settings, text) for text in texts)))


async def ask(settings: Settings, keys: Sequence[str]) -> list[Outcome]:
    """What became of messages that the gateway has taken. `LATER`: it could not be asked."""
    if not keys:
        return []
    async with _client(settings) as client:
        return list(await asyncio.gather(*(_ask_one(client, settings, key) for key in keys)))


def _client(settings: Settings) -> httpx.AsyncClient:
    headers = {"authorization": f"Bearer {settings.sms_token}"}
    return httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False, trust_env=False, headers=headers)


async def _send_one(client: httpx.AsyncClient, settings: Settings, text: TextMessage) -> Outcome:
    body = {"id": text.key, "to": text.number, "text": text.text, "sender": settings.sms_sender}
    try:
        answer = await client.post(settings.sms_url, json=body, headers={"idempotency-key": text.key})
    except (httpx.HTTPError, OSError) as error:
        return Outcome(Fate.LATER, f"the gateway cannot be reached ({type(error).__name__})")
    if answer.status_code == 409:  # it has this key already
        return Outcome(Fate.UNDERWAY)
    if not answer.is_success:
        fate = Fate.REFUSED if answer.status_code in _REFUSED else Fate.LATER
        return Outcome(fate, f"the gateway answered {answer.status_code}")
    status = _status(answer)
    if status is None:
        return Outcome(Fate.ACCEPTED)
    return Outcome(_BY_STATUS[status], "the gateway could not deliver it" if status == "failed" else None)


async def _ask_one(client: httpx.AsyncClient, settings: Settings, key: str) -> Outcome:
    try:
        answer = await client.get(f"{settings.sms_url.rstrip('/')}/{key}")
    except (httpx.HTTPError, OSError) as error:
        return Outcome(Fate.LATER, f"the gateway cannot be reached ({type(error).__name__})")
    if answer.status_code in (404, 405, 501):
        return Outcome(Fate.ACCEPTED, "the gateway tells no outcomes")
    status = _status(answer) if answer.is_success else None
    if status is None:
        return Outcome(Fate.LATER, f"the gateway answered {answer.status_code}")
    return Outcome(_BY_STATUS[status], "the gateway could not deliver it" if status == "failed" else None)


def _status(answer: httpx.Response) -> str | None:
    """None where the answer names no status of ours."""
    try:
        document = answer.json()
    except ValueError:
        return None
    status = document.get("status") if isinstance(document, dict) else None
    return status if isinstance(status, str) and status in _BY_STATUS else None
