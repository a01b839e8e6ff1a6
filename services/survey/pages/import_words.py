"""Why a row of a table is not taken, in the words of the page. The API and the stored row say it in English."""

import re
from dataclasses import dataclass

from chassis.web.i18n import N_, speech
from chassis.web.i18n import gettext as _
from services.survey.questionnaire import Questionnaire
from services.survey.routing import plain

_FIELDS = {
    "service_id": N_("服务单号"),
    "answered_at": N_("回答时间"),
    "channel": N_("渠道"),
    "connected_at": N_("接通时间"),
    "seconds": N_("用时秒数"),
    "answers": N_("回答"),
    "row": N_("整行"),
}
# By what the rules say; a name in the pattern is one in the words.
_RULES: tuple[tuple[str, str], ...] = (
    (r"is missing or longer than (?P<most>\d+) characters", N_("缺少，或者超过 {most} 个字符")),
    (r"is missing|is required", N_("必填，现在是空的")),
    (r"is a date, not an answer", N_("填的是日期，不是回答")),
    (r"nothing is answered", N_("一题也没有回答")),
    (r"must be one of (?P<values>.+)", N_("只能填：{values}")),
    (r"must be one of the options offered", N_("不是可选的选项")),
    (r"is no time such as (?P<such>.+)", N_("不是时间，请写成 {such}")),
    (r"must be a whole number from (?P<low>\d+) to (?P<high>\d+)", N_("要填 {low} 到 {high} 的整数")),
    (r"must be a whole number", N_("要填整数")),
    (r"must be yes, no or unsure", N_("要填 yes、no 或 unsure")),
    (r"is no key that the telephone menu offers", N_("不是电话菜单里的按键")),
    (r"takes at most (?P<most>\d+) characters", N_("最多 {most} 个字")),
    (r"must not lie in the future", N_("在将来，请核对日期和时区")),
    (r"is no question of this questionnaire", N_("这份问卷没有这道题")),
    (r"is not asked after these answers or on this channel", N_("按前面的回答或这个渠道，这道题不会问到")),
    (r"is unknown: no such service .*", N_("没有这个服务单：请核对单号和来源")),
    (r"names a service that was rejected when it came in", N_("这个服务单进来时没有被接受")),
    (r"names a service for which no (?P<purpose>\w+) was asked", N_("这个服务单没有这类回访（{purpose}）")),
    (
        r"names a service that is asked with (?P<other>\S+), not (?P<own>\S+)",
        N_("这个服务单用的问卷是 {other}，不是 {own}"),
    ),
    (r"names a customer whose data was erased", N_("这位客户的资料已按要求删除")),
    (r"cannot be recorded \((?P<kind>\w+)\).*", N_("录入时出错（{kind}），请告诉管理员")),
)
_KNOWN = tuple((re.compile(rule), words) for rule, words in _RULES)


@dataclass(frozen=True)
class Reason:
    """`language`: of the rule, where it is another one than that of the page."""

    field: str
    rule: str
    language: str | None = None


def reason_of(field: str, rule: str, asked: Questionnaire) -> Reason:
    named = _field(field, asked)
    for pattern, words in _KNOWN:
        if found := pattern.fullmatch(rule):
            return Reason(named, _(words, **found.groupdict()))
    return Reason(named, rule, "en")


def _field(name: str, asked: Questionnaire) -> str:
    if name in _FIELDS:
        return _(_FIELDS[name])
    question = asked.question(name.removeprefix("answers."))
    return name if question is None else plain(question.say(speech.get().language))
