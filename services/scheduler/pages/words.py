"""Codes of the ledger as sentences for people."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from babel.dates import format_datetime
from markupsafe import Markup

from chassis.web.i18n import CHINESE, N_, speech
from chassis.web.i18n import gettext as _
from services.scheduler.callback import Permit
from services.scheduler.store.stories import StoryRow

EXPLANATIONS = {
    "rejected": N_("没有回访：这份记录有误，未进入抽样框"),
    "out_of_frame": N_("没有回访：不在抽样框内"),
    "not_drawn": N_("没有回访：没有抽中"),
    "no_contact_data": N_("没有回访：没有可用的联系方式"),
    "opted_out": N_("没有回访：客户要求不再联系"),
    "suppressed_by_budget": N_("没有回访：接触额度用完，窗口内没有合法时段"),
    "window_missed": N_("没有回访：错过了回访窗口"),
    "exhausted": N_("没有联系上：尝试次数已用完"),
    "refused": N_("客户拒访"),
    "break_off": N_("回访中断"),
    "partial": N_("部分完成"),
    "complete": N_("回访完成"),
    "unreported": N_("没有收到联系结果"),
    "withdrawn": N_("回访已撤回"),
    "erased": N_("客户资料已擦除"),
}
REASONS = {
    "drawn": N_("抽中"),
    "certainty": N_("必抽层，全部入样"),
    "not_drawn": N_("抽取值不小于入样概率，没有抽中"),
    "unknown_scenario": N_("场景未知"),
    "unknown_zone": N_("时区未知"),
    "completed_in_future": N_("完成时间在未来"),
    "handled_in_future": N_("处理时间在未来"),
    "handled_far_from_completed": N_("处理时间与完成时间相差超过 30 天"),
    "older_than_look_back": N_("完成时间早于回溯期限"),
    "period_closed": N_("所属抽样周期已经结束"),
    "outside_pilot": N_("场景在小范围试点，这位客户不在其中"),
}
CAUTIONS = {
    "phone_not_valid": N_("电话号码无法识别，没有使用"),
    "email_not_valid": N_("邮箱地址无法识别，没有使用"),
    "unknown_level": N_("客户等级未知，按普通客户处理"),
    "unknown_service_type": N_("服务类型未知，归入其他"),
    "handled_at_missing": N_("没有处理时间，按完成时间计算"),
    "clock_missing": N_("没有场景所用的时间，按完成时间计算"),
    "channel_pilot": N_("能联系到这位客户的渠道都在小范围试点，客户不在其中"),
}
DISPOSITIONS = {
    "complete": N_("完成"),
    "partial": N_("部分完成"),
    "break_off": N_("中断"),
    "refusal": N_("拒访"),
    "appointment": N_("约定时间"),
    "opted_out": N_("不再联系"),
    "no_answer": N_("无人接听"),
    "busy": N_("占线"),
    "voicemail": N_("语音信箱"),
    "switched_off": N_("关机或停机"),
    "wrong_number": N_("号码有误"),
    "delivered": N_("已送达"),
    "bounced": N_("退信"),
    "not_attempted": N_("没有进行"),
}
SCENARIOS = {
    "after_sale": N_("售后"),
    "complaint": N_("投诉处理"),
    "consultation": N_("咨询"),
    "installation": N_("安装"),
    "activation": N_("新用户激活"),
    "care": N_("周期性关怀"),
    "beta": N_("产品迭代体验"),
    "usage": N_("产品使用效果跟踪"),
    "first_service": N_("新客户首次服务"),
}
ROADS = {"kafka": "Kafka", "http": "HTTP", "timer": N_("定时触发"), "list": N_("导入名单")}
PUT_OFF = {
    "outside_hours": N_("不在合法时段"),
    "budget": N_("接触额度已用"),
    "capacity": N_("座席容量已满"),
}
CHANNELS = {"phone": N_("电话"), "ivr": N_("语音"), "sms": N_("短信"), "email": N_("邮件"), "import": N_("导入")}
STORIES = {
    "response": N_("回答"),
    "voided": N_("作废"),
    "tagged": N_("打标"),
    "promise": N_("承诺"),
    "case": N_("案件"),
    "correction": N_("更正"),
}
LEVELS = {"hard": N_("硬规则"), "deadline": N_("期限"), "soft": N_("软规则"), "preference": N_("偏好")}
RULES = {
    "hours": N_("开始时间 {a}–{b}（当地）"),
    "suppression": N_("不在免打扰名单、未退订"),
    "budget": N_("接触额度：每人 {b} 天 {a} 次，全渠道"),
    "window": N_("窗口 {a} 至 {b}（当地）"),
    "soft_bans": N_("避开周一上午、周五下午"),
    "preferences": N_("工作日 9–11 点、14–17 点"),
}
RESULTS = {"passed": N_("通过"), "failed": N_("不通过"), "yielded": N_("让位于更硬的规则"), "undecided": N_("未判定")}
SKILLS = {"general": N_("普通坐席"), "senior": N_("资深坐席")}
PRIORITIES = {1: N_("投诉"), 2: N_("约定与到期"), 3: N_("VIP"), 4: N_("其余")}


def explanation(code: str | None) -> str:
    return _(EXPLANATIONS.get(code, code)) if code else _("还在进行")


def outcome(completion: Mapping[str, Any]) -> str:
    """The explanation; a pilot that left no channel is named, for contact data there were."""
    if completion["explanation"] == "no_contact_data" and "channel_pilot" in completion["warnings"]:
        return _("没有回访：渠道在小范围试点，这位客户不在其中")
    return explanation(completion["explanation"])


def reason(code: str) -> str:
    return _(REASONS.get(code, code))


def scenario(code: str | None) -> str:
    return _(SCENARIOS[code]) if code in SCENARIOS else _("未知场景")


def received(row: Mapping[str, Any]) -> str:
    road = named(ROADS, row["road"])
    again = _("；另有 {n} 次重复投递，未产生影响", n=row["duplicates"]) if row["duplicates"] else ""
    mended = _("；更正 {n} 次", n=row["corrections"]) if row["corrections"] else ""
    return _("服务完成事件，由 {road} 收到", road=road) + again + mended


def layered(row: Mapping[str, Any]) -> str:
    if row["draw"] is None:
        return reason(row["reason"])
    return _("层 {stratum}，入样概率 π = {pi}", stratum=row["stratum"], pi=f"{row['thousandths'] / 1000:.3f}")


def drawn(row: Mapping[str, Any]) -> str:
    if row["draw"] is None:
        return _("没有发生")
    values = {"value": f"{row['draw']:.4f}", "pi": f"{row['thousandths'] / 1000:.3f}"}
    if row["verdict"] == "selected":
        return _("抽取值 {value} 小于 {pi}，抽中", **values)
    return _("抽取值 {value} 不小于 {pi}，没有抽中", **values)


def planned(permit: Permit) -> str:
    if not permit.plan.get("broken"):
        return _("找到符合全部规则的时段")
    return _("找到合法时段，{n} 条较软的规则让位", n=len(permit.plan["broken"]))


def tried(permits: Sequence[Permit]) -> str:
    ends = [_(DISPOSITIONS[p.disposition]) if p.disposition else _("等待结果") for p in permits]
    return _("{n} 次：{ends}", n=len(ends), ends="、".join(ends))


def put_off(earlier: Sequence[Mapping[str, Any]], newest: Mapping[str, Any]) -> str:
    """Why a permit was planned anew, each reason with its number of times."""
    counted = Counter(plan["put_off"] for plan in (*earlier, newest) if "put_off" in plan)
    return "、".join(_("{why} {n} 次", why=named(PUT_OFF, why), n=times) for why, times in counted.items())


def followed(story: Sequence[StoryRow]) -> str:
    kinds = dict.fromkeys(_(STORIES.get(row.kind, row.kind)) for row in story)
    return "、".join(kinds)


def rule(code: str, bounds: tuple[str, str]) -> str:
    return _(RULES[code], a=bounds[0], b=bounds[1])


def weekday(at: datetime) -> Markup:
    """周三 11-18, for heads of columns."""
    local = at.astimezone(speech.get().zone)
    text = format_datetime(
        local, "EEE MM-dd" if speech.get().language == CHINESE else "EEE d MMM", locale=speech.get().locale
    )
    return Markup('<time datetime="{}">{}</time>').format(f"{local:%Y-%m-%d}", text)


def named(table: Mapping[Any, str], code: Any) -> str:
    """The word for a code of one of the tables above."""
    return _(table[code]) if code in table else str(code)
