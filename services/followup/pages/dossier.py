"""Everything that is known around one case, opened for one page view, as a timeline."""

from dataclasses import dataclass, replace
from datetime import datetime

from chassis.access.person import Person
from chassis.runtime import Runtime
from chassis.vault import Keyring
from chassis.web.i18n import gettext as _
from contracts.vocabulary import PromiseState, Purpose
from services.followup.case import Case
from services.followup.chain import Link, first_broken
from services.followup.contact import Attempt, tells_of
from services.followup.pages import lines
from services.followup.pages.lines import Line
from services.followup.pages.shown import overall, title_of
from services.followup.promise import Promise
from services.followup.requests import Request
from services.followup.responses import Item, Response, cut
from services.followup.rights import sees_words
from services.followup.sealing import Opened, keyring_for, opened, words
from services.followup.store import cases, contacts, items, promises


@dataclass(frozen=True)
class Dossier:
    title: str
    score: int | None
    entries: list[Line]
    contacts: list[Line]
    root_cause: str | None
    action: str | None
    progress_text: str | None
    kept_promise: bool
    after: int | None
    """Overall score of the last progress answer; None: not called back, or not answered."""
    planned: Request | None
    history: int
    chain_end: str
    chain_whole: bool
    suppressed_since: datetime | None
    siblings: list[Case]


@dataclass(frozen=True)
class _Known:
    """Rows as stored, still sealed."""

    links: list[Link]
    item: Item | None
    first: Response | None
    later: list[Response]
    promises: list[Promise]
    attempts: list[Attempt]
    open_requests: list[Request]
    suppressed_since: datetime | None
    siblings: list[Case]


async def gather(runtime: Runtime, person: Person, case: Case) -> Dossier:
    known = await _read(runtime, case)
    answers = [response for response in (known.first, *known.later) if response]
    keys = await keyring_for(runtime.vault, answers, [case.customer_ref])
    first = opened(keys, known.first) if known.first else None
    later = [opened(keys, response) for response in known.later]
    pieces = cut(first.texts, known.item.spans) if first and known.item and sees_words(person) else []
    entries = _entries(case, known, keys, first=first, later=later, pieces=pieces, reads=sees_words(person))
    progress = [view for view in later if view.response.purpose is Purpose.PROGRESS]
    reads = sees_words(person)
    return Dossier(
        title=title_of(pieces, case.codes),
        score=overall(first.sheet) if first else None,
        entries=entries,
        contacts=[line for line in entries if line.contact],
        root_cause=words(keys, case.customer_ref, "root_cause", case.root_cause_note) if reads else None,
        action=words(keys, case.customer_ref, "note", case.action_note) if reads else None,
        progress_text=words(keys, case.customer_ref, "progress", case.progress_text) if reads else None,
        kept_promise=any(promise.state is PromiseState.KEPT for promise in known.promises),
        after=overall(progress[-1].sheet) if progress else None,
        planned=next(iter(_planned(case, known)), None),
        history=len(known.links),
        chain_end=known.links[-1].hash if known.links else "",
        chain_whole=first_broken(known.links) is None,
        suppressed_since=known.suppressed_since,
        siblings=[one for one in known.siblings if one.department == case.department or person.department is None],
    )


async def _read(runtime: Runtime, case: Case) -> _Known:
    async with runtime.reading() as connection:
        first = await items.responses(connection, [case.response_id])
        around = await contacts.attempts_of(connection, [case.customer_ref], case.opened_at)
        of_customer = await cases.of_customers(connection, [case.customer_ref])
        return _Known(
            links=await cases.history(connection, case.case_id),
            item=(await items.items(connection, [case.item_id])).get(case.item_id),
            first=first.get(case.response_id),
            later=await items.later_responses(connection, case.case_id, case.response_id),
            promises=await promises.of_case(connection, case),
            attempts=around,
            open_requests=await contacts.open_requests_of_cases(connection, [case.case_id]),
            suppressed_since=await contacts.suppressed_since(connection, case.customer_ref),
            siblings=[one for one in of_customer if one.case_id != case.case_id],
        )


def _entries(
    case: Case,
    known: _Known,
    keys: Keyring,
    *,
    first: Opened | None,
    later: list[Opened],
    pieces: list[str],
    reads: bool,
) -> list[Line]:
    """Oldest first; what is planned comes last."""
    found: list[Line] = []
    if first:
        found += lines.of_service(first)
        found.append(lines.of_answer(first, _("首次回访"), pieces))
    for view in later:
        label = _("二次回访") if view.response.purpose is Purpose.PROGRESS else _("二次核实")
        found.append(lines.of_answer(view, label, list(view.texts.values()) if reads else []))
    answered = {view.response.connected_at for view in later if view.response.connected_at}
    found += [lines.of_attempt(a) for a in known.attempts if a.connected_at is None or a.connected_at not in answered]
    for promise in known.promises:
        what = words(keys, promise.customer_ref, "promise", promise.what) if reads else None
        found.append(lines.of_promise(promise, what))
    for link in known.links:
        line = lines.of_link(link)
        text = words(keys, case.customer_ref, "note", link.note) if reads else None
        if line:
            found.append(replace(line, verbatim=text) if text else line)
    found.sort(key=lambda line: line.at)
    return found + [lines.of_request(request) for request in _planned(case, known)]


def _planned(case: Case, known: _Known) -> list[Request]:
    """Requests that no contact about the case has answered yet."""
    told = [attempt.at for attempt in known.attempts if attempt.reached and tells_of(attempt, case.case_id)]
    return [request for request in known.open_requests if not any(at > request.requested_at for at in told)]
