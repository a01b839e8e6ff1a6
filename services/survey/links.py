"""The customer's link: its code, what proves who opens it, and its reference for the telephone."""

import base64
import hashlib
import hmac
from datetime import timedelta
from enum import StrEnum

CODE_BYTES = 10  # 80 bits
LIFE = timedelta(hours=72)  # events.md, "Callbacks": a link lives 72 h after its delivery
WRONG_TRIES = 3

_RFC_4648 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_TO_CROCKFORD = str.maketrans(_RFC_4648, _CROCKFORD)
# A code read aloud or typed by hand: letters that look like digits mean the digits.
_MISREAD = str.maketrans("ilo", "110")


class LinkState(StrEnum):
    LIVE = "live"
    USED = "used"
    EXPIRED = "expired"
    LOCKED = "locked"
    STOPPED = "stopped"


def code_of(link_key: bytes, callback_id: str, permit_no: int) -> str:
    """16 characters of Crockford base32: the first 80 bits of HMAC-SHA256(link key, callback and permit)."""
    digest = hmac.digest(link_key, f"{callback_id}/{permit_no}".encode(), "sha256")
    return base64.b32encode(digest[:CODE_BYTES]).decode().translate(_TO_CROCKFORD)


def hash_of(code: str) -> str:
    """What is stored of a code."""
    return hashlib.sha256(code.strip().lower().translate(_MISREAD).encode()).hexdigest()


def session_of(session_key: bytes, code_hash: str) -> str:
    """What a browser holds after it has proved its identity for this link; of no use for another one."""
    return hmac.digest(session_key, f"link {code_hash}".encode(), "sha256").hex()


def is_session(session_key: bytes, code_hash: str, held: str | None) -> bool:
    return held is not None and hmac.compare_digest(session_of(session_key, code_hash), held)


def is_same_number(phone: str, last_four: str) -> bool:
    """Whether these are the last four digits of the number; full-width digits count, separators do not."""
    digits = "".join(str(int(sign)) for sign in last_four if sign.isdecimal())
    return len(digits) == 4 and hmac.compare_digest(phone[-4:].encode(), digits.encode())


def message_key(callback_id: str, permit_no: int) -> str:
    """The same message has the same key however often it is handed over."""
    return hashlib.sha256(f"{callback_id}/{permit_no}".encode()).hexdigest()[:32]


def message_id(callback_id: str, permit_no: int, domain: str) -> str:
    """As `message_key`, for mail."""
    return f"<{message_key(callback_id, permit_no)}@{domain}>"


def reference_of(callback_id: str) -> str:
    """A short name for the telephone, such as HF-8K3M-27; it opens nothing."""
    digest = base64.b32encode(hashlib.sha256(f"reference {callback_id}".encode()).digest()).decode()
    spoken = digest.translate(_TO_CROCKFORD).upper()
    return f"HF-{spoken[:4]}-{spoken[4:6]}"
