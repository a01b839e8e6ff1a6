"""Flagged records for a supervisor: what was noticed, and the decision to keep or to void."""

from typing import Annotated, Literal

from fastapi import Depends, Form, Query, Request, Response

from chassis.access.person import Person
from chassis.web.i18n import N_
from chassis.web.i18n import gettext as _
from chassis.web.pages import render, runtime_of, see_other, signed_in
from chassis.web.paging import pages_of
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter
from services.survey import deciding
from services.survey.deciding import VoidReason
from services.survey.evidence import read
from services.survey.pages.queue import SCENARIOS
from services.survey.quality_api import DECIDERS, faults
from services.survey.store import quality

PAGE = 20
router = GuardedRouter()

FLAGS = {
    "too_fast": N_("答得比读得快"),
    "straight_lining": N_("全部选同一个分"),
    "repeated_text": N_("文字重复"),
    "before_connected": N_("接通之前就有回答"),
    "impossible": N_("不可能的值"),
}
EVIDENCE = {
    "hasty": N_("{questions} 题用了 {seconds} 秒，光读完就要 {reading} 秒"),
    "equal": N_("{ratings} 个评分都一样"),
    "equal_against": N_("{ratings} 个评分都一样，推荐意愿却正相反"),
    "same_words": N_("几道题写的是同样的话"),
    "one_sign": N_("同一个字反复写"),
    "same_in_rows": N_("文件里 {rows} 行写的是同样的话"),
    "early": N_("接通前 {seconds} 秒就有回答"),
    "not_connected": N_("电话没有接通却有回答"),
    "before_completed": N_("回答早于服务完成"),
    "long_before": N_("接通后 {hours} 小时以上才有回答"),
    "no_time": N_("回答没有用时间"),
}
REASONS = {
    VoidReason.CARELESS: N_("敷衍作答"),
    VoidReason.IMPOSSIBLE: N_("内容不可能"),
    VoidReason.WRONG_PERSON: N_("不是本人"),
    VoidReason.TEST: N_("测试记录"),
    VoidReason.WITHDRAWN: N_("客户要求撤回"),
    VoidReason.MISTAKE: N_("录入错误"),
}
CHANNELS = {
    "phone": N_("电话"),
    "ivr": N_("自动语音"),
    "sms": N_("短信"),
    "email": N_("邮件"),
    "import": N_("导入"),
}


@router.get("/quality", access=DECIDERS)
async def listed(
    request: Request,
    show: Literal["waiting", "voided"] = "waiting",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    runtime = runtime_of(request)
    async with runtime.reading() as connection:
        waiting, voided = await quality.counts(connection)
        read = quality.undecided if show == "waiting" else quality.recently_voided
        found = await read(connection, limit=PAGE, offset=(page - 1) * PAGE)
    total = waiting if show == "waiting" else voided
    return render(
        request,
        "quality.html",
        now=await runtime.now(),
        records=found,
        show=show,
        waiting=waiting,
        voided=voided,
        page=page,
        pages=pages_of(total, PAGE),
        flags=FLAGS,
        reasons=REASONS,
        scenarios=SCENARIOS,
        channels=CHANNELS,
        why=why,
        seen=seen,
    )


@router.post("/quality/{response_id}", access=DECIDERS)
async def decide(
    request: Request,
    person: Annotated[Person, Depends(signed_in)],
    response_id: str,
    decision: Annotated[Literal["keep", "void"], Form()],
    reason: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    runtime = runtime_of(request)
    with faults():
        if decision == "keep":
            await deciding.keep(runtime, person, response_id)
        elif reason in tuple(VoidReason):
            await deciding.void(runtime, person, response_id, VoidReason(reason))
        else:
            raise Problem(422, _("请选择作废的原因"), errors=[{"field": "reason", "rule": "required"}])
    return see_other(request, "/survey/quality")


def seen(evidence: str) -> str:
    """What was measured, in the reader's language."""
    found = read(evidence)
    if found is None or found[0] not in EVIDENCE:
        return evidence
    name, numbers = found
    return _(EVIDENCE[name], **numbers)


def why(reason: str) -> str:
    """The reason of a voided record in the reader's language."""
    if reason.startswith("duplicate of "):
        return _("重复：同一次服务已有记录 {first}", first=reason.removeprefix("duplicate of ")[:12])
    return _(REASONS[VoidReason(reason)]) if reason in tuple(VoidReason) else reason
