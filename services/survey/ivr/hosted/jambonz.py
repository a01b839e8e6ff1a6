"""jambonz' formats: verbs as JSON out, signed JSON in. Written from the JSON schemas that jambonz publishes
(github.com/jambonz/schema: verbs gather, play, dial, hangup; callbacks base, gather, play, dial, call-status), its
REST reference (docs.jambonz.org, "create a call") and "Securing HTTP endpoints"."""

import hmac
import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.survey.ivr.hosted.document import (
    Dial,
    Document,
    GoOn,
    HangUp,
    Listen,
    NotUnderstood,
    Order,
    Told,
    cause_of,
)
from services.survey.ivr.hosted.settings import Hosted

TOLERANCE_SECONDS = 300
"""How old a signed request may be; the tolerance of jambonz' own client."""


def signature(secret: str, at: int, body: bytes) -> str:
    """Hexadecimal HMAC-SHA256 over the time in seconds, a point, and the body as it came."""
    return hmac.digest(secret.encode(), f"{at}.".encode() + body, "sha256").hex()


@dataclass(frozen=True)
class Jambonz:
    settings: Hosted
    content_type = "application/json"

    def proves(self, url: str, headers: Mapping[str, str], body: bytes) -> bool:
        parts = [part.strip().partition("=") for part in headers.get("jambonz-signature", "").split(",")]
        times = [value for name, _, value in parts if name == "t"]
        if len(times) != 1 or not (times[0].isascii() and times[0].isdecimal()):
            return False
        at = int(times[0])
        if abs(time.time() - at) > TOLERANCE_SECONDS:
            return False
        expected = signature(self.settings.signing_secret, at, body).encode()
        return any(hmac.compare_digest(expected, value.encode()) for name, _, value in parts if name == "v1")

    def told(self, body: bytes) -> Told:
        try:
            given = json.loads(body)
        except ValueError:
            raise NotUnderstood("the body is no JSON") from None
        if not isinstance(given, dict) or not given.get("call_sid"):
            raise NotUnderstood("call_sid is missing")
        status, sip = str(given.get("call_status", "")), given.get("sip_status")
        return Told(
            call=str(given["call_sid"]),
            status=status,
            caller=str(given.get("from", "")),
            parent=given.get("parent_call_sid") or None,
            keys=str(given.get("digits") or ""),
            played=given.get("reason") != "playFailed",
            talked=given.get("dial_call_status") == "completed",
            cause=cause_of(status, sip if isinstance(sip, int) else None),
        )

    def rendered(self, document: Document) -> bytes:
        return json.dumps(_verbs(document)).encode()

    def order(self, number: str, *, first: str, status: str) -> Order:
        settings = self.settings
        return Order(
            url=f"{settings.rest}/v1/Accounts/{settings.account}/Calls",
            headers={"Authorization": f"Bearer {settings.token}"},
            json={
                "from": settings.caller_id, "to": {"type": "phone", "number": number}, "timeout": settings.ring_seconds,
                "call_hook": {"url": first, "method": "POST"}, "call_status_hook": {"url": status, "method": "POST"},
            },
        )  # fmt: skip


def _verbs(document: Document) -> list[dict[str, Any]]:
    play: list[dict[str, Any]] = [{"verb": "play", "url": list(document.sounds)}] if document.sounds else []
    match document.then:
        case Listen(seconds, keys=keys, pause=pause):
            gather: dict[str, Any] = {
                "verb": "gather", "input": ["digits"], "numDigits": keys, "timeout": math.ceil(seconds),
                "dtmfBargein": True, "actionHook": document.following,
            }  # fmt: skip
            if keys > 1:
                gather |= {"finishOnKey": "#", "interDigitTimeout": math.ceil(pause)}
            return [gather | ({"play": {"url": list(document.sounds)}} if document.sounds else {})]
        case GoOn():
            return [{**one, "actionHook": document.following} for one in play]
        case Dial(telephones, seconds):
            dial = {
                "verb": "dial", "target": [_target(one) for one in telephones], "callerId": document.caller,
                "timeout": math.ceil(seconds), "actionHook": document.following,
            }  # fmt: skip
            return [*play, dial]
        case HangUp():
            return [*play, {"verb": "hangup"}]


def _target(telephone: str) -> dict[str, str]:
    if telephone.startswith("sip:"):
        return {"type": "sip", "sipUri": telephone}
    return {"type": "phone", "number": telephone}
