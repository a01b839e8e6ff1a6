"""What cannot be done now, as people and machines read it."""

from collections.abc import Iterator
from contextlib import contextmanager

from chassis.access.person import Person
from chassis.access.roles import Role
from chassis.web.filters import when
from chassis.web.i18n import N_, speech
from chassis.web.i18n import gettext as _
from chassis.web.problems import Problem
from services.survey.interview import InvalidAnswer
from services.survey.leases import Agent, Refusal, Refused
from services.survey.recording import InterviewOver
from services.survey.routing import plain
from services.survey.wrapup import Impossible

_TITLES: dict[Refusal, tuple[int, str]] = {
    Refusal.UNKNOWN: (404, N_("没有这项回访")),
    Refusal.TAKEN: (409, N_("{holder} 刚刚领取")),
    Refusal.BUSY: (409, N_("您手上还有一项回访，请先整理完")),
    Refusal.SKILL: (403, N_("这项回访需要别的技能")),
    Refusal.RESERVED: (409, N_("这项回访指定由别的客服处理")),
    Refusal.NOT_YOURS: (403, N_("这项回访由 {holder} 处理")),
    Refusal.GONE: (409, N_("这项回访不在您手上，可能已经退回或结束")),
    Refusal.SUPPRESSED: (409, N_("客户不接受联系，这项回访已经结束")),
    Refusal.NOT_NOW: (409, N_("现在不在允许拨打的时段")),
    Refusal.ALREADY_DIALLED: (409, N_("已经拨出")),
    Refusal.NOT_DIALLED: (409, N_("还没有拨出")),
    Refusal.NOT_CONNECTED: (409, N_("还没有接通")),
    Refusal.NO_IDENTITY: (409, N_("还没有核对身份")),
    Refusal.NO_CONSENT: (409, N_("客户还没有同意回访")),
    Refusal.HUNG_UP: (409, N_("通话已经结束")),
}


@contextmanager
def refusals() -> Iterator[None]:
    """Turns what the rules refuse into a `Problem`."""
    try:
        yield
    except Refused as refused:
        raise problem_of(refused) from None
    except InvalidAnswer as wrong:
        errors = [{"field": f"answers.{wrong.question_id}", "rule": wrong.rule}]
        raise Problem(422, _("有些内容不符合要求"), errors=errors) from None
    except Impossible as impossible:
        named = errors_of(impossible, speech.get().language)
        errors = [{"field": field, "rule": rule} for field, rule in named.items()]
        raise Problem(422, _("现在不能这样保存"), _(impossible.reason), errors=errors) from None
    except InterviewOver:
        raise Problem(409, _("客户已经在线上答完，不再记录回答")) from None


def errors_of(impossible: Impossible, language: str) -> dict[str, str]:
    """What keeps a record from being closed, by field; each open question is named."""
    reason = _(impossible.reason)
    return {impossible.field: reason} | {
        f"answers.{step.part_id}.{step.question.id}": f"{reason}：{plain(step.question.say(language))}"
        for step in impossible.missing
    }


def problem_of(refused: Refused) -> Problem:
    status, title = _TITLES[refused.reason]
    detail = None if refused.until is None else _("从 {time} 起可以", time=when(refused.until).striptags())
    return Problem(status, _(title, holder=refused.holder or _("别的客服")), detail)


def agent_of(person: Person) -> Agent:
    return Agent(person.login, person.name, senior=person.role is Role.SENIOR_AGENT, skills=person.skills)
