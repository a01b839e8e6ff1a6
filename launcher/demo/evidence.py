"""What the product says at the end of the month, asked through the doors that anybody with the right may use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from launcher.demo.memory import Key, Memory
from launcher.demo.population import Population


@dataclass(frozen=True)
class Story:
    """What scheduler says became of one service."""

    verdict: str
    reason: str
    stratum: str
    explanation: str | None
    duplicates: int
    corrections: int


@dataclass(frozen=True)
class Response:
    """One first response as reporting counts it."""

    service: Key
    overall: int | None
    nps: int | None
    solved: str | None


@dataclass(frozen=True)
class CaseSeen:
    """One case as its department sees it. `acts`: what was done to it, in order."""

    case_id: str
    service: Key | None
    department: str
    state: str
    closed_as: str | None
    evidence: tuple[str, ...]
    chain_whole: bool
    acts: tuple[str, ...]


@dataclass(frozen=True)
class Routed:
    """A suggestion or praise that was handed to a department."""

    kind: str
    department: str
    service: Key | None


@dataclass(frozen=True)
class IdeaSeen:
    """One suggestion of the library. `told`: of its customers, how many have heard what became of it."""

    texts: tuple[str, ...]
    status: str
    customers: int
    votes: int
    told: int


@dataclass(frozen=True)
class Told:
    summary: Mapping[str, Any]
    stories: Mapping[Key, Story]
    responses: Sequence[Response]
    cases: Sequence[CaseSeen]
    routed: Sequence[Routed]
    promises: Mapping[str, str]
    """Last state of each promise."""
    ideas: Sequence[IdeaSeen]
    dead_letters: Mapping[str, int]
    """By service."""
    refused_over_http: Sequence[str]


@dataclass(frozen=True)
class Evidence:
    month: Population
    memory: Memory
    told: Told
    bad_records: int
    ended_at: datetime
