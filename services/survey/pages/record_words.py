"""The words of a record: the same on the page, on paper and in the spreadsheet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from chassis.web.filters import mask_phone
from chassis.web.i18n import N_
from chassis.web.i18n import gettext as _
from contracts.answers import Answer
from contracts.vocabulary import AnswerState, Channel, Disposition
from services.survey.address import form_of_address
from services.survey.agent_views import said
from services.survey.departments import DEPARTMENTS, PROBLEM_TYPES
from services.survey.handbook import Outcome
from services.survey.interview import PartForm
from services.survey.pages.call_view import DISPOSITIONS, MOODS, SOLVED, STATES
from services.survey.pages.queue import PURPOSES, SCENARIOS
from services.survey.promises import MadePromise, PromiseKind
from services.survey.questionnaire import Question
from services.survey.records import Record
from services.survey.routing import plain

CHANNELS = {Channel.PHONE: N_("电话"), Channel.SMS: N_("短信"), Channel.EMAIL: N_("邮件"), Channel.IVR: N_("语音")}
MESSAGES = {Disposition.DELIVERED: N_("问卷已送达"), Disposition.BOUNCED: N_("问卷没有送达")}
OUTCOMES = {Outcome.USED: N_("解答了客户"), Outcome.TOLD: N_("已告知客户"), Outcome.INTERESTED: N_("客户感兴趣")}


@dataclass(frozen=True)
class Heard:
    """One question as it was put, and what was heard."""

    number: int
    purpose: str
    text: str
    answer: str
    words: str
    value: Answer | None
    question: Question


def heard_of(record: Record, language: str) -> list[Heard]:
    """Every question that was put or is still open, part after part."""
    if record.interview is None:
        return []
    steps = [(form, question) for form in record.interview.parts for question in form.asked]
    return [_heard(number, form, question, language) for number, (form, question) in enumerate(steps, 1)]


def answer_rows(record: Record, *, language: str) -> list[Mapping[str, str | int | None]]:
    return [
        {
            _("记录编号"): record.reference,
            _("服务单号"): record.permit.callback.service_id,
            _("回访目的"): one.purpose,
            _("题号"): one.number,
            _("问题"): one.text,
            _("回答"): one.answer,
            _("客户原话"): one.words,
        }
        for one in heard_of(record, language)
    ]


def facts_of(record: Record, *, zone: ZoneInfo, language: str) -> Mapping[str, str | int | float | None]:
    """One flat row: customer, service, callback, result, follow-ups."""
    callback, call, marks = record.permit.callback, record.last_call, record.interview and record.interview.marks
    return {
        _("记录编号"): record.reference,
        _("服务单号"): callback.service_id,
        _("客户"): form_of_address(record.contact.name, language) or _("客户"),
        _("电话"): masked(record),
        _("客户等级"): record.context.level or _("普通"),
        _("场景"): _(SCENARIOS[callback.scenario]),
        _("回访目的"): "、".join(_(PURPOSES[part.purpose]) for part in callback.parts),
        _("产品"): record.context.product,
        _("服务"): record.context.service_type,
        _("处理人"): " · ".join(filter(None, [record.context.handler.team, record.context.handler.name])),
        _("服务完成"): local(record.context.completed_at, zone),
        _("联系次数"): len(record.contacts),
        _("渠道"): channel_word(call.channel) if call else None,
        _("回访人"): call.agent if call else None,
        _("拨打时间"): local(call.started_at, zone) if call else None,
        _("通话秒数"): _seconds(record.talked),
        _("整理秒数"): _seconds(record.wrapped_up_in),
        _("结果"): result(record),
        _("总体评分"): record.overall,
        _("客户情绪"): _(MOODS[marks.mood]) if marks and marks.mood else None,
        _("负面言论"): _("有") if marks and marks.negative_remarks else _("无"),
        _("问题类型"): problem(record),
        _("后续事项"): "\n".join(follow_up(one, zone) for one in record.promises),
        _("常见问题与活动"): "\n".join(f"{use.title}（{_(OUTCOMES[use.outcome])}）" for use in record.uses),
        _("备注"): note(record),
    }


def masked(record: Record) -> str:
    return mask_phone(record.contact.phone) if record.contact.phone else "—"


def channel_word(channel: str) -> str:
    return _(CHANNELS[Channel(channel)]) if channel in CHANNELS else channel


def result(record: Record) -> str:
    return outcome_word(record.disposition) if record.disposition else _("还没有联系")


def outcome_word(disposition: Disposition | str) -> str:
    words = {**{one: name for one, (name, _key) in DISPOSITIONS.items()}, **MESSAGES}
    known = Disposition(disposition)
    return _(words[known]) if known in words else known.value


def problem(record: Record) -> str | None:
    """What the agent marked, else what the CRM called it."""
    marked = record.interview.marks.problem_type if record.interview else None
    return _(PROBLEM_TYPES[marked]) if marked in PROBLEM_TYPES else record.narrative.problem_type


def note(record: Record) -> str:
    told = [one.detail for one in record.contacts if one.detail and one.agent]
    voided = _("重复回访，不计入统计") if record.duplicate else _("已作废，不计入统计")
    return "；".join([*dict.fromkeys(told), *([voided] if record.voided else [])])


def follow_up(promise: MadePromise, zone: ZoneInfo) -> str:
    kind = _("新需求") if promise.kind is PromiseKind.NEW_DEMAND else _("承诺")
    department = _(DEPARTMENTS[promise.department]) if promise.department in DEPARTMENTS else promise.department
    what = promise.what or _("已隐去")
    return f"{kind}：{what} · {department} · {_('{time} 前', time=local(promise.due_at, zone) or '')}"


def local(at: datetime | None, zone: ZoneInfo) -> str | None:
    return None if at is None else f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def _seconds(span: timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds())


def _heard(number: int, form: PartForm, question: Question, language: str) -> Heard:
    answer = form.answers.get(question.id)
    return Heard(
        number=number,
        purpose=_(PURPOSES[form.part.purpose]),
        text=plain(question.say(language)),
        answer=_answer(question, answer, language),
        words=form.texts.get(question.id, ""),
        value=answer,
        question=question,
    )


def _answer(question: Question, answer: Answer | None, language: str) -> str:
    if answer is None or answer.state is not AnswerState.ANSWERED:
        return _(STATES[AnswerState.NOT_ASKED if answer is None else answer.state])
    if answer.score is not None:
        return f"{answer.score} {said(question.labels[answer.score], language)}"
    if answer.likelihood is not None:
        return str(answer.likelihood)
    if answer.solved is not None:
        return _(SOLVED[answer.solved])
    if answer.choice is not None:
        return said(question.options[answer.choice], language)
    return _("见原话")
