"""Items from tagging: problems become cases, ideas and thanks fill the libraries, new demands become promises."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from chassis.errors import InvalidEvent
from chassis.runtime import Received
from chassis.transaction import Transaction
from contracts.ids import named_id
from contracts.vocabulary import CaseState, ClosedAs, ItemKind, ItemState, PromiseState, Severity
from services.followup.case import Case, Step
from services.followup.casework import corrected, moved, opened, promised, reopened
from services.followup.due import UnknownDuePolicy, Workdays, workdays, working_days
from services.followup.handlers.shelf import put_on_shelf
from services.followup.promise import BY_SYSTEM, Promise, joined
from services.followup.responses import Item, Response, cut
from services.followup.rota import dealt_out
from services.followup.sealing import opened_texts
from services.followup.states import Action, allows
from services.followup.store import cases, items, promises
from services.followup.telling import record_promises, record_steps


async def low_scores_flagged(tx: Transaction, batch: Sequence[Received]) -> None:
    """Opens, moves or corrects the case of each problem; one with `about` reopens the cases of its part only."""
    fresh = await _stored(tx, batch)
    known = await cases.by_items(tx.connection, [item.item_id for item in fresh])
    voided = await items.voided(tx.connection, [item.response_id for item in fresh])
    days = workdays(tx.settings)
    new = [i for i in fresh if i.opens_case and i.item_id not in known and i.response_id not in voided]
    steps, taken = await _opened(tx, new, days)
    steps += [
        step
        for item in fresh
        if item.item_id in known
        for step in _followed(tx, known[item.item_id], item, days, voided=item.response_id in voided)
    ]
    also, taken_too = await _promised_where_it_went(tx, steps)
    steps += [*also, *await _answered_badly(tx, [item for item in fresh if item.about is not None], days)]
    await record_steps(tx, [*steps, *await dealt_out(tx, steps)])
    await record_promises(tx, [*taken, *taken_too])


async def suggestions_routed(tx: Transaction, batch: Sequence[Received]) -> None:
    fresh = await _stored(tx, batch)
    await put_on_shelf(tx, fresh)
    await promise_new_demands(tx, [item for item in fresh if item.kind is ItemKind.NEW_DEMAND])


async def praise_routed(tx: Transaction, batch: Sequence[Received]) -> None:
    await _stored(tx, batch)


async def promise_new_demands(tx: Transaction, demands: Iterable[Item]) -> None:
    """Nobody promised anything where no agent spoke: the department's default due time is the promise."""
    asked = [item for item in demands if item.about is None and item.state is not ItemState.WITHDRAWN]
    known = await items.responses(tx.connection, [item.response_id for item in asked])
    voided = await items.voided(tx.connection, known)
    unattended = [
        (item, known[item.response_id])
        for item in asked
        if item.response_id in known and item.response_id not in voided and known[item.response_id].agent is None
    ]
    if not unattended:
        return
    made = await _default_promises(tx, unattended)
    added = await promises.add(tx.connection, made)
    await record_promises(tx, [promise for promise in made if promise.promise_id in added])


async def _stored(tx: Transaction, batch: Sequence[Received]) -> list[Item]:
    """The items of the batch that are new or newer, each in its newest revision."""
    newest: dict[str, Item] = {}
    for received in sorted(batch, key=lambda r: r.event.item_revision):
        try:
            working_days(received.event.due_policy)
        except UnknownDuePolicy:
            raise InvalidEvent(received.event_id, "due_policy", "is not working_days:<1 to 60>") from None
        item = Item(**{name: getattr(received.event, name) for name in Item.__dataclass_fields__})
        newest[item.item_id] = item
    fresh = await items.put_items(tx.connection, list(newest.values()))
    return [item for item in newest.values() if item.item_id in fresh]


async def _opened(tx: Transaction, new: Sequence[Item], days: Workdays) -> tuple[list[Step], list[Promise]]:
    """A case for each, due no later than the promises of its response and department, which it takes along."""
    ids = await cases.new_case_ids(tx.connection, len(new))
    made: dict[tuple[str, str], list[Promise]] = {}
    for promise in await promises.of_responses(tx.connection, [item.response_id for item in new]):
        made.setdefault((promise.response_id, promise.department), []).append(promise)
    due = {policy: days.due_at(policy, tx.now) for policy in {item.due_policy for item in new}}
    steps: list[Step] = []
    taken: dict[str, Promise] = {}
    for case_id, item in zip(ids, new, strict=True):
        step = opened(_case(case_id, item, due[item.due_policy], days.calendar.version, tx.now))
        steps.append(step)
        for promise in made.get((item.response_id, item.department), ()):
            step = promised(step.case, promise.promise_id, promise.due_at, tx.now)
            steps.append(step)
            with_case = joined(taken.get(promise.promise_id, promise), case_id, tx.now)
            if with_case:
                taken[promise.promise_id] = with_case
    return steps, list(taken.values())


