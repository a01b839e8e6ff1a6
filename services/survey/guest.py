"""What a customer behind a link may do: prove the identity, answer in order, submit, ask not to be contacted again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

import asyncpg

from chassis.locks import lock_key
from chassis.runtime import Runtime
from chassis.transaction import Transaction
from chassis.vault import ERASED, Keyring
from chassis.workdays import calendar
from services.survey import optout, recording, telling
from services.survey.contact import opened_contact
from services.survey.forms import taken
from services.survey.interview import Callback, Given, Interview, Step
from services.survey.links import LinkState, hash_of, is_same_number
from services.survey.permits import Permit
from services.survey.questionnaire import Medium
from services.survey.store import interviews, links, permits
from services.survey.store.links import Link
from services.survey.store.visits import Visit, visit_of


class LinkClosed(Exception):
    """The link opens nothing (any more): unknown, used, expired, locked or stopped."""

    def __init__(self, state: LinkState | None) -> None:
        super().__init__(f"link is {state or 'unknown'}")
        self.state = state


class OutOfOrder(Exception):
    """This question is not to be put now; `step` is the one that is (None: all are settled)."""

    def __init__(self, step: Step | None) -> None:
        super().__init__("another question comes first")
        self.step = step


class NotSettled(Exception):
    def __init__(self, missing: tuple[Step, ...]) -> None:
        super().__init__(f"{len(missing)} questions are neither answered nor left out")
        self.missing = missing


Told = Callable[[Interview], tuple[Step, Given]]
"""Which question of the interview as it is now is answered, and how. Raises `OutOfOrder`, `InvalidAnswer`."""


@dataclass(frozen=True)
class Guest:
    """Who stands behind a link, as of one instant."""

    visit: Visit
    keys: Keyring

    @property
    def link(self) -> Link:
        return self.visit.link

    @property
    def state(self) -> LinkState:
        return self.visit.link.state_at(self.visit.now)

    @property
    def callback(self) -> Callback:
        return self.visit.callback

    @property
    def by_phone(self) -> bool:
        """Identity is the last four digits; otherwise only an address is known and a yes must do."""
        return self.visit.by_phone

    @property
    def stopped(self) -> bool:
        return self.visit.stopped

    @property
    def now(self) -> datetime:
        return self.visit.now

    @property
    def has_begun(self) -> bool:
        return self.visit.interview is not None

    @property
    def has_ended(self) -> bool:
        return self.visit.interview is not None and self.visit.interview.course.ended_at is not None

    @cached_property
    def interview(self) -> Interview | None:
        """Opened when somebody asks for it."""
        return _opened(self.visit, self.keys)


async def look(runtime: Runtime, code: str) -> Guest:
    """Changes nothing. Raises `LinkClosed` for a code that was never given out."""
    async with runtime.reading() as connection:
        visit = await visit_of(connection, hash_of(code))
    if visit is None:
        raise LinkClosed(None)
    return Guest(visit, await recording.keyring(runtime.vault, [visit.callback]))


async def prove(runtime: Runtime, guest: Guest, *, last_four: str | None, says_yes: bool) -> bool:
    """Opens the interview when the proof holds. A wrong one is counted, the third locks. Raises `LinkClosed`."""
    async with runtime.reading() as connection:
        permit = await _permit(connection, guest)
    contact = await opened_contact(runtime.vault, permit)
    if contact is ERASED:
        raise LinkClosed(LinkState.STOPPED)
    right = is_same_number(contact.phone, last_four or "") if contact.phone else says_yes
    async with runtime.transaction(customers=[guest.link.customer_ref]) as tx:
        await _live(tx, guest)
        if not right:
            await links.wrong_try(tx.connection, guest.link.code_hash)
            return False
        await _begin(tx, guest)
    return True


async def answer(runtime: Runtime, guest: Guest, told: Told) -> Interview:
    """Stores one answer. Raises `LinkClosed`, `OutOfOrder`, `InvalidAnswer`."""
    changed = await _answer_at_once(runtime, guest, told)
    if changed is not None:
        return changed
    async with runtime.transaction(customers=[guest.link.customer_ref]) as tx:
        interview = await _going_on(tx, guest)
        step, given = _in_order(interview, told)
        return await recording.answer(tx, interview, step.part_id, step.question.id, given)


async def submit(runtime: Runtime, guest: Guest) -> None:
    """Ends the interview and uses up every link of the callback. Raises `LinkClosed`, `NotSettled`."""
    async with runtime.transaction(customers=[guest.link.customer_ref]) as tx:
        interview = await _going_on(tx, guest)
        missing = interview.missing()
        if missing:
            raise NotSettled(missing)
        await telling.conclude(tx, interview, final=True)


async def opt_out(runtime: Runtime, guest: Guest) -> None:
    """Nobody at this number or address is contacted from now on. May run twice."""
    if guest.stopped:
        return
    async with runtime.reading() as connection:
        permit = await _permit(connection, guest)
        others = await optout.affected(connection, permit.indexes)
    async with runtime.transaction(customers={*others, guest.link.customer_ref}, contacts=permit.indexes) as tx:
        await optout.stop_contacts(tx, permit, channel=permit.channel)
        await telling.finish(tx, [guest.link.callback_id])


def answered_by(runtime: Runtime, interview: Interview) -> datetime | None:
    """When the customer will hear from us: only after a low score, which needs somebody to answer for it."""
    if interview.ended_at is None or not interview.gave_low_score():
        return None
    settings = runtime.settings
    days = min(form.questionnaire.answer_within_workdays for form in interview.parts)
    working = calendar(settings.calendar_country, settings.calendar_overrides)
    return working.add_workdays(interview.ended_at, days, ZoneInfo(settings.operator_zone))


def _opened(visit: Visit, keys: Keyring) -> Interview | None:
    if visit.interview is None:
        return None
    opened = recording.opened_interviews([visit.interview], visit.responses, keys)
    return opened[visit.link.callback_id]


async def _answer_at_once(runtime: Runtime, guest: Guest, told: Told) -> Interview | None:
    """The common case in one statement. None: it goes on by another contact, or something came between."""
    interview, row = guest.interview, guest.visit.interview
    if interview is None or row is None or interview.permit_no != guest.link.permit_no or guest.has_ended:
        return None
    step, given = _in_order(interview, told)
    changed = taken(interview, step.part_id, step.question.id, given, guest.now)
    heard = recording.heard(changed, step.part_id, step.question.id, guest.keys)
    lock = lock_key(runtime.name, "customer", guest.link.customer_ref)
    async with runtime.reading() as connection:
        stored = await interviews.hear_at_once(
            connection, heard, version=row.version, code_hash=guest.link.code_hash, lock=lock
        )
    return changed if stored else None


def _in_order(interview: Interview, told: Told) -> tuple[Step, Given]:
    """Raises `OutOfOrder`, `InvalidAnswer`."""
    step, given = told(interview)
    upcoming, steps = interview.next_step(), interview.steps()
    if step not in steps or (upcoming is not None and steps.index(step) > steps.index(upcoming)):
        raise OutOfOrder(upcoming)
    return step, given


async def _live(tx: Transaction, guest: Guest) -> Visit:
    """How things are now, under the customer's lock."""
    visit = await visit_of(tx.connection, guest.link.code_hash)
    state = None if visit is None else visit.link.state_at(tx.now)
    if visit is None or state is not LinkState.LIVE:
        raise LinkClosed(state)
    return visit


