"""What was heard is told: a revision of every part in which something was answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from chassis.transaction import Transaction
from chassis.turns import in_turns
from chassis.vault import Keyring
from contracts.events.survey import QualityFlag, ResponseRecorded
from contracts.vocabulary import ChannelReason, NotAttempted, ResponseId, ResponseStatus
from services.survey import attempts, feed, promises, voiding
from services.survey.demands import Demanded, demanded, with_demands
from services.survey.interview import OWN_RECORD, Callback, Interview, PartForm, response_id
from services.survey.metrics import RESPONSES
from services.survey.quality import before_connected, flags, lacks_reason
from services.survey.recording import interviews_of, keyring
from services.survey.store import agent_calls, answers, interviews, links, permits, quality
from services.survey.store.answers import Revision
from services.survey.store.permits import Key, Way
from services.survey.store.quality import FlagRow


@dataclass(frozen=True)
class _Heard:
    """A part in which something was answered."""

    interview: Interview
    form: PartForm
    status: ResponseStatus
    demands: Sequence[Demanded] = ()
    noticed: tuple[QualityFlag, ...] = ()

    @cached_property
    def response_id(self) -> ResponseId:
        return response_id(self.interview.callback.callback_id, self.form.part.part_id)


async def conclude(tx: Transaction, interview: Interview, *, final: bool) -> list[ResponseRecorded]:
    """See `conclude_all`."""
    return await conclude_all(tx, [interview], final=final)


async def conclude_all(tx: Transaction, concluded: Sequence[Interview], *, final: bool) -> list[ResponseRecorded]:
    """Tells the next revision of every part in which something was answered. A part without an answer is not told.

    `final`: nothing more is taken, the callbacks' links are used up, and their other open permits end as already
    answered.
    """
    if not concluded:
        return []
    keys = await keyring(tx.vault, [interview.callback for interview in concluded])
    contacts = await permits.ways_of(tx.connection, [_contact(interview) for interview in concluded])
    noted = await promises.demands_of(tx.connection, keys, [one.callback.callback_id for one in concluded])
    early = await _answered_early(tx, concluded)
    heard = [
        _Heard(
            interview, form, status, noted.get(response_id(interview.callback.callback_id, form.part.part_id), ()),
            noticed=early.get(_contact(interview), ()),
        )
        for interview in concluded
        for form in interview.parts
        if (status := form.status) is not None
    ]  # fmt: skip
    told = [Revision(one.response_id, one.status, final) for one in heard]
    revisions = await answers.next_revisions(tx.connection, told, tx.now)
    events = [
        _event(tx, one, _contact_in(contacts, one.interview), keys, revision=revisions[one.response_id], final=final)
        async for one in in_turns(heard)
    ]
    for event in events:
        tx.emit(event)
        if event.revision == 1:
            tx.count(RESPONSES.labels(event.channel, event.status))
    ids = [interview.callback.callback_id for interview in concluded]
    await interviews.told(tx.connection, ids, ended_at=tx.now if final else None)
    await _keep_flags(tx, events)
    await feed.record(tx, [(event, one.interview.callback) for event, one in zip(events, heard, strict=True)])
    if final:
        await links.use_all(tx.connection, ids)
        await _end_others(tx, [one.interview for one in heard])
        await _look_over(tx, heard)
    return events


async def finish(tx: Transaction, callback_ids: Sequence[str]) -> None:
    """Of these callbacks those that nothing can continue are told for the last time."""
    unfinished = await interviews.unfinished(tx.connection, callback_ids)
    if not unfinished:
        return
    found = await interviews_of(tx.connection, tx.vault, unfinished)
    await conclude_all(tx, [found[callback_id] for callback_id in unfinished], final=True)


async def _end_others(tx: Transaction, answered: Sequence[Interview]) -> None:
    own = {_contact(interview) for interview in answered}
    others = await permits.stoppable_beside(tx.connection, sorted(own))
    await attempts.give_back(tx, others, NotAttempted.ALREADY_ANSWERED)


async def _keep_flags(tx: Transaction, events: Sequence[ResponseRecorded]) -> None:
    rows = [
        FlagRow(event.response_id, flag.code, event.customer_ref, flag.evidence)
        for event in events
        for flag in event.flags
    ]
    if rows:
        await quality.insert_flags(tx.connection, rows, tx.now)


async def _look_over(tx: Transaction, heard: Sequence[_Heard]) -> None:
    """Records that were told for good: duplicates are voided; where a reason was asked in vain somebody asks again."""
    if not heard:
        return
    voided = await voiding.void_duplicates(tx, [(one.response_id, one.interview.callback) for one in heard])
    unexplained: list[tuple[str, Callback]] = [
        (one.response_id, one.interview.callback)
        for one in heard
        if one.response_id not in voided and lacks_reason(one.form)
    ]
    await voiding.ask_once_more(tx, unexplained)


async def _answered_early(tx: Transaction, concluded: Sequence[Interview]) -> dict[Key, tuple[QualityFlag, ...]]:
    """By contact what an exchange reported of the calls that it placed."""
    calls = [_contact(one) for one in concluded if one.agent is not None and one.permit_no != OWN_RECORD]
    if not calls:
        return {}
    found = await agent_calls.early(tx.connection, calls)
    return {
        call.key: (before_connected(call.early_at, call.customer_answered_at),)
        for call in found
        if call.early_at is not None
    }


def _event(
    tx: Transaction, heard: _Heard, contact: Way | None, keys: Keyring, *, revision: int, final: bool
) -> ResponseRecorded:
    interview, form, callback = heard.interview, heard.form, heard.interview.callback
    ref, spoken = callback.customer_ref, with_demands(form.spoken(), heard.demands)
    planned = contact is not None and interview.channel is contact.channel
    return ResponseRecorded(
        customer_ref=ref,
        completion_ref=callback.completion_ref,
        response_id=heard.response_id,
        revision=revision,
        status=heard.status,
        final=final,
        # a record of its own: scheduler knows of no such callback
        callback_id=None if contact is None else callback.callback_id,
        permit_no=None if contact is None else contact.permit_no,
        part_id=form.part.part_id,
        purpose=form.part.purpose,
        round=form.part.round,
        channel=interview.channel,
        # an answer that came another way than planned was not assigned to it at random
        channel_reason=contact.channel_reason if contact and planned else ChannelReason.FALLBACK,
        about=form.part.about,
        in_design=callback.in_design,
        questionnaire=form.questionnaire.id,
        questionnaire_version=form.questionnaire.version,
        content_hash=form.questionnaire.content_hash,
        answers=keys.seal_facts(callback.month, ref, "answers", demanded(form.sheet(interview.marks), heard.demands)),
        texts=keys.seal_text(ref, "texts", spoken) if spoken.texts else None,
        flags=flags(form) + form.noticed + heard.noticed,
        agent=interview.agent,
        started_at=interview.started_at,
        connected_at=interview.connected_at,
        ended_at=interview.heard_at or tx.now,
        recorded_at=tx.now,
        context=callback.context,
        narrative=callback.narrative,
    )


def _contact_in(contacts: Mapping[Key, Way], interview: Interview) -> Way | None:
    """None for a record of its own, which no contact brought."""
    return None if interview.permit_no == OWN_RECORD else contacts[_contact(interview)]


def _contact(interview: Interview) -> Key:
    """The permit by which it went on."""
    return interview.callback.callback_id, interview.permit_no