def _case(case_id: str, item: Item, due_at: datetime, calendar_version: str, now: datetime) -> Case:
    return Case(
        case_id=case_id,
        item_id=item.item_id,
        response_id=item.response_id,
        customer_ref=item.customer_ref,
        completion_ref=item.completion_ref,
        department=item.department,
        team=item.team,
        codes=item.codes,
        severity=item.severity,
        state=CaseState.OPEN,
        opened_at=now,
        policy_due_at=due_at,
        due_at=due_at,
        calendar_version=calendar_version,
        changed_at=now,
    )


def _followed(tx: Transaction, case: Case, item: Item, days: Workdays, *, voided: bool) -> list[Step]:
    """What a newer revision of the item means for its case."""
    if voided or not item.opens_case:
        return [] if case.is_closed else [corrected(case, "item_withdrawn", tx.now)]
    if case.closed_as is ClosedAs.CORRECTED:
        due_at = days.due_at(item.due_policy, tx.now)
        return [reopened(case, "raised_again", item.item_id, tx.now, due_at=due_at)]
    same = (case.department, case.codes, case.severity) == (item.department, item.codes, item.severity)
    if case.is_closed or same:
        return []
    return [
        moved(case, department=item.department, team=item.team, codes=item.codes, severity=item.severity, now=tx.now)
    ]


async def _promised_where_it_went(tx: Transaction, steps: Sequence[Step]) -> tuple[list[Step], list[Promise]]:
    """A case that went to another department takes along what that department had promised the customer."""
    current = {step.case.case_id: step.case for step in steps if step.entry.action is Action.MOVE}
    if not current:
        return [], []
    made = await promises.of_responses(tx.connection, {case.response_id for case in current.values()})
    more: list[Step] = []
    taken: dict[str, Promise] = {}
    for promise in (one for one in made if one.state is PromiseState.OPEN):
        for case in list(current.values()):
            if (promise.response_id, promise.department) != (case.response_id, case.department):
                continue
            with_case = joined(taken.get(promise.promise_id, promise), case.case_id, tx.now)
            if with_case is None and case.due_at <= promise.due_at:
                continue
            taken |= {promise.promise_id: with_case} if with_case else {}
            more.append(promised(case, promise.promise_id, promise.due_at, tx.now))
            current[case.case_id] = more[-1].case
    return more, list(taken.values())


async def _answered_badly(tx: Transaction, answers: Sequence[Item], days: Workdays) -> list[Step]:
    """The cases that bad progress answers were about, reopened. A verification names no case: it reopens nothing."""
    bad = [i for i in answers if i.state is not ItemState.WITHDRAWN and i.severity is not Severity.REMARK]
    asked_about = {i.about.promise_id for i in bad if i.about and i.about.promise_id and not i.about.case_id}
    of_promise = {
        promise.promise_id: promise.case_id
        for promise in await promises.of_customers(tx.connection, {item.customer_ref for item in bad})
        if promise.promise_id in asked_about
    }
    answer_of: dict[str, Item] = {}
    for item in bad:
        case_id = item.about and (item.about.case_id or of_promise.get(item.about.promise_id or ""))
        if case_id:
            answer_of[case_id] = item
    found = await cases.by_ids(tx.connection, answer_of)
    return [
        reopened(
            case,
            "bad_progress_answer",
            answer_of[case.case_id].response_id,
            tx.now,
            due_at=days.due_at(answer_of[case.case_id].due_policy, tx.now),
        )
        for case in found.values()
        if allows(case.state, Action.REOPEN) and case.closed_as is not ClosedAs.CORRECTED
    ]


async def _default_promises(tx: Transaction, unattended: Sequence[tuple[Item, Response]]) -> list[Promise]:
    keys, texts = await opened_texts(tx.vault, [response for _, response in unattended])
    days = workdays(tx.settings)
    made = []
    for item, response in unattended:
        words = "；".join(cut(texts[response.response_id], item.spans))
        due_at = days.due_at(item.due_policy, tx.now)
        made.append(
            Promise(
                promise_id=named_id("promise", item.item_id),
                response_id=item.response_id,
                customer_ref=item.customer_ref,
                completion_ref=item.completion_ref,
                department=item.department,
                what=keys.seal_text(item.customer_ref, "promise", f"就新需求联系客户：{words}"),
                due_at=due_at,
                made_at=tx.now,
                made_by=BY_SYSTEM,
                ask_at=days.ask_at(due_at, tx.now),
                changed_at=tx.now,
                item_id=item.item_id,
            )
        )
    return made