async def _going_on(tx: Transaction, guest: Guest) -> Interview:
    """The interview as it is now, going on by this link."""
    interview = _opened(await _live(tx, guest), guest.keys)
    if interview is None or interview.permit_no != guest.link.permit_no:
        return await _begin(tx, guest)
    if interview.ended_at is not None:
        raise LinkClosed(LinkState.USED)
    return interview


async def _begin(tx: Transaction, guest: Guest) -> Interview:
    """Whoever has proved the identity and goes on has also agreed to answer."""
    try:
        await recording.begin(tx, await _permit(tx.connection, guest), medium=Medium.WEB)
    except recording.InterviewOver:
        raise LinkClosed(LinkState.USED) from None
    await recording.confirmed_identity(tx, guest.link.callback_id)
    await recording.consented(tx, guest.link.callback_id)
    interview = await recording.interview_of(tx.connection, tx.vault, guest.link.callback_id)
    assert interview is not None, "it was opened a moment ago"  # noqa: S101
    return interview


async def _permit(connection: asyncpg.Connection, guest: Guest) -> Permit:
    """By which the link was sent."""
    permit = await permits.permit_of(connection, guest.link.callback_id, guest.link.permit_no)
    assert permit is not None, "a link has its permit"  # noqa: S101
    return permit
