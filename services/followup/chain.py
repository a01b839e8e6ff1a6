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
