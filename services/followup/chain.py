"""The history of a case as a chain: each row carries the hash of the one before, over ciphertext."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

START = ""


@dataclass(frozen=True)
class Link:
    """One stored row of a history. `note` is the sealed text as stored."""

    case_id: str
    sequence: int
    at: datetime
    actor: str
    actor_name: str
    action: str
    from_state: str | None
    to_state: str
    detail: dict[str, Any]
    note: str | None
    previous_hash: str
    hash: str


def hash_of(link: Link) -> str:
    """SHA-256 over the previous hash and the row as canonical JSON; the row's own `hash` is not part of it."""
    row = {name: value for name, value in vars(link).items() if name not in ("hash", "previous_hash")}
    row["at"] = link.at.astimezone(UTC).isoformat()
    canonical = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{link.previous_hash}\n{canonical}".encode()).hexdigest()


def first_broken(links: Sequence[Link]) -> Link | None:
    """The first row, in order, that does not follow from the one before it; None when the chain is whole."""
    previous, sequence = START, 1
    for link in links:
        if link.previous_hash != previous or link.sequence != sequence or link.hash != hash_of(link):
            return link
        previous, sequence = link.hash, sequence + 1
    return None


@dataclass(frozen=True)
class End:
    """What the case itself says of its history: a step raises the revision by one, gives the state and the hash."""

    case_id: str
    revision: int
    state: str
    chain_head: str | None


@dataclass(frozen=True)
class Changed:
    """The first row of a history that is not as it was written."""

    case_id: str
    sequence: int
    how: str


def first_changed(links: Sequence[Link], end: End) -> Changed | None:
    """None when nothing was changed, left out, put in or cut off.

    A row that was changed together with its own hash is named by what kept the old one: the row after it, or the case.
    Only someone who rewrites every later row and the case too leaves no trace here: compare the hash that was told.
    """
    previous = START
    for expected, link in enumerate(links, start=1):
        if link.sequence != expected:
            return Changed(end.case_id, expected, "is missing")
        if link.hash != hash_of(link):
            return Changed(end.case_id, expected, "was changed")
        if link.previous_hash != previous:
            return Changed(end.case_id, max(1, expected - 1), "was changed together with its hash")
        previous = link.hash
    if len(links) < end.revision:
        return Changed(end.case_id, len(links) + 1, "is missing")
    if len(links) > end.revision:
        return Changed(end.case_id, end.revision + 1, "was put in")
    if links[-1].hash != end.chain_head:
        return Changed(end.case_id, len(links), "was changed together with its hash")
    if links[-1].to_state != end.state:
        return Changed(end.case_id, len(links), f"does not lead to the state of its case, {end.state}")
    return None
