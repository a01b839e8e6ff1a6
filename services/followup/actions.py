"""What people do with a case, the same for pages and API: check, ask the rules, store, tell."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from chassis.access.person import Person
from chassis.access.roles import Role
from chassis.runtime import Runtime
from chassis.transaction import Transaction
from chassis.web.i18n import gettext as _
from chassis.web.problems import Problem
from services.followup import asking
from services.followup.case import Actor, Case, Solution
from services.followup.casework import assigned, closed, noted, solved, started
from services.followup.causes import causes
from services.followup.contact import Proof, proofs
from services.followup.due import workdays
from services.followup.ladder import raised
from services.followup.members import colleagues
from services.followup.merging import NotMergeable, merged, split
from services.followup.promise import asked
from services.followup.rights import check_department
from services.followup.states import Action, ActionRefused, allows
from services.followup.store import cases, contacts, items, promises
from services.followup.telling import record_requests, record_steps
from services.followup.words import STATES, word

LONGEST = 2000


@dataclass(frozen=True)
class SolutionForm:
    root_cause: str
    root_cause_text: str
    action: str
    action_text: str
    progress_text: str = ""


async def readable(connection: asyncpg.Connection, person: Person, case_id: str) -> Case:
    """Raises `Problem` 404 or 403."""
    case = await cases.case(connection, case_id)
    if case is None:
        raise Problem(404, _("没有这件案件"))
    check_department(person, case.department)
    return case


async def assign(runtime: Runtime, person: Person, case_id: str, login: str | None, reason: str = "") -> Case:
    """To a colleague of the case's department, or to oneself when `login` is None.

    A case that somebody has is handed on only with a reason.
    """
    async with _at_work(runtime, person, case_id) as (tx, case):
        owner = await _owner(tx.connection, person, case, login)
        if case.owner not in (None, owner.login) or reason.strip():
            words = _required({"reason": reason})["reason"]
            keys = await tx.vault.keyring(text=[case.customer_ref])
            why = keys.seal_text(case.customer_ref, "note", words)
        else:
            why = None
        step = assigned(case, owner, _actor(person), tx.now, note=why)
        await record_steps(tx, [step])
        return step.case


async def start(runtime: Runtime, person: Person, case_id: str) -> Case:
    async with _at_work(runtime, person, case_id) as (tx, case):
        step = started(case, _actor(person), tx.now)
        await record_steps(tx, [step])
        return step.case


async def escalate(runtime: Runtime, person: Person, case_id: str, reason: str) -> Case:
    """The next rung of the ladder hears of it now."""
    words = _required({"reason": reason})["reason"]
    async with _at_work(runtime, person, case_id) as (tx, case):
        keys = await tx.vault.keyring(text=[case.customer_ref])
        step = raised(case, _actor(person), keys.seal_text(case.customer_ref, "note", words), tx.now)
        if step is None:
            raise Problem(409, _("已经升级到最高一级"))
        await record_steps(tx, [step])
        return step.case


async def merge(runtime: Runtime, person: Person, case_id: str, into: str) -> Case:
    """The case goes on under `into`, a case of the same customer and department; returns it."""
    async with _at_work(runtime, person, case_id) as (tx, case):
        leader = await cases.case(tx.connection, into)
        try:
            if leader is None:
                raise NotMergeable("is no case")
            steps = merged(case, leader, _actor(person), tx.now)
        except NotMergeable as error:
            errors = [{"field": "into", "rule": error.rule}]
            raise Problem(422, _("这两件案件不能合并"), errors=errors) from None
        if await cases.led_by(tx.connection, [case_id]):
            raise Problem(409, _("这件案件已带着别的案件，请先拆分"))
        await record_steps(tx, steps)
        return next(step.case for step in reversed(steps) if step.case.case_id == case_id)


async def separate(runtime: Runtime, person: Person, case_id: str) -> Case:
    """On its own again."""
    async with _at_work(runtime, person, case_id, led=True) as (tx, case):
        if case.leader is None:
            raise Problem(409, _("这件案件没有并入别的案件"))
        step = split(case, _actor(person), "by_hand", tx.now)
        await record_steps(tx, [step])
        return step.case


async def note(runtime: Runtime, person: Person, case_id: str, text: str, *, for_customer: bool) -> Case:
    """Writes down how it stands; with `for_customer` the next callback tells these words."""
    words = _required({"text": text})["text"]
    async with _at_work(runtime, person, case_id, led=True) as (tx, case):
        keys = await tx.vault.keyring(text=[case.customer_ref])
        told = keys.seal_text(case.customer_ref, "progress", words) if for_customer else None
        sealed = keys.seal_text(case.customer_ref, "note", words)
        step = noted(case, sealed, _actor(person), tx.now, progress_text=told)
        await record_steps(tx, [step])
        return step.case


async def solve(runtime: Runtime, person: Person, case_id: str, form: SolutionForm) -> Case:
    """Root cause and action are known and done: the customer is to be told, so a progress callback is asked for."""
    _check_solution(form)
    async with _at_work(runtime, person, case_id) as (tx, case):
        keys = await tx.vault.keyring(text=[case.customer_ref])

        def sealed(field: str, text: str) -> str:
            return keys.seal_text(case.customer_ref, field, text.strip())

        solution = Solution(
            root_cause=form.root_cause,
            root_cause_note=sealed("root_cause", form.root_cause_text),
            action=form.action,
            action_note=sealed("note", form.action_text),
            progress_text=sealed("progress", form.progress_text) if form.progress_text.strip() else None,
        )
        step = solved(case, solution, _actor(person), tx.now)
        await record_steps(tx, [step])
        await _ask_for_callback(tx, step.case)
        return step.case


async def close(runtime: Runtime, person: Person, case_id: str, evidence: str) -> Case:
    """`evidence` is the id of an attempt, a delivery or an ended callback; it is verified here, never believed."""
    async with _at_work(runtime, person, case_id) as (tx, case):
        if not allows(case.state, Action.CLOSE):
            raise ActionRefused(case.case_id, case.state, Action.CLOSE)
        proof = next((p for p in await proofs_of(tx.connection, case) if p.evidence == evidence), None)
        if proof is None:
            detail = _("需要处理之后与客户的联系，或处理之后的回访未能联系到客户的结果。")
            rule = "is no contact with this customer after the action"
            raise Problem(422, _("这不能证明处理后联系过客户"), detail, [{"field": "evidence", "rule": rule}])
        step = closed(case, proof.closed_as, proof.evidence, _actor(person), tx.now)
        await record_steps(tx, [step])
        return step.case


async def proofs_of(connection: asyncpg.Connection, case: Case) -> list[Proof]:
    """What would prove contact now."""
    made = await promises.of_case(connection, case)
    attempts = await contacts.attempts_of(connection, [case.customer_ref], case.solved_at)
    ended = await contacts.ends_of_case(connection, case.case_id)
    return proofs(case, attempts, ended, frozenset(promise.promise_id for promise in made))


@asynccontextmanager
async def _at_work(
    runtime: Runtime, person: Person, case_id: str, *, led: bool = False
) -> AsyncIterator[tuple[Transaction, Case]]:
    """The case under its customer's lock; what it does not allow becomes a 409 with its state.

    A merged case is worked through the one that leads it; only with `led` by itself.
    """
    async with runtime.reading() as connection:
        customer_ref = (await readable(connection, person, case_id)).customer_ref
    try:
        async with runtime.transaction(customers=[customer_ref]) as tx:
            case = await readable(tx.connection, person, case_id)
            if case.leader is not None and not led:
                raise Problem(409, _("这件案件已并入 {case_id}，请在那里处理", case_id=case.leader))
            yield tx, case
    except ActionRefused as refusal:
        state = word(STATES, refusal.state)
        raise Problem(409, _("现在不能这样做"), _("案件的状态是“{state}”，请刷新后再看。", state=state)) from None


async def _ask_for_callback(tx: Transaction, case: Case) -> None:
    made = await promises.of_case(tx.connection, case)
    first = (await items.responses(tx.connection, [case.response_id])).get(case.response_id)
    agent = first.agent if first else None
    request = asking.for_solved_case(case, made, agent, days=workdays(tx.settings), now=tx.now)
    await record_requests(tx, [(request, case.response_id)])
    await promises.save(tx.connection, [asked(promise, tx.now) for promise in made if promise.asked_at is None])


async def _owner(connection: asyncpg.Connection, person: Person, case: Case, login: str | None) -> Actor:
    if login is None and person.role is Role.DEPARTMENT and not person.by_token:
        return _actor(person)
    found = next((one for one in await colleagues(connection, case.department) if one.login == login), None)
    if found is None:
        rule = "is no member of the department of this case"
        raise Problem(422, _("负责人要是本部门的人"), errors=[{"field": "owner", "rule": rule}])
    return found


def _check_solution(form: SolutionForm) -> None:
    _required({"root_cause_text": form.root_cause_text, "action_text": form.action_text})
    wrong = []
    if form.root_cause not in causes().root_cause:
        wrong.append({"field": "root_cause", "rule": "is not one of the list"})
    if form.action not in causes().action:
        wrong.append({"field": "action", "rule": "is not one of the list"})
    if len(form.progress_text) > LONGEST:
        wrong.append({"field": "progress_text", "rule": f"longer than {LONGEST} characters"})
    if wrong:
        raise Problem(422, _("有些内容不符合要求"), errors=wrong)


def _required(texts: dict[str, str]) -> dict[str, str]:
    missing = [{"field": name, "rule": "required"} for name, text in texts.items() if not text.strip()]
    long = [{"field": n, "rule": f"longer than {LONGEST} characters"} for n, t in texts.items() if len(t) > LONGEST]
    if missing or long:
        raise Problem(422, _("有些内容不符合要求"), errors=missing + long)
    return {name: text.strip() for name, text in texts.items()}


def _actor(person: Person) -> Actor:
    return Actor(person.login, person.name)
