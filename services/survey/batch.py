"""Many answers gathered elsewhere at once: the rules of every channel, one transaction.

It takes as many statements for 1,000 answers as for one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from chassis.runtime import Runtime
from chassis.transaction import Transaction
from chassis.turns import in_turns
from contracts.vocabulary import NotAttempted, ResponseId
from services.survey import attempts, recording, telling
from services.survey.gathered import (
    Gathered,
    Opening,
    RefusedAnswer,
    Verdict,
    contact_for,
    filled,
    interview_by,
    part_of,
)
from services.survey.interview import Interview, response_id
from services.survey.permits import STOPPABLE, Permit
from services.survey.store import openings
from services.survey.store.answers import SealedAnswer
from services.survey.store.interviews import Begun


@dataclass(frozen=True)
class Outcome:
    """What became of one element; `response_id` where the answers are recorded, now or before."""

    verdict: Verdict
    response_id: ResponseId | None = None
    refused: RefusedAnswer | None = None


async def record(runtime: Runtime, gathered: Sequence[Gathered]) -> list[Outcome]:
    """Outcomes in the order given. All that is recorded commits together; what is refused leaves no trace.

    May run again with the same elements: they are `repeated` and nothing is told twice.
    """
    services = {(one.source, one.service_id) for one in gathered}
    async with runtime.reading() as connection:
        customers = await openings.customers_of(connection, services)
    async with runtime.transaction(customers=customers) as tx:
        return await record_in(tx, gathered)


async def record_in(tx: Transaction, gathered: Sequence[Gathered]) -> list[Outcome]:
    """As `record`, in a transaction that holds the customers; callbacks of others are as if they did not exist."""
    found = await openings.openings(tx.connection, {(one.source, one.service_id) for one in gathered})
    held = [one for one in found if one.permit.callback.customer_ref in tx.customers]
    callback_ids = sorted({one.permit.callback.callback_id for one in held})
    known = await recording.interviews_of(tx.connection, tx.vault, callback_ids)
    batch = Batch(tx, held, known)
    outcomes = [batch.settle(one) async for one in in_turns(gathered)]
    await batch.store()
    return outcomes


class Batch:
    """Settles elements one after another against what the database held, then stores what came of them."""

    def __init__(self, tx: Transaction, found: Sequence[Opening], known: dict[str, Interview]) -> None:
        self._tx = tx
        self._known = known
        self._callbacks: dict[tuple[str, str], list[list[Opening]]] = {}
        for _, permits in groupby(found, key=lambda one: one.permit.callback.callback_id):
            of_callback = list(permits)
            callback = of_callback[0].permit.callback
            self._callbacks.setdefault((callback.source, callback.service_id), []).append(of_callback)
        self._changed: dict[str, Interview] = {}
        self._contacts: dict[str, Permit] = {}
        self._filled: dict[tuple[str, str], Gathered] = {}

    def settle(self, one: Gathered) -> Outcome:
        callbacks = self._callbacks.get((one.source, one.service_id), [])
        meant = [c for c in callbacks if part_of(c[0].permit.callback, one.purpose) is not None]
        answered = [outcome for c in meant if (outcome := self._answered_before(c, one)) is not None]
        if answered:
            return answered[0]
        for of_callback in meant:
            contact = contact_for(of_callback)
            if contact is not None and not self._is_over(of_callback):
                return self._fill(contact, one)
        ended = [c for c in meant if self._is_over(c)]
        return self._repeated(ended[-1], one) if ended else Outcome(Verdict.NOT_OPEN)

    async def store(self) -> None:
        """A constant number of statements, whatever the number of interviews."""
        if not self._changed:
            return
        changed = list(self._changed.values())
        keys = await recording.keyring(self._tx.vault, [interview.callback for interview in changed])
        answers: dict[str, list[SealedAnswer]] = {}
        async for (callback_id, part_id), one in in_turns(self._filled.items()):
            answers.setdefault(callback_id, []).extend(
                recording.sealed_answer(self._changed[callback_id], part_id, question_id, keys)
                for question_id in one.answers
            )
        begun = [begun_from(interview, answers[interview.callback.callback_id]) for interview in changed]
        await recording.begin_all(self._tx, begun)
        await telling.conclude_all(self._tx, changed, final=True)
        spare = [contact for contact in self._contacts.values() if contact.state in STOPPABLE]
        await attempts.give_back(self._tx, spare, NotAttempted.ALREADY_ANSWERED)

    def _fill(self, contact: Permit, one: Gathered) -> Outcome:
        callback = contact.callback
        part_id = part_of(callback, one.purpose) or ""
        interview = self._changed.get(callback.callback_id)
        if interview is None:
            interview = interview_by(contact, one, self._known.get(callback.callback_id))
        try:
            self._changed[callback.callback_id] = filled(interview, part_id, one, now=self._tx.now)
        except RefusedAnswer as refused:
            return Outcome(Verdict.REFUSED, refused=refused)
        self._contacts[callback.callback_id] = contact
        self._filled[callback.callback_id, part_id] = one
        return Outcome(Verdict.RECORDED, response_id(callback.callback_id, part_id))

    def _answered_before(self, of_callback: list[Opening], one: Gathered) -> Outcome | None:
        """The same respondent's answers in this array, or recorded not before these were given."""
        callback = of_callback[0].permit.callback
        known = self._known.get(callback.callback_id)
        if (callback.callback_id, part_of(callback, one.purpose)) in self._filled:
            return self._repeated(of_callback, one)
        if known is None or known.ended_at is None or known.heard_at is None or known.heard_at < one.answered_at:
            return None
        return self._repeated(of_callback, one)

    def _is_over(self, of_callback: list[Opening]) -> bool:
        known = self._known.get(of_callback[0].permit.callback.callback_id)
        return known is not None and known.ended_at is not None

    @staticmethod
    def _repeated(of_callback: list[Opening], one: Gathered) -> Outcome:
        callback = of_callback[0].permit.callback
        return Outcome(Verdict.REPEATED, response_id(callback.callback_id, part_of(callback, one.purpose) or ""))


def begun_from(interview: Interview, answers: Iterable[SealedAnswer]) -> Begun:
    return Begun(
        callback=interview.callback,
        permit_no=interview.permit_no,
        channel=interview.channel,
        medium=interview.medium,
        agent=None,
        started_at=interview.started_at,
        heard_at=interview.heard_at,
        answers=tuple(answers),
    )
