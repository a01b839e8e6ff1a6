"""Promises kept, by department and by person, and customers recovered after their second callback."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Request, Response

from chassis.access.person import Person
from chassis.access.roles import Role
from chassis.runtime import Runtime
from chassis.vault import scope_of
from chassis.web.pages import render, runtime_of, signed_in
from chassis.web.router import GuardedRouter, roles
from chassis.zones import instant_of
from contracts.answers import AnswerSheet
from services.followup.due import workdays
from services.followup.pages.shown import overall
from services.followup.recovery import Share, recovered, share
from services.followup.rights import READERS, visible_department
from services.followup.sealing import open_text
from services.followup.store import effects
from services.followup.store.effects import Kept, SealedPair
from services.followup.words import DEPARTMENTS, word

router = GuardedRouter()
Me = Annotated[Person, Depends(signed_in)]
SHOWN_PAIRS = 50
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Pair:
    """Overall before and after; the first score was 1 or 2."""

    case_id: str
    department: str
    before: int
    after: int
    at: datetime

    @property
    def recovered(self) -> bool:
        return recovered(self.before, self.after)


@router.get("/effects", access=roles(*READERS))
async def show_effects(request: Request, person: Me, period: str = "", department: str | None = None) -> Response:
    runtime = runtime_of(request)
    now, zone = await runtime.now(), workdays(runtime.settings).zone
    own = visible_department(person, department or None)
    first = _month(period) or now.astimezone(zone).date().replace(day=1)
    since, until = _instants(first, zone)
    async with runtime.reading() as connection:
        by_department = await effects.kept_by_department(connection, department=own, since=since, until=until)
        by_person = await effects.kept_by_person(connection, department=own, since=since, until=until)
        closings = await effects.closings(connection, department=own, since=since, until=until)
        sealed = await effects.pairs(connection, department=own, since=since, until=until)
    pairs = await _opened(runtime, sealed)
    return render(
        request,
        "effects.html",
        now=now,
        period=f"{first:%Y-%m}",
        earlier=f"{_before(first):%Y-%m}",
        later=f"{_after(first):%Y-%m}" if _after(first) <= now.astimezone(zone).date() else "",
        promises=[(one, _rate(one)) for one in by_department],
        people=[(one, _rate(one)) for one in by_person],
        closings=closings,
        recovery=_recovery(pairs),
        everyone=share(sum(pair.recovered for pair in pairs), len(pairs)) if pairs else None,
        pairs=pairs[:SHOWN_PAIRS],
        count=len(pairs),
        department=own,
        departments=DEPARTMENTS if person.role is not Role.DEPARTMENT else {},
        DEPARTMENTS=DEPARTMENTS,
        word=word,
    )


async def _opened(runtime: Runtime, sealed: Sequence[SealedPair]) -> list[Pair]:
    """Pairs whose first score was low and whose second is known; what was erased is left out."""
    keys = await runtime.vault.keyring(facts={scope_of(one) for pair in sealed for one in (pair.before, pair.after)})
    found = []
    for pair in sealed:
        sheets = [open_text(keys, pair.customer_ref, "answers", one) for one in (pair.before, pair.after)]
        scores = [overall(AnswerSheet.model_validate(sheet)) if sheet is not None else None for sheet in sheets]
        before, after = scores
        if before is not None and after is not None and before <= 2:
            found.append(Pair(pair.case_id, pair.department, before, after, pair.at))
    return found


def _recovery(pairs: Sequence[Pair]) -> list[tuple[str, Share]]:
    departments = sorted({pair.department for pair in pairs})
    groups = {name: [pair for pair in pairs if pair.department == name] for name in departments}
    return [(name, share(sum(pair.recovered for pair in own), len(own))) for name, own in groups.items()]


def _rate(one: Kept) -> Share:
    return share(one.kept, one.settled)


def _month(text: str) -> date | None:
    return date.fromisoformat(f"{text}-01") if _MONTH.fullmatch(text) else None


def _after(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def _before(first: date) -> date:
    return date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)


def _instants(first: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    return tuple(instant_of(datetime.combine(day, time.min), zone) for day in (first, _after(first)))  # type: ignore[return-value]
