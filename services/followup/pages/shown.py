"""Cases as lists show them: opened for one page view, words only for those who may read them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.access.person import Person
from chassis.runtime import Runtime
from contracts.answers import AnswerSheet
from contracts.vocabulary import Dimension, QuestionKind
from services.followup.case import Case
from services.followup.due import Urgency, Workdays
from services.followup.responses import Item, Response, cut
from services.followup.rights import sees_words
from services.followup.sealing import keyring_for, opened
from services.followup.store import items
from services.followup.words import problem_types

TITLE_LENGTH = 24


@dataclass(frozen=True)
class Due:
    """What the due badge wants: working days left, and hours where the day is today or was missed today."""

    at: datetime
    days: int
    hours: int | None
    urgency: Urgency
    provisional: int | None
    """The year whose days off are not published yet."""


@dataclass(frozen=True)
class Shown:
    case: Case
    title: str
    score: int | None
    nps: int | None
    due: Due
    mine: bool


def due_of(days: Workdays, at: datetime, now: datetime) -> Due:
    left = days.days_left(at, now)
    hours = int((at - now).total_seconds() // 3600) if left == 0 else None
    provisional = days.provisional_year(at)
    return Due(at=at, days=left, hours=hours, urgency=days.urgency(at, now), provisional=provisional)


def overall(sheet: AnswerSheet) -> int | None:
    """The overall score, else the lowest that raises an alarm."""
    score = sheet.score(Dimension.OVERALL)
    alarming = [answer.score for answer in sheet.answers if answer.score is not None and answer.alerts]
    return int(score) if score is not None else min(map(int, alarming), default=None)


def likelihood(sheet: AnswerSheet) -> int | None:
    return next((a.likelihood for a in sheet.answers if a.kind is QuestionKind.NPS and a.likelihood is not None), None)


def title_of(pieces: Sequence[str], codes: tuple[str, ...]) -> str:
    """The beginning of the customer's words; without words the problem types."""
    words = "，".join(piece.strip("。！？!?；; ") for piece in pieces)
    return (words[:TITLE_LENGTH] + "…" if len(words) > TITLE_LENGTH else words) or problem_types(codes)


async def responses_and_items(
    runtime: Runtime, response_ids: Iterable[str], item_ids: Iterable[str]
) -> tuple[dict[str, Response], dict[str, Item]]:
    async with runtime.reading() as connection:
        return await items.responses(connection, response_ids), await items.items(connection, item_ids)


async def shown(runtime: Runtime, person: Person, found: Sequence[Case], days: Workdays, now: datetime) -> list[Shown]:
    """In the order given."""
    responses, known = await responses_and_items(
        runtime, {case.response_id for case in found}, {case.item_id for case in found}
    )
    keys = await keyring_for(runtime.vault, responses.values())
    rows = []
    for case in found:
        response, item = responses.get(case.response_id), known.get(case.item_id)
        view = opened(keys, response) if response else None
        pieces = cut(view.texts, item.spans) if view and item and sees_words(person) else []
        rows.append(
            Shown(
                case=case,
                title=title_of(pieces, case.codes),
                score=overall(view.sheet) if view else None,
                nps=likelihood(view.sheet) if view else None,
                due=due_of(days, case.due_at, now),
                mine=case.owner == person.login,
            )
        )
    return rows
