"""Leases: who may take a callback, and for how long one agent holds it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# events.md, "Lease"
UNSTARTED = timedelta(minutes=5)
SILENT = timedelta(seconds=90)
OVERTIME = timedelta(minutes=10)
WRAP_UP = timedelta(hours=2)
RECORD_WITHIN = timedelta(minutes=10)  # requirement SV3: record complete within 10 minutes after hang-up
OPENING = timedelta(seconds=15)  # requirement SV3: who calls and why is said within 15 s
RESERVED = timedelta(minutes=30)  # then a reserved callback is anybody's: better another agent than nobody

GENERAL = "general"
SENIOR = "senior"


class LeaseState(StrEnum):
    CLAIMED = "claimed"
    DIALLED = "dialled"
    WRAP_UP = "wrapup"


class Refusal(StrEnum):
    """Why an agent cannot do this now."""

    UNKNOWN = "unknown"
    TAKEN = "taken"
    BUSY = "busy"
    SKILL = "skill"
    RESERVED = "reserved"
    NOT_YOURS = "not_yours"
    GONE = "gone"
    SUPPRESSED = "suppressed"
    NOT_NOW = "not_now"
    ALREADY_DIALLED = "already_dialled"
    NOT_DIALLED = "not_dialled"
    NOT_CONNECTED = "not_connected"
    NO_IDENTITY = "no_identity"
    NO_CONSENT = "no_consent"
    HUNG_UP = "hung_up"


class Refused(Exception):
    """`until`: the instant from which it is possible again; `holder`: who has it."""

    def __init__(self, reason: Refusal, *, until: datetime | None = None, holder: str | None = None) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.until = until
        self.holder = holder


@dataclass(frozen=True)
class Agent:
    login: str
    name: str
    senior: bool = False
    skills: tuple[str, ...] = ()

    @property
    def takes(self) -> tuple[str, ...]:
        """Skills of the permits that this agent may claim."""
        own = {GENERAL, *self.skills} - {SENIOR}
        return tuple(sorted(own | {SENIOR} if self.senior else own))


@dataclass(frozen=True)
class Lease:
    """One callback in one agent's hand. `due_at`: when time ends it."""

    callback_id: str
    permit_no: int
    customer_ref: str
    agent: str
    agent_name: str
    state: LeaseState
    claimed_at: datetime
    dialled_at: datetime | None
    hung_up_at: datetime | None
    due_at: datetime

    def demand_agent(self, agent: Agent) -> None:
        """Raises `Refused` for anybody but the holder."""
        if self.agent != agent.login:
            raise Refused(Refusal.NOT_YOURS, holder=self.agent_name)

    def demand(self, state: LeaseState) -> None:
        """Raises `Refused` when the call is at another step."""
        if self.state is not state:
            raise Refused(_STEP[state] if state is not LeaseState.DIALLED else _not_in_call(self.state))

    @property
    def record_by(self) -> datetime | None:
        """When the record should be complete, counted from hang-up."""
        return None if self.hung_up_at is None else self.hung_up_at + RECORD_WITHIN


_STEP = {LeaseState.CLAIMED: Refusal.ALREADY_DIALLED, LeaseState.WRAP_UP: Refusal.NOT_DIALLED}


def _not_in_call(state: LeaseState) -> Refusal:
    return Refusal.NOT_DIALLED if state is LeaseState.CLAIMED else Refusal.HUNG_UP


def claimed_until(claimed_at: datetime, heartbeat_at: datetime) -> datetime:
    """Before dialling a lease ends after 5 minutes, or 90 s after the last sign of life."""
    return min(claimed_at + UNSTARTED, heartbeat_at + SILENT)


def dialled_until(dialled_at: datetime, maximum_minutes: int) -> datetime:
    """After dialling it waits for the same agent until the longest call and 10 minutes are over."""
    return dialled_at + timedelta(minutes=maximum_minutes) + OVERTIME


def target_of(maximum_minutes: int) -> timedelta:
    """The length to aim at: two thirds of the scenario's longest call (10 of 15 minutes)."""
    return timedelta(minutes=maximum_minutes) * 2 / 3


def wrap_up_until(hung_up_at: datetime) -> datetime:
    return hung_up_at + WRAP_UP


def reserved_until(begins: datetime, ends: datetime) -> datetime:
    """How long a callback waits for the agent it is reserved for, when it may start from `begins` to `ends`."""
    return begins + min(RESERVED, max(ends - begins, timedelta(0)) / 2)
