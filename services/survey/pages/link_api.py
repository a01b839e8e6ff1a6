"""The online questionnaire for programs: the same doors and rules as the pages, in JSON."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from chassis.web.i18n import gettext as _
from chassis.web.pages import runtime_of
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, public
from contracts.vocabulary import AnswerState, QuestionKind
from services.survey import guest, routing
from services.survey.guest import LinkClosed, NotSettled, OutOfOrder
from services.survey.interview import Given, Interview, InvalidAnswer, Step
from services.survey.links import LinkState, reference_of
from services.survey.pages import door
from services.survey.pages.door import Caller

OPEN = public(door.REASON)
router = GuardedRouter(prefix="/links/{code}", tags=["links"])


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Proof(_Body):
    """`last_four` where a phone number is known, else `confirm`."""

    last_four: Annotated[str, Field(pattern=r"^[0-9]{4}$")] | None = None
    confirm: bool = False


class AnswerIn(_Body):
    """`value`: a score 1–5, a likelihood 0–10, yes/no/unsure, or an option's key; `text` for open questions."""

    part_id: str | None = None
    value: int | str | None = None
    text: Annotated[str, Field(max_length=2000)] | None = None
    state: AnswerState = AnswerState.ANSWERED
    elapsed_ms: Annotated[int, Field(gt=0, lt=3_600_000)] | None = None


class QuestionOut(BaseModel):
    part_id: str
    question_id: str
    kind: QuestionKind
    text: dict[str, str]
    labels: dict[int, dict[str, str]]
    options: dict[str, dict[str, str]]
    required: bool
    limit: int | None
    state: AnswerState


class LinkOut(BaseModel):
    """`questions` and `next` only for a session; `questions` are those that the answers so far bring up."""

    state: LinkState
    identity: str
    expires_at: datetime
    questions: list[QuestionOut] = []
    next: str | None = None
    submitted: bool = False


class Session(BaseModel):
    """Send `session` back in the header X-Link-Session."""

    session: str


class Receipt(BaseModel):
    reference: str
    answer_by: datetime | None


async def caller_of(request: Request, code: str) -> Caller:
    try:
        return await door.enter(request, code)
    except LinkClosed as closed:
        raise _closed(closed) from None


async def proved(caller: Annotated[Caller, Depends(caller_of)]) -> Caller:
    if not caller.proved:
        raise Problem(401, _("请先确认身份"))
    return caller


@router.get("", access=OPEN)
async def state(caller: Annotated[Caller, Depends(caller_of)]) -> LinkOut:
    return _link(caller, caller.guest.interview if caller.proved else None)


@router.post("/identity", access=OPEN)
async def identity(request: Request, caller: Annotated[Caller, Depends(caller_of)], proof: Proof) -> Session:
    try:
        session = await door.prove(request, caller, last_four=proof.last_four, says_yes=proof.confirm)
    except LinkClosed as closed:
        raise _closed(closed) from None
    if session is None:
        raise Problem(403, _("和我们登记的不一致"))
    return Session(session=session)


@router.put("/answers/{question_id}", access=OPEN)
async def answer(
    request: Request, caller: Annotated[Caller, Depends(proved)], question_id: str, given: AnswerIn
) -> LinkOut:
    received = Given(value=given.value, text=given.text, state=given.state, elapsed_ms=given.elapsed_ms)

    def told(interview: Interview) -> tuple[Step, Given]:
        return _step(interview, question_id, given.part_id), received

    try:
        return _link(caller, await guest.answer(runtime_of(request), caller.guest, told))
    except InvalidAnswer as error:
        field = f"answers.{error.question_id}"
        raise Problem(422, _("有些内容不符合要求"), errors=[{"field": field, "rule": error.rule}]) from None
    except OutOfOrder as error:
        first = "" if error.step is None else error.step.question.id
        rule = f"{first} comes first"
        raise Problem(409, _("请按顺序回答"), errors=[{"field": "question_id", "rule": rule}]) from None
    except LinkClosed as closed:
        raise _closed(closed) from None


@router.post("/submit", access=OPEN)
async def submit(request: Request, caller: Annotated[Caller, Depends(proved)], code: str) -> Receipt:
    try:
        await guest.submit(runtime_of(request), caller.guest)
    except NotSettled as error:
        missing = [{"field": f"answers.{step.question.id}", "rule": "is missing"} for step in error.missing]
        raise Problem(409, _("还有问题没有回答"), errors=missing) from None
    except LinkClosed as closed:
        raise _closed(closed) from None
    ended = (await caller_of(request, code)).guest.interview
    by = None if ended is None else guest.answered_by(runtime_of(request), ended)
    return Receipt(reference=reference_of(caller.guest.link.callback_id), answer_by=by)


@router.post("/opt-out", access=OPEN, status_code=204)
async def opt_out(request: Request, caller: Annotated[Caller, Depends(caller_of)]) -> None:
    await guest.opt_out(runtime_of(request), caller.guest)


def _closed(closed: LinkClosed) -> Problem:
    if closed.state is None:
        return Problem(404, _("没有找到这个链接"))
    titles = {LinkState.LOCKED: _("这个链接已锁定"), LinkState.USED: _("这个链接已经用过")}
    titles |= {LinkState.EXPIRED: _("这个链接已过期"), LinkState.STOPPED: _("这个链接已停用")}
    return Problem(423 if closed.state is LinkState.LOCKED else 410, titles.get(closed.state, _("这个链接已停用")))


def _step(interview: Interview, question_id: str, part_id: str | None) -> Step:
    for step in interview.steps():
        if step.question.id == question_id and part_id in (None, step.part_id):
            return step
    raise Problem(404, _("没有这个问题"), errors=[{"field": "question_id", "rule": "is not asked now"}])


def _link(caller: Caller, interview: Interview | None) -> LinkOut:
    over = interview is not None and interview.ended_at is not None
    upcoming = None if interview is None or over else interview.next_step()
    return LinkOut(
        state=caller.guest.state,
        identity="phone" if caller.guest.by_phone else "confirm",
        expires_at=caller.guest.link.expires_at,
        questions=[] if interview is None or over else [_question(interview, step) for step in interview.steps()],
        next=None if upcoming is None else upcoming.question.id,
        submitted=over,
    )


def _question(interview: Interview, step: Step) -> QuestionOut:
    question = step.question
    form = interview.part(step.part_id)
    held = form.answers.get(question.id)
    return QuestionOut(
        part_id=step.part_id,
        question_id=question.id,
        kind=question.kind,
        text={language: routing.plain(words) for language, words in question.text.items()},
        labels=question.labels,
        options=dict(question.options),
        required=question.required_on(form.medium),
        limit=question.limit if question.kind is QuestionKind.TEXT else None,
        state=AnswerState.NOT_ASKED if held is None else held.state,
    )
