"""Letters that come by the calendar: each department's day at its start, each list of suggestions once a week."""

from datetime import date, datetime, time, timedelta
from email.message import EmailMessage

from chassis.runtime import Runtime
from chassis.spreadsheets import XLSX, write_workbook
from chassis.transaction import Transaction
from chassis.zones import instant_of
from services.followup.due import Workdays, workdays
from services.followup.ideas import SETTLED, IdeaOwner
from services.followup.letters import MOST_LINES, Digest, Letter, LetterKind, letter_id, lines_of
from services.followup.shelf_table import table
from services.followup.store import board, ideas
from services.followup.store.house import HouseSetting
from services.followup.words import DEPARTMENTS

DIGEST_AT = time(8, 30)
LIST_AT = time(9)
LISTS = {"suggestions_product": IdeaOwner.PRODUCT, "suggestions_ops": IdeaOwner.OPS}


def has_period(scope: str) -> bool:
    return scope in DEPARTMENTS or scope in LISTS


def first_after(scope: str, now: datetime, days: Workdays) -> datetime:
    """When the periodic letter of this scope is due next: each working day, a list on the first of each week."""
    day = now.astimezone(days.zone).date()
    while True:
        at = instant_of(datetime.combine(day, LIST_AT if scope in LISTS else DIGEST_AT), days.zone)
        if at > now and days.calendar.is_workday(day) and (scope not in LISTS or _opens_week(day, days)):
            return at
        day += timedelta(days=1)


async def periodic_letter(tx: Transaction, setting: HouseSetting, at: datetime, days: Workdays) -> Letter | None:
    """As things stand now; None: there is nothing to list."""
    if setting.scope in LISTS:
        kind, detail = LetterKind.SUGGESTIONS, await _list(tx, LISTS[setting.scope])
        if not detail["count"]:
            return None
    else:
        found = await board.digest(tx.connection, setting.scope, *_day(tx.now, days), limit=MOST_LINES)
        kind = LetterKind.DIGEST
        detail = Digest(lines_of(found.overdue), lines_of(found.today), found.counts).plain()
    return Letter(
        mail_id=letter_id(kind, setting.scope, at.isoformat()),
        kind=kind,
        scope=setting.scope,
        detail=detail,
        addresses=setting.addresses,
        due_at=tx.now,
        made_at=tx.now,
    )


async def attach_list(runtime: Runtime, letter: Letter, message: EmailMessage) -> None:
    """The workbook of an owner's open suggestions, as they are when it is sent; the house's titles, no customer's
    words."""
    async with runtime.reading() as connection:
        found = await ideas.shelf(connection, department=None, login="", owner=LISTS[letter.scope])
    rows = [one for one in found if one.idea.status not in SETTLED]
    content = write_workbook([("suggestions", table(rows, {}, workdays(runtime.settings).zone))])
    kind, _, subtype = XLSX.partition("/")
    message.add_attachment(content, maintype=kind, subtype=subtype, filename="suggestions.xlsx")


async def _list(tx: Transaction, owner: IdeaOwner) -> dict[str, object]:
    found = await ideas.shelf(tx.connection, department=None, login="", owner=owner)
    return {"count": sum(one.idea.status not in SETTLED for one in found)}


def _opens_week(day: date, days: Workdays) -> bool:
    """No working day of its week lies before it; a worked Sunday belongs to the week that it ends."""
    return not any(days.calendar.is_workday(day - timedelta(days=n)) for n in range(1, day.isoweekday()))


def _day(now: datetime, days: Workdays) -> tuple[datetime, datetime]:
    """Now and the end of the local day."""
    tomorrow = now.astimezone(days.zone).date() + timedelta(days=1)
    return now, instant_of(datetime.combine(tomorrow, time.min), days.zone)
