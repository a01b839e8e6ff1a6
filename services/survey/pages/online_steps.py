"""The questions of the online questionnaire, one a screen."""

from collections.abc import Mapping

from fastapi import Request, Response

from chassis.web.i18n import N_, speech
from chassis.web.i18n import gettext as _
from chassis.web.pages import posted, render, runtime_of, see_other
from chassis.web.router import GuardedRouter, public
from contracts.answers import Answer
from contracts.vocabulary import QuestionKind
from services.survey import guest
from services.survey.guest import LinkClosed, OutOfOrder
from services.survey.interview import Given, Interview, InvalidAnswer, Step
from services.survey.links import LinkState
from services.survey.pages import door
from services.survey.pages.door import Caller
from services.survey.questionnaire import Question
from services.survey.renderings.web import read_post

OPEN = public(door.REASON)
router = GuardedRouter()

_CHOICES = {"yes": N_("是"), "no": N_("否"), "unsure": N_("不确定")}


def position(caller: Caller) -> int:
    """Where to go on: the first question that is not settled, else the last one."""
    assert caller.guest.interview is not None, "asked of proved callers only"  # noqa: S101
    return _position(caller.guest.interview)


@router.get("/{code}/{n:int}", access=OPEN)
async def show(request: Request, code: str, n: int) -> Response:
    caller = await _caller(request, code)
    if caller is None:
        return see_other(request, f"/q/{code}")
    interview = _interview(caller)
    if n < 1 or n > _position(interview):
        return see_other(request, f"/q/{code}/{_position(interview)}")
    return _question_page(request, code, n, interview)


@router.post("/{code}/{n:int}", access=OPEN)
async def take(request: Request, code: str, n: int) -> Response:
    caller = await _caller(request, code)
    if caller is None:
        return see_other(request, f"/q/{code}")
    form = await posted(request)
    try:
        interview = await guest.answer(runtime_of(request), caller.guest, lambda now: _told(now, n, form))
        return await _onward(request, code, n, caller, interview)
    except InvalidAnswer:
        return _question_page(request, code, n, _interview(caller), refused=form)
    except OutOfOrder:
        return see_other(request, f"/q/{code}/{position(caller)}")
    except LinkClosed:
        return see_other(request, f"/q/{code}")


def _told(interview: Interview, n: int, form: Mapping[str, str]) -> tuple[Step, Given]:
    """Raises `OutOfOrder` for a page that showed another question than the one that is the nth now."""
    steps = interview.steps()
    if not 1 <= n <= len(steps) or form.get("step") != name_of(steps[n - 1]):
        raise OutOfOrder(interview.next_step())
    return steps[n - 1], read_post(steps[n - 1].question, form)


def name_of(step: Step) -> str:
    """Binds a form to its question: an old page can not answer another one."""
    return f"{step.part_id}/{step.question.id}"


async def _onward(request: Request, code: str, n: int, caller: Caller, interview: Interview) -> Response:
    if n < len(interview.steps()):
        return see_other(request, f"/q/{code}/{n + 1}")
    if interview.next_step() is not None:
        return see_other(request, f"/q/{code}/{_position(interview)}")
    await guest.submit(runtime_of(request), caller.guest)
    return see_other(request, f"/q/{code}/thanks")


async def _caller(request: Request, code: str) -> Caller | None:
    """None: this browser may not see a question (any more); the first page tells why."""
    try:
        caller = await door.enter(request, code)
    except LinkClosed:
        return None
    going_on = not caller.guest.has_ended and caller.guest.state is LinkState.LIVE
    return caller if caller.proved and going_on else None


def _interview(caller: Caller) -> Interview:
    assert caller.guest.interview is not None, "looked at in _caller"  # noqa: S101
    return caller.guest.interview


def _position(interview: Interview) -> int:
    steps = interview.steps()
    return next((n for n, step in enumerate(steps, 1) if not interview.is_settled(step)), len(steps))


def _complaint(question: Question) -> str:
    if question.kind is QuestionKind.TEXT:
        return _("请写下情况（最多 {limit} 字），或者选择“暂不回答这题”。", limit=question.limit)
    return _("请选择一项，或者选择“暂不回答这题”。")


def _question_page(
    request: Request, code: str, n: int, interview: Interview, *, refused: Mapping[str, str] | None = None
) -> Response:
    """`refused`: what was sent and is no answer to this question."""
    steps = interview.steps()
    step, language = steps[n - 1], speech.get().language
    form = interview.part(step.part_id)
    held = form.answers.get(step.question.id)
    return render(
        request,
        "online_question.html",
        status_code=200 if refused is None else 422,
        private=True,
        code=code,
        n=n,
        total=len(steps),
        step=name_of(step),
        question=step.question,
        words=step.question.say(language),
        note=(step.question.note or {}).get(language),
        labels={score: label[language] for score, label in step.question.labels.items()},
        options=_options(step.question, language),
        low=(step.question.low or {}).get(language),
        high=(step.question.high or {}).get(language),
        value=None if held is None else _value(held),
        text=form.texts.get(step.question.id, "") if refused is None else refused.get("text", ""),
        error=None if refused is None else _complaint(step.question),
    )


def _value(held: Answer) -> str | None:
    values = (held.score, held.likelihood, held.solved, held.choice)
    return next((str(value) for value in values if value is not None), None)


def _options(question: Question, language: str) -> list[tuple[str, str]]:
    if question.kind in (QuestionKind.SOLVED, QuestionKind.APPROVAL):
        return [(key, _(label)) for key, label in _CHOICES.items()]
    return [(key, label[language]) for key, label in question.options.items()]
