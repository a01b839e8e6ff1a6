"""How a message proves where it comes from: the scheme `v1` of Standard Webhooks."""

import base64
import hmac
from collections.abc import Mapping

TOLERANCE = 300  # seconds between the signature and its check; more may be a message that somebody kept and sends again
PREFIX = "whsec_"


class BadSignature(Exception):
    """The message is not to be trusted; says why."""


def secret_of(key: bytes, subscription_id: str, secret_no: int) -> str:
    """`whsec_` and 32 bytes in base64: derived, so that the database holds none."""
    derived = hmac.digest(key, f"webhook {subscription_id} {secret_no}".encode(), "sha256")
    return PREFIX + base64.b64encode(derived).decode()


def signed_headers(secret: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """`timestamp`: Unix seconds of this try; a repeated message is signed anew."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{_signature(secret, message_id, timestamp, body)}",
    }


def check(secret: str, headers: Mapping[str, str], body: bytes, *, now: int) -> str:
    """The message id, for a receiver. Raises `BadSignature`. Header names in small letters."""
    try:
        message_id, timestamp = headers["webhook-id"], int(headers["webhook-timestamp"])
        given = headers["webhook-signature"].split()
    except (KeyError, ValueError):
        raise BadSignature("a header is missing") from None
    if abs(now - timestamp) > TOLERANCE:
        raise BadSignature("the message is too old or from the future")
    expected = f"v1,{_signature(secret, message_id, timestamp, body)}"
    if not any(hmac.compare_digest(expected.encode(), one.encode()) for one in given):
        raise BadSignature("the signature does not fit")
    return message_id


def _signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    content = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.digest(key, content, "sha256")).decode()
