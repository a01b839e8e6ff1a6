"""What counts as contact with the customer, and what proves that a case may be closed."""

from dataclasses import dataclass
from datetime import datetime

from contracts.events.parts import About
from contracts.vocabulary import CaseState, Channel, ClosedAs, Disposition, Explanation
from services.followup.case import Case

_SPOKEN = frozenset({Disposition.COMPLETE, Disposition.PARTIAL, Disposition.BREAK_OFF, Disposition.APPOINTMENT})
_CALLS = frozenset({Channel.PHONE, Channel.IVR})
NOT_REACHED = frozenset(
    {
        Explanation.OPTED_OUT,
        Explanation.EXHAUSTED,
        Explanation.REFUSED,
        Explanation.NO_CONTACT_DATA,
        Explanation.ERASED,
    }
)


@dataclass(frozen=True)
class Attempt:
    """One closed attempt; `about` lists what its progress parts were about."""

    attempt_id: str
    callback_id: str
    customer_ref: str
    completion_ref: str
    channel: Channel
    disposition: Disposition
    connected_at: datetime | None
    ended_at: datetime
    agent: str | None
    about: tuple[About, ...]
    reached: bool

    @property
    def spoken(self) -> bool:
        return self.disposition is not Disposition.DELIVERED

    @property
    def at(self) -> datetime:
        return self.connected_at or self.ended_at


@dataclass(frozen=True)
class Ended:
    """The terminal explanation of a callback with a progress part about a case.

    `requested_at` is when the request was made that the callback answered.
    """

    callback_id: str
    case_id: str
    explanation: Explanation
    closed_at: datetime
    requested_at: datetime | None


def reaches(channel: Channel, disposition: Disposition, connected_at: datetime | None) -> bool:
    """A call that was connected and spoken, or a message that was delivered."""
    if channel in _CALLS:
        return connected_at is not None and disposition in _SPOKEN
    return disposition is Disposition.DELIVERED


def tells_of(attempt: Attempt, case_id: str, promise_ids: frozenset[str] = frozenset()) -> bool:
    return any(about.case_id == case_id or about.promise_id in promise_ids for about in attempt.about)


def proves_contact(case: Case, attempt: Attempt, promise_ids: frozenset[str]) -> bool:
    """The same customer was reached after the action: by a call, or by a message about this very case.

    A delivered message about something else (an invitation, say) told nothing of this case.
    """
    if case.solved_at is None or attempt.customer_ref != case.customer_ref or not attempt.reached:
        return False
    if attempt.at <= case.solved_at:
        return False
    return attempt.spoken or tells_of(attempt, case.case_id, promise_ids)


def proves_not_reached(case: Case, ended: Ended) -> bool:
    """The progress callback that was requested after the action ended without the customer."""
    return (
        case.solved_at is not None
        and ended.case_id == case.case_id
        and ended.explanation in NOT_REACHED
        and ended.requested_at is not None
        and ended.requested_at >= case.solved_at
    )


@dataclass(frozen=True)
class Proof:
    """Evidence that the service has verified, ready to be chosen."""

    evidence: str
    closed_as: ClosedAs
    at: datetime
    attempt: Attempt | None = None
    ended: Ended | None = None


def proofs(case: Case, attempts: list[Attempt], ended: list[Ended], promise_ids: frozenset[str]) -> list[Proof]:
    """Everything that proves enough to close this case, the newest first; contact before the lack of it."""
    if case.state not in (CaseState.SOLVED, CaseState.TOLD):
        return []
    reached = [
        Proof(a.attempt_id, ClosedAs.CONTACTED, a.at, attempt=a)
        for a in attempts
        if proves_contact(case, a, promise_ids)
    ]
    missed = [
        Proof(e.callback_id, ClosedAs.NOT_REACHED, e.closed_at, ended=e) for e in ended if proves_not_reached(case, e)
    ]
    newest = sorted(reached, key=lambda p: p.at, reverse=True)
    return newest + sorted(missed, key=lambda p: p.at, reverse=True)
