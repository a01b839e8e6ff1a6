"""Promises, suggestions, praise and remarks: what came besides the cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Form, Request, Response

from chassis.access.audit import record
from chassis.access.person import Person
from chassis.access.roles import Role
from chassis.runtime import Runtime
from chassis.vault import Keyring
from chassis.web.i18n import gettext as _
from chassis.web.pages import render, runtime_of, see_other, signed_in
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, roles
from contracts.vocabulary import ItemKind, PromiseState, Severity
from services.followup.authors import readable_suggestion, tell_author
from services.followup.due import workdays
from services.followup.pages.shown import Due, due_of
from services.followup.promise import Promise
from services.followup.requests import Request as ProgressRequest
from services.followup.responses import Item, cut
from services.followup.rights import READERS, WORKERS, sees_words, visible_department
from services.followup.sealing import opened_texts, texts_of, words
from services.followup.store import contacts, items, promises
from services.followup.store.contacts import Outcome
from services.followup.words import DEPARTMENTS, EXPLANATIONS, PROBLEM_TYPES, PROMISE_STATES, word

router = GuardedRouter()
Me = Annotated[Person, Depends(signed_in)]


@dataclass(frozen=True)
class Voice:
    """An item with the customer's words; None: not to be read by this person, or not there any more."""

    item: Item
    text: str | None
    asked: ProgressRequest | None = None
    """The wish that its author be told."""
    outcome: Outcome | None = None


@dataclass(frozen=True)
class ShownPromise:
    promise: Promise
    what: str | None
    due: Due


@router.get("/promises", access=roles(*READERS))
async def show_promises(request: Request, person: Me, department: str | None = None) -> Response:
    runtime = runtime_of(request)
    now, days = await runtime.now(), workdays(runtime.settings)
    own = visible_department(person, department or None)
    async with runtime.reading() as connection:
        found = await promises.listed(connection, department=own)
    keys = await runtime.vault.keyring(text={promise.customer_ref for promise in found})
    rows = [ShownPromise(one, _what(keys, person, one), due_of(days, one.due_at, now)) for one in found]
    return render(
        request,
        "promises.html",
        now=now,
        waiting=[row for row in rows if row.promise.state is PromiseState.OPEN],
        settled=[row for row in rows if row.promise.state is not PromiseState.OPEN],
        PROMISE_STATES=PROMISE_STATES,
        **_frame(person, own),
    )


@router.get("/suggestions/{item_id}", access=roles(*READERS))
async def show_suggestion(request: Request, item_id: str, person: Me) -> Response:
    return await _suggestion(request, item_id, person)


@router.post("/suggestions/{item_id}/tell", access=roles(*WORKERS))
async def tell(request: Request, item_id: str, person: Me, text: Annotated[str, Form()] = "") -> Response:
    try:
        await tell_author(runtime_of(request), person, item_id, text)
    except Problem as problem:
        if problem.status_code != 422:
            raise
        return await _suggestion(request, item_id, person, errors={"text": _("请填写这一项")}, text=text)
    return see_other(request, f"/followup/suggestions/{item_id}")


@router.get("/remarks", access=roles(*READERS))
async def show_remarks(request: Request, person: Me, department: str | None = None) -> Response:
    """Problems told at a good score, and detractors with good scores: to be known, without a case."""
    own = visible_department(person, department or None)
    voices = await voices_of(runtime_of(request), person, (ItemKind.PROBLEM,), own)
    remarks = [voice for voice in voices if voice.item.severity is Severity.REMARK]
    return render(request, "remarks.html", voices=remarks, PROBLEM_TYPES=PROBLEM_TYPES, **_frame(person, own))


async def _suggestion(
    request: Request, item_id: str, person: Person, *, errors: dict[str, str] | None = None, text: str = ""
) -> Response:
    runtime = runtime_of(request)
    async with runtime.reading() as connection:
        item = await readable_suggestion(connection, person, item_id)
        if sees_words(person):
            await record(connection, person, action="read", subject=f"item:{item_id}")
    (voice,) = await opened_voices(runtime, person, [item])
    return render(
        request,
        "suggestion.html",
        status_code=422 if errors else 200,
        now=await runtime.now(),
        voice=voice,
        errors=errors or {},
        text=text,
        explained=explained,
        may_tell=person.role in WORKERS and voice.asked is None,
        **_frame(person, item.department),
    )


async def voices_of(runtime: Runtime, person: Person, kinds: Sequence[ItemKind], department: str | None) -> list[Voice]:
    async with runtime.reading() as connection:
        found = await items.library(connection, kinds, department=department)
    return await opened_voices(runtime, person, found)


async def opened_voices(runtime: Runtime, person: Person, found: Sequence[Item]) -> list[Voice]:
    async with runtime.reading() as connection:
        responses = await items.responses(connection, {item.response_id for item in found})
        asked = await contacts.requests_of_suggestions(connection, [item.item_id for item in found])
        outcomes = await contacts.outcomes_of_suggestions(connection, asked)
    keys, _texts = await opened_texts(runtime.vault, list(responses.values()))
    voices = []
    for item in found:
        response = responses.get(item.response_id) if sees_words(person) else None
        pieces = cut(texts_of(keys, response), item.spans) if response else []
        text = " ".join(pieces) or None
        voices.append(Voice(item, text, asked.get(item.item_id), outcomes.get(item.item_id)))
    return voices


def explained(explanation: str) -> str:
    return word(EXPLANATIONS, explanation)


def _what(keys: Keyring, person: Person, promise: Promise) -> str | None:
    return words(keys, promise.customer_ref, "promise", promise.what) if sees_words(person) else None


def _frame(person: Person, department: str | None) -> dict[str, Any]:
    """What every list shows around its rows."""
    return {
        "department": department,
        "departments": DEPARTMENTS if person.role is not Role.DEPARTMENT else {},
        "DEPARTMENTS": DEPARTMENTS,
        "word": word,
        "reads": sees_words(person),
    }
