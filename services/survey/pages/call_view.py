"""What the call page shows at each step: rail, the sentence to say, the question, the bar at the bottom."""

from dataclasses import dataclass
from datetime import datetime

from chassis.web.i18n import N_
from chassis.web.i18n import gettext as _
from contracts.answers import Answer
from contracts.vocabulary import AnswerState, Disposition, Mood, Solved
from services.survey import routing
from services.survey.address import form_of_address
from services.survey.agent_views import probe_of, said, value_of
from services.survey.interview import Interview, PartForm, Step
from services.survey.leases import Lease
from services.survey.questionnaire import Question
from services.survey.sheet import Sheet
from services.survey.wrapup import NOT_REACHED, REACHED, impossible

DISPOSITIONS = {
    Disposition.COMPLETE: (N_("完成"), "C"),
    Disposition.PARTIAL: (N_("部分完成"), "I"),
    Disposition.BREAK_OFF: (N_("中断"), "I"),
    Disposition.REFUSAL: (N_("拒访"), "R"),
    Disposition.APPOINTMENT: (N_("约定时间"), "T"),
    Disposition.OPTED_OUT: (N_("不再联系"), "X"),
    Disposition.NO_ANSWER: (N_("无人接听"), "A"),
    Disposition.BUSY: (N_("占线"), "B"),
    Disposition.VOICEMAIL: (N_("语音信箱"), "V"),
    Disposition.SWITCHED_OFF: (N_("关机停机"), "O"),
    Disposition.WRONG_NUMBER: (N_("号码有误"), "W"),
}
MOODS = {
    Mood.CALM: N_("平静"),
    Mood.DISAPPOINTED: N_("失望"),
    Mood.DISSATISFIED: N_("不满"),
    Mood.AGITATED: N_("激动"),
}
STATES = {AnswerState.NOT_ANSWERED: N_("未回答"), AnswerState.REFUSED: N_("拒答"), AnswerState.NOT_ASKED: N_("未问")}
SOLVED = {Solved.YES: N_("是"), Solved.NO: N_("否"), Solved.UNSURE: N_("不确定")}
TOPICS = {
    "overall": N_("整体感受"),
    "response_speed": N_("响应速度"),
    "competence": N_("专业能力"),
    "attitude": N_("服务态度"),
    "clarity": N_("沟通清晰度"),
    "solved": N_("一次性解决"),
    "nps": N_("推荐意愿"),
    "reason": N_("原因"),
    "remarks": N_("意见与建议"),
    "callback": N_("回访本身"),
}


@dataclass(frozen=True)
class Asked:
    """One question with what was heard."""

    part_id: str
    question: Question
    answer: Answer | None
    words: str | None
    number: int
    settled: bool

    @property
    def path(self) -> str:
        return f"{self.part_id}/{self.question.id}"

    @property
    def at(self) -> str:
        return f"{self.part_id}.{self.question.id}"

    @property
    def value(self) -> int | str | None:
        return value_of(self.answer)


@dataclass(frozen=True)
class Choice:
    """One disposition at wrap-up; `reason` is why it cannot be chosen."""

    disposition: Disposition
    name: str
    key: str
    reason: str | None


def asked(interview: Interview) -> tuple[Asked, ...]:
    return tuple(_asked(interview, step, number) for number, step in enumerate(interview.steps(), 1))


def current(questions: tuple[Asked, ...], wanted: str | None) -> Asked | None:
    """The question asked for, else the next one without a result."""
    named = [one for one in questions if one.at == wanted]
    return next(iter([*named, *[one for one in questions if not one.settled]]), None)


def beside(questions: tuple[Asked, ...], here: Asked | None, move: int) -> Asked | None:
    """The question before or after this one."""
    index = (len(questions) if here is None else here.number - 1) + move
    return questions[index] if 0 <= index < len(questions) else None


def probe(interview: Interview, wanted: str | None, language: str) -> str | None:
    step = next((step for step in interview.steps() if f"{step.part_id}.{step.question.id}" == wanted), None)
    return None if step is None else probe_of(interview, step, language)


def heard(one: Asked, language: str) -> str:
    """What was answered, in a word."""
    if one.answer is None or one.answer.state is not AnswerState.ANSWERED:
        return _(STATES[AnswerState.NOT_ASKED if one.answer is None else one.answer.state])
    if one.answer.choice is not None:
        return said(one.question.options[one.answer.choice], language)
    if one.answer.solved is not None:
        return _(SOLVED[one.answer.solved])
    return _("已记") if one.value is None else str(one.value)


def choices(interview: Interview) -> tuple[list[Choice], list[Choice]]:
    """Dispositions of a customer who was reached, and of one who was not."""
    by_facts = interview.disposition_now()
    middle = Disposition.PARTIAL if by_facts is Disposition.PARTIAL else Disposition.BREAK_OFF
    hidden = {Disposition.PARTIAL, Disposition.BREAK_OFF} - {middle}
    reached = [_choice(one, interview) for one in REACHED if one not in hidden]
    return reached, [_choice(one, interview) for one in NOT_REACHED]


def spoken(sheet: Sheet, name: str, *, agent: str, language: str) -> list[str]:
    """The lines of a script, to be read word for word."""
    form: PartForm = sheet.forms[0]
    words = form.questionnaire.script.get(name)  # type: ignore[call-overload]
    if words is None:
        return []
    told = "\n".join(sheet.progress.values())
    minutes = max(1, round(sum(form.questionnaire.seconds for form in sheet.forms) / 60))
    text = said(words, language).format(
        address=form_of_address(sheet.contact.name, language), agent=agent, minutes=minutes, progress=told
    )
    return [line for line in text.split("\n") if line]


def opening(sheet: Sheet) -> int | None:
    """Seconds from the connection until the opening had been read; None while it is read."""
    if sheet.opened_at is None or sheet.interview is None or sheet.interview.connected_at is None:
        return None
    return max(0, int((sheet.opened_at - sheet.interview.connected_at).total_seconds()))


def elapsed(lease: Lease, interview: Interview, now: datetime) -> int:
    """Seconds of the call so far, or its length."""
    begun = interview.connected_at or lease.dialled_at or now
    return max(0, int(((lease.hung_up_at or now) - begun).total_seconds()))


def _asked(interview: Interview, step: Step, number: int) -> Asked:
    form = interview.part(step.part_id)
    answer = form.answers.get(step.question.id)
    settled = routing.settled(step.question, form.answers)
    return Asked(step.part_id, step.question, answer, form.texts.get(step.question.id), number, settled)


def _choice(disposition: Disposition, interview: Interview) -> Choice:
    name, key = DISPOSITIONS[disposition]
    return Choice(disposition, name, key, impossible(disposition, interview))
