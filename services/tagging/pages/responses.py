"""How a response was tagged: bands, tags with their evidence, items with where they went."""

from typing import Annotated, Any

from fastapi import Depends, Form, Request, Response

from chassis.access.audit import record
from chassis.access.person import Person
from chassis.access.roles import Role
from chassis.vault import ERASED, Keyring, scope_of
from chassis.web.i18n import gettext as _
from chassis.web.pages import render, runtime_of, see_other, signed_in
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, roles
from contracts.answers import AnswerSheet, AnswerTexts
from contracts.events.tagging import CustomerTagSheet, TagSheet
from contracts.vocabulary import ItemState
from services.tagging.corrections import Choice, correct
from services.tagging.items import DETRACTOR, UNSPECIFIED
from services.tagging.judgement import code_of
from services.tagging.lexicon import shipped
from services.tagging.marking import pieces
from services.tagging.revisions import ItemRow, as_item
from services.tagging.scoring import TAGS
from services.tagging.store import customers
from services.tagging.store import responses as store
from services.tagging.words import (
    CODES,
    CUSTOMER_TAGS,
    DEPARTMENTS,
    DIMENSIONS,
    KINDS,
    PROVENANCES,
    PURPOSES,
    STATES,
    TAG_NAMES,
    why,
    word,
)

router = GuardedRouter()
READERS = (Role.SUPERVISOR, Role.ANALYST)
Me = Annotated[Person, Depends(signed_in)]


@router.get("/responses", access=roles(*READERS))
async def recent(request: Request, person: Me) -> Response:
    """The newest ones, as an entrance; analysts and supervisors come here from figures and cases."""
    runtime = runtime_of(request)
    async with runtime.reading() as connection:
        found = await store.recent(connection, limit=100)
    keys = await runtime.vault.keyring(facts={scope_of(one.tags) for one in found})
    rows = [(one, _sheet(keys, one)) for one in found]
    return render(request, "responses.html", now=await runtime.now(), rows=rows, **_WORDS)


@router.get("/responses/{response_id}", access=roles(*READERS))
async def one(request: Request, response_id: str, person: Me) -> Response:
    runtime = runtime_of(request)
    reads = person.role is Role.SUPERVISOR
    async with runtime.reading() as connection:
        found = await store.response_page(connection, response_id)
        if found is None:
            raise Problem(404, _("没有这份回答"))
        items = (await store.items_of(connection, [response_id])).get(response_id, [])
        marks = await customers.of_customer(connection, found.customer_ref)
        if reads:
            await record(connection, person, action="read", subject=f"response:{response_id}")
    months = {scope_of(sealed) for sealed in (found.tags, found.answers, marks) if sealed}
    keys = await runtime.vault.keyring(text=[found.customer_ref], facts=months)
    sheet = _sheet(keys, found)
    texts = _texts(keys, found) if reads else {}
    return render(
        request,
        "response.html",
        now=await runtime.now(),
        response=found,
        answers=_answers(keys, found),
        sheet=sheet,
        texts={question: pieces(question, text, sheet.tags) for question, text in texts.items()},
        items=items,
        customer=_customer(keys, found.customer_ref, marks),
        reads=reads,
        may_correct=reads and found.voided_at is None,
        lines=[_line(row) for row in items if row.state is not ItemState.WITHDRAWN],
        tag_names=[(code, word(TAG_NAMES, code)) for code in TAGS],
        department_names=[(code, word(DEPARTMENTS, code)) for code in shipped().routing.departments],
        **_WORDS,
    )


@router.post("/responses/{response_id}/judgement", access=roles(Role.SUPERVISOR))
async def judge(
    request: Request,
    response_id: str,
    person: Me,
    seen: Annotated[int, Form()],
    item: Annotated[list[str] | None, Form()] = None,
    code: Annotated[list[str] | None, Form()] = None,
    department: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """The lines of the form in order: item (empty: added), tag (empty: not there), department."""
    columns = item or [], code or [], department or []
    if len({len(column) for column in columns}) != 1:
        raise Problem(422, _("请从列表中选择标签和部门"))
    choices = [Choice(i or None, c, d) for i, c, d in zip(*columns, strict=True)]
    await correct(runtime_of(request), person, response_id, choices, seen=seen)
    return see_other(request, f"/tagging/responses/{response_id}#judge")


def _line(row: ItemRow) -> dict[str, Any]:
    """One item in the form. What only a score gave has a name of its own that can be kept."""
    code = code_of(as_item(row))
    kept = [(code, word(CODES, code))] if code in (UNSPECIFIED, DETRACTOR) else []
    return {"item_id": row.item_id, "code": code, "department": row.department, "kept": kept}


def _customer(keys: Keyring, ref: str, marks: str | None) -> list[tuple[str, str]]:
    """(tag, why) of the customer."""
    sheet = keys.open_as(CustomerTagSheet, ref, "customer_tags", marks) if marks else ERASED
    return [] if sheet is ERASED else [(word(CUSTOMER_TAGS, mark.code), why(mark)) for mark in sheet.marks]


_WORDS: dict[str, Any] = {
    "word": word,
    "CODES": CODES,
    "DEPARTMENTS": DEPARTMENTS,
    "DIMENSIONS": DIMENSIONS,
    "KINDS": KINDS,
    "PROVENANCES": PROVENANCES,
    "PURPOSES": PURPOSES,
    "STATES": STATES,
}


def _sheet(keys: Keyring, found: store.ResponsePage) -> TagSheet:
    tags = keys.open(found.customer_ref, "tags", found.tags)
    return TagSheet() if tags is ERASED else TagSheet.model_validate(tags)


def _answers(keys: Keyring, found: store.ResponsePage) -> AnswerSheet:
    answers = keys.open(found.customer_ref, "answers", found.answers)
    return AnswerSheet(answers=()) if answers is ERASED else AnswerSheet.model_validate(answers)


def _texts(keys: Keyring, found: store.ResponsePage) -> dict[str, str]:
    texts = keys.open(found.customer_ref, "texts", found.texts) if found.texts else ERASED
    return {} if texts is ERASED else AnswerTexts.model_validate(texts).texts
