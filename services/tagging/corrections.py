"""A person says what a response really tells: its tags and items change, and the rules are measured by it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import asyncpg

from chassis.access.audit import record
from chassis.access.person import Person
from chassis.runtime import Runtime
from chassis.transaction import Transaction
from chassis.vault import ERASED, Keyring, scope_of
from chassis.web.i18n import gettext as _
from chassis.web.problems import Problem
from contracts.answers import AnswerSheet, AnswerTexts
from contracts.events.parts import About
from contracts.events.tagging import TagSheet
from contracts.vocabulary import ItemState
from services.tagging.items import DETRACTOR, UNSPECIFIED, is_detractor, low_answers
from services.tagging.judgement import Judgement, corrected, found_in_words, judged, ruled
from services.tagging.lexicon import shipped
from services.tagging.metrics import CORRECTED
from services.tagging.revisions import ItemRow, as_item, moved
from services.tagging.scoring import TAGS
from services.tagging.store import customers, judgements, responses
from services.tagging.telling import record_items, tagged


class Choice(NamedTuple):
    """What one line of the form says: `item_id` is None where the person added it, `code` empty for nothing there."""

    item_id: str | None
    code: str
    department: str


@dataclass(frozen=True)
class _Opened:
    """The response as it is stored, with the words of the moment."""

    response_id: str
    revision: int
    customer_ref: str
    completion_ref: str
    about: About | None
    sheet: AnswerSheet
    texts: dict[str, str]
    tags: TagSheet

    @property
    def alarms(self) -> bool:
        return bool(low_answers(self.sheet)) or is_detractor(self.sheet)


async def correct(runtime: Runtime, person: Person, response_id: str, choices: Sequence[Choice], *, seen: int) -> None:
    """Takes the judgement; its items and tags are told in the same transaction.

    `seen` is the tagging revision that the person looked at: Problem 409 when there is a newer one, or the response was
    voided; 404 when it is unknown; 422 when a line names no known tag or department.
    """
    _check(choices)
    async with runtime.reading() as connection:
        found = await responses.response_page(connection, response_id)
    if found is None:
        raise Problem(404, _("没有这份回答"))
    async with runtime.transaction(customers=[found.customer_ref]) as tx:
        found = await _unchanged(tx.connection, response_id, seen)
        keys = await tx.vault.keyring(text=[found.customer_ref], facts={scope_of(found.tags), scope_of(found.answers)})
        rows = (await responses.items_of(tx.connection, [response_id])).get(response_id, [])
        await _take(tx, person, found, keys, rows, choices)
        await record(tx.connection, person, action="correct_tags", subject=f"response:{response_id}")


def _check(choices: Sequence[Choice]) -> None:
    known = {*TAGS, UNSPECIFIED, DETRACTOR, ""}
    departments = shipped().routing.departments
    if any(choice.code not in known or (choice.code and choice.department not in departments) for choice in choices):
        raise Problem(422, _("请从列表中选择标签和部门"))


async def _unchanged(connection: asyncpg.Connection, response_id: str, seen: int) -> responses.ResponsePage:
    found = await responses.response_page(connection, response_id)
    if found is None or found.voided_at is not None:
        raise Problem(409, _("这份回答已作废，不能再核对。"))
    if found.tagging_revision != seen:
        raise Problem(409, _("这份回答刚刚有了新的修订，请重新打开后再核对。"))
    return found


async def _take(
    tx: Transaction, person: Person, found: responses.ResponsePage, keys: Keyring, rows: Sequence[ItemRow],
    choices: Sequence[Choice],
) -> None:  # fmt: skip
    lexicon = shipped()
    response = _opened(found, keys, rows)
    items = [as_item(row) for row in rows if row.state is not ItemState.WITHDRAWN]
    before = await judgements.of_response(tx.connection, found.response_id)
    earlier = _earlier(before, found, keys)
    words = tuple(dict.fromkeys((*earlier.found, *found_in_words(response.tags))))
    judgement = judged(found.response_id, words, items, choices, before=earlier.rulings)
    wanted = ruled(items, judgement, texts=response.texts, low=response.alarms, lexicon=lexicon)
    tags = keys.seal_facts(
        scope_of(found.tags), found.customer_ref, "tags", corrected(response.tags, judgement, found.lexicon_version)
    )
    revision = found.tagging_revision + 1
    await judgements.put(
        tx.connection, found.response_id, customer_ref=found.customer_ref, revision=found.revision,
        ruling=keys.seal_facts(scope_of(found.answers), found.customer_ref, "judgement", judgement),
        lexicon_version=found.lexicon_version, judged_by=person.login, now=tx.now,
    )  # fmt: skip
    await responses.retag(tx.connection, found.response_id, tagging_revision=revision, tags=tags, now=tx.now)
    tx.emit(
        tagged(response, wanted, tags=tags, tagging_revision=revision, lexicon_version=found.lexicon_version, at=tx.now)
    )
    await record_items(tx, [(row, None) for row in moved(response, wanted, rows, tx.now)])
    await customers.mark(tx.connection, [found.customer_ref], tx.now)
    tx.count(CORRECTED)


def _opened(found: responses.ResponsePage, keys: Keyring, rows: Sequence[ItemRow]) -> _Opened:
    """What a destroyed key has taken is empty."""
    sheet = keys.open_as(AnswerSheet, found.customer_ref, "answers", found.answers)
    texts = keys.open_as(AnswerTexts, found.customer_ref, "texts", found.texts) if found.texts else ERASED
    tags = keys.open_as(TagSheet, found.customer_ref, "tags", found.tags)
    return _Opened(
        response_id=found.response_id,
        revision=found.revision,
        customer_ref=found.customer_ref,
        completion_ref=found.completion_ref,
        about=next((row.about for row in rows), None),
        sheet=AnswerSheet(answers=()) if sheet is ERASED else sheet,
        texts={} if texts is ERASED else texts.texts,
        tags=TagSheet() if tags is ERASED else tags,
    )


def _earlier(before: str | None, found: responses.ResponsePage, keys: Keyring) -> Judgement:
    """An earlier judgement took some of what the rules saw out of the tags: it is remembered there."""
    judgement = keys.open_as(Judgement, found.customer_ref, "judgement", before) if before else ERASED
    return Judgement(found=(), held=(), rulings=()) if judgement is ERASED else judgement
