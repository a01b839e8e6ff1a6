"""Identifiers: UUIDv7 for events, UUIDv8 for intake records, name-based ids for what must not be made twice."""

import hashlib
import os
from datetime import datetime
from uuid import UUID


def event_id(now: datetime) -> UUID:
    """UUIDv7 (RFC 9562) of the business instant `now`; random below the millisecond."""
    return _stamped(now, version=7, tail=int.from_bytes(os.urandom(10), "big"))


def intake_id(topic: str, partition: int, offset: int, timestamp_ms: int) -> UUID:
    """UUIDv8 of an intake record: the same record always has the same id, whatever its headers claim."""
    digest = hashlib.sha256(f"{topic}/{partition}/{offset}/{timestamp_ms}".encode()).digest()
    return _layout(timestamp_ms, version=8, tail=int.from_bytes(digest[:10], "big"))


def named_id(*parts: str) -> str:
    """The same parts always give the same id (SHA-256, first 128 bits, hex); parts may hold any character."""
    joined = "".join([f"{len(part)}:" + part for part in parts])
    return hashlib.sha256(joined.encode()).hexdigest()[:32]


def instant_of(identifier: UUID) -> int:
    """Milliseconds since the epoch in the first 48 bits of a UUIDv7 or of an intake id."""
    return identifier.int >> 80


def _stamped(now: datetime, *, version: int, tail: int) -> UUID:
    return _layout(int(now.timestamp() * 1000), version=version, tail=tail)


def _layout(milliseconds: int, *, version: int, tail: int) -> UUID:
    rand_a, rand_b = (tail >> 62) & 0xFFF, tail & ((1 << 62) - 1)
    return UUID(int=(milliseconds & ((1 << 48) - 1)) << 80 | version << 76 | rand_a << 64 | 0b10 << 62 | rand_b)
