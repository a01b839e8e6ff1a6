"""What becomes of a contact that never was: one of those that were observed, drawn by a seed."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.events.survey import AttemptClosed
from contracts.vocabulary import (
    AgreedAgent,
    CallbackId,
    Channel,
    CompletionRef,
    CustomerRef,
    Disposition,
    Explanation,
    NotAttempted,
    Purpose,
)
from services.scheduler.callback import Permit, PermitKind
from services.scheduler.simulate.history import CallbackSeen, PermitSeen

_HEARD = (Explanation.COMPLETE, Explanation.PARTIAL)
_RANGE = 2**64


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a permit ended, in spans since its release, so that it can happen at another time."""

    disposition: Disposition
    not_attempted: NotAttempted | None
    started_after: timedelta | None
    ended_after: timedelta
    agreed_after: timedelta | None = None
    """After a promise of a time: from the end of the call to the agreed time."""
    own_agent: bool = False
    online_consented: bool = False
    heard: Explanation | None = None
    """What a delivered link brought."""
    heard_after: timedelta | None = None
    link_after: timedelta | None = None

    def attempt(self, permit: Permit, *, released_at: datetime, agent: str | None) -> AttemptClosed:
        """The event as survey would have told it, without what nothing here reads."""
        ended_at = released_at + self.ended_after
        return AttemptClosed.model_construct(
            customer_ref=CustomerRef(permit.customer_ref),
            completion_ref=CompletionRef(""),
            attempt_id="",
            callback_id=CallbackId(permit.callback_id),
            parts=(),
            purpose=Purpose.SURVEY,
            round=1,
            permit_no=permit.permit_no,
            channel=permit.channel,
            channel_reason=permit.channel_reason,
            disposition=self.disposition,
            not_attempted=self.not_attempted,
            started_at=None if self.started_after is None else released_at + self.started_after,
            ended_at=ended_at,
            agent=agent,
            agreed_at=None if self.agreed_after is None else ended_at + self.agreed_after,
            agreed_agent=AgreedAgent.OWN if self.own_agent else AgreedAgent.ANY,
            online_consented=self.online_consented,
            link_until=None if self.link_after is None else ended_at + self.link_after,
        )


def observed(callback: CallbackSeen, permit: PermitSeen) -> Outcome | None:
    """How this permit ended; None while that is not known, or when it never was released."""
    if permit.released_at is None or permit.ended_at is None or permit.disposition is None:
        return None
    following = callback.permit(permit.permit_no + 1)
    agreed = following if following is not None and following.kind is PermitKind.AGREED else None
    asked = agreed is not None and permit.disposition is Disposition.APPOINTMENT
    last = following is None and callback.explanation in _HEARD and callback.closed_at is not None
    delivered = last and permit.disposition is Disposition.DELIVERED
    ended = permit.ended_at
    return Outcome(
        disposition=permit.disposition,
        not_attempted=permit.not_attempted,
        started_after=permit.started_at - permit.released_at if permit.started_at else None,
        ended_after=ended - permit.released_at,
        agreed_after=agreed.plans[0].instant("earliest") - ended if asked and agreed else None,
        own_agent=bool(asked and agreed and agreed.reserved_agent and agreed.reserved_agent == permit.agent),
        online_consented=agreed is not None and permit.disposition is Disposition.REFUSAL,
        heard=callback.explanation if delivered else None,
        heard_after=callback.closed_at - ended if delivered and callback.closed_at else None,
        link_after=permit.link_until - ended if permit.link_until else None,
    )


@dataclass(frozen=True)
class Observed:
    """The contacts of the span that ended, to draw from."""

    by_channel: Mapping[Channel, Sequence[Outcome]]
    seed: int

    def draw(self, channel: Channel, *, callback_id: str, number: int) -> Outcome | None:
        """Always the same for the same seed, callback and number; None where no contact of the channel was observed."""
        pool = self.by_channel.get(channel)
        if not pool:
            return None
        digest = hashlib.sha256(f"{self.seed}\x00{callback_id}\x00{number}".encode()).digest()
        return pool[int.from_bytes(digest[:8], "big") * len(pool) // _RANGE]

    def counts(self) -> dict[Channel, Counter[Disposition]]:
        return {channel: Counter(one.disposition for one in pool) for channel, pool in self.by_channel.items()}


def observe(callbacks: Iterable[CallbackSeen], seed: int) -> Observed:
    """Contacts of the sample that took place. Permits that were given back undone are no answer of a customer."""
    found: dict[Channel, list[Outcome]] = {}
    for callback in sorted(callbacks, key=lambda one: one.callback_id):
        if not callback.is_survey:
            continue
        for permit in callback.permits:
            outcome = observed(callback, permit)
            if outcome is not None and outcome.disposition is not Disposition.NOT_ATTEMPTED:
                found.setdefault(permit.channel, []).append(outcome)
    return Observed(found, seed)
