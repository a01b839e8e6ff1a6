"""Letters to departments: made in the transaction of what they tell, sent by a loop that keeps what became of each.

A process that dies with letters in hand leaves them in `sending`; after two minutes they are sent again under the same
Message-ID, so a mailbox that got the first one can tell.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from chassis import mail as postman
from chassis.mail import Fate, Outcome
from chassis.runtime import Loop, Runtime
from chassis.settings import Settings
from chassis.transaction import Transaction
from services.followup.case import Case, Step
from services.followup.due import workdays
from services.followup.ladder import DEPARTMENT
from services.followup.letters import Frame, Letter, LetterKind, LetterState, composed, letter_id, lines_of
from services.followup.periodic import attach_list, first_after, has_period, periodic_letter
from services.followup.states import Action
from services.followup.store import house, mail
from services.followup.words import DEPARTMENTS

BATCH = 20
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 1440))  # then it ends as refused
_KINDS = {Action.REMIND: LetterKind.REMINDER, Action.ESCALATE: LetterKind.ESCALATION}


async def record_moves(tx: Transaction, steps: Sequence[Step]) -> None:
    """One letter for each address book and kind of move; where nobody has an address, the board alone tells."""
    known = await house.settings(tx.connection) if steps else {}
    groups: dict[tuple[LetterKind, str], list[Case]] = {}
    for step in steps:
        to = step.entry.detail["to"]
        scope = step.case.department if to == DEPARTMENT else to
        if scope in known and known[scope].addresses:
            groups.setdefault((_KINDS[step.entry.action], scope), []).append(step.case)
    letters = []
    for (kind, scope), found in groups.items():
        occasion = f"{found[0].case_id}:{found[0].revision}"
        letters.append(
            Letter(
                mail_id=letter_id(kind, scope, occasion),
                kind=kind,
                scope=scope,
                detail={"cases": [line.plain() for line in lines_of(found)]},
                addresses=known[scope].addresses,
                due_at=tx.now,
                made_at=tx.now,
            )
        )
    await mail.add(tx.connection, letters)


async def write_periodic(runtime: Runtime) -> int:
    """The daily digest of each department and the weekly lists of suggestions, once for each time they are due."""
    async with runtime.transaction() as tx:
        due = await house.due_for_mail(tx.connection, tx.now)
        days = workdays(tx.settings)
        for setting in due:
            if setting.addresses and setting.mail_at is not None and has_period(setting.scope):
                letter = await periodic_letter(tx, setting, setting.mail_at, days)
                await mail.add(tx.connection, [letter] if letter else [])
            await house.put_mail_at(tx.connection, setting.scope, first_after(setting.scope, tx.now, days))
        return len(due)


async def deliver(runtime: Runtime) -> int:
    """One pass over due letters; returns how many were handed over."""
    async with runtime.transaction() as tx:
        in_hand = await mail.take(tx.connection, tx.now, BATCH)
        tx.took("department mail", [letter.due_at for letter in in_hand])
        now = tx.now
    if not in_hand:
        return 0
    outcomes = await postman.send(runtime.settings, [await _written(runtime, letter, now) for letter in in_hand])
    async with runtime.transaction() as tx:
        for letter, outcome in zip(in_hand, outcomes, strict=True):
            await _settle(tx, letter, outcome)
    return len(in_hand)


async def _written(runtime: Runtime, letter: Letter, now: datetime) -> EmailMessage:
    message = composed(letter, frame_of(runtime.settings), DEPARTMENTS, now)
    if letter.kind is LetterKind.SUGGESTIONS:
        await attach_list(runtime, letter, message)
    return message


async def _settle(tx: Transaction, letter: Letter, outcome: Outcome) -> None:
    if outcome.fate is Fate.LATER and letter.tries <= len(BACK_OFF):
        await mail.put_back(tx.connection, letter.mail_id, tx.now + BACK_OFF[letter.tries - 1], outcome.why)
        return
    state = LetterState.SENT if outcome.fate is Fate.ACCEPTED else LetterState.REFUSED
    await mail.finish(tx.connection, letter.mail_id, state, outcome.why, tx.now)


def frame_of(settings: Settings) -> Frame:
    return Frame(settings.smtp_from, settings.web_url, settings.language, ZoneInfo(settings.operator_zone))


LOOPS = (
    Loop("periodic mail", write_periodic, timedelta(seconds=30), house.next_mail),
    Loop("department mail", deliver, timedelta(seconds=5), mail.next_due),
)
