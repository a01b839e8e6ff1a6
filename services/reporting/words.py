"""The words of the report for codes that travel in events."""

from collections.abc import Mapping

from chassis.web.i18n import N_
from chassis.web.i18n import gettext as _

FIGURES: Mapping[str, str] = {
    "overall": N_("总体满意度（1–5）"),
    "nps": N_("NPS"),
    "solved": N_("一次性解决"),
    "problem": N_("有问题的客户"),
    "response_speed": N_("响应速度"),
    "competence": N_("专业能力"),
    "attitude": N_("服务态度"),
    "clarity": N_("沟通清晰度"),
    "callback": N_("回访本身"),
    "valid": N_("有效回答"),
    "participants": N_("参与的回答"),
    "flagged": N_("待核实的回答"),
    "outside_design": N_("设计外的回答"),
    "voided": N_("已作废的回答"),
    "repeated": N_("同一服务的多余回答"),
    "empty": N_("没有作答的记录"),
    "pairs": N_("二次回访的回答"),
    "promoters": N_("推荐 9–10"),
    "passives": N_("中立 7–8"),
    "detractors": N_("贬损 0–6"),
    "randomised": N_("渠道由抽签决定的回答"),
    "band_low": N_("1–2 不满意"),
    "band_middle": N_("3–4 一般"),
    "band_high": N_("5 非常满意"),
}
OUTCOMES: Mapping[str, str] = {
    "I": N_("完成 I"),
    "P": N_("部分完成 P"),
    "R": N_("拒访 R"),
    "NC": N_("无接触 NC"),
    "O": N_("其他 O"),
    "U": N_("资格不明 U"),
}
EXPLANATIONS: Mapping[str, str] = {
    "complete": N_("完成"),
    "partial": N_("部分完成"),
    "refused": N_("拒访"),
    "opted_out": N_("不再联系"),
    "break_off": N_("中断"),
    "exhausted": N_("多次未接通"),
    "window_missed": N_("错过时间窗"),
    "no_contact_data": N_("没有联系方式"),
    "suppressed_by_budget": N_("联系次数已满"),
    "erased": N_("客户已擦除"),
    "withdrawn": N_("已撤回"),
    "unreported": N_("没有回报"),
}
CHANNELS: Mapping[str, str] = {
    "phone": N_("电话"),
    "ivr": N_("语音按键"),
    "sms": N_("短信"),
    "email": N_("邮件"),
    "import": N_("导入"),
}
SCENARIOS: Mapping[str, str] = {
    "after_sale": N_("售后"),
    "complaint": N_("投诉处理"),
    "consultation": N_("咨询"),
    "installation": N_("安装"),
    "activation": N_("新用户激活"),
    "care": N_("周期性关怀"),
    "beta": N_("产品迭代体验"),
    "usage": N_("使用效果跟踪"),
    "first_service": N_("新客户首次服务"),
}
PROBLEMS: Mapping[str, str] = {
    "attitude": N_("态度问题"),
    "response_speed": N_("响应速度"),
    "competence": N_("专业能力"),
    "process": N_("流程缺陷"),
}
SOLVED: Mapping[str, str] = {"yes": N_("是"), "no": N_("否"), "unsure": N_("不确定")}
CASE_STATES: Mapping[str, str] = {
    "open": N_("待处理"),
    "working": N_("处理中"),
    "solved": N_("已解决"),
    "told": N_("已联系客户"),
    "closed": N_("已结案"),
    "reopened": N_("已重开"),
}
PROMISE_STATES: Mapping[str, str] = {
    "open": N_("承诺未到期"),
    "kept": N_("承诺已兑现"),
    "broken": N_("承诺未兑现"),
    "withdrawn": N_("承诺已撤回"),
}
FLAGS: Mapping[str, str] = {
    "too_fast": N_("作答过快"),
    "straight_lining": N_("全部同分"),
    "repeated_text": N_("文字重复"),
    "before_connect": N_("接通前作答"),
    "impossible": N_("数值不可能"),
    "unexplained_low": N_("低分无说明"),
    "outlier": N_("远离本层"),
}
BANDS: Mapping[str, str] = {
    "low": N_("1–2 不满意"),
    "middle": N_("3–4 一般"),
    "high": N_("5 非常满意"),
}
NPS_GROUPS: Mapping[str, str] = {
    "promoters": N_("推荐 9–10"),
    "passives": N_("中立 7–8"),
    "detractors": N_("贬损 0–6"),
}
PROVENANCES: Mapping[str, str] = {
    "rule": N_("词库第 {version} 版规则"),
    "person": N_("人工确认"),
    "model": N_("模型"),
}
STANDINGS: Mapping[str, str] = {
    "strength": N_("长处"),
    "shortcoming": N_("短板"),
    "between": N_("分不出"),
}
DEPARTMENTS: Mapping[str, str] = {
    "repair": N_("维修部"),
    "installation": N_("安装部"),
    "service_desk": N_("客服中心"),
    "logistics": N_("物流配送部"),
    "product": N_("产品部"),
    "billing": N_("结算部"),
}
MEASURES: Mapping[str, str] = {
    "open": N_("待开始"),
    "working": N_("进行中"),
    "done": N_("已完成"),
    "dropped": N_("已放弃"),
}
CALLS: Mapping[str, str] = {
    "by_agents": N_("客服的呼叫"),
    "reached": N_("客服接通的呼叫"),
    "connected": N_("接通的呼叫"),
    "completed": N_("完成的通话"),
    "finished": N_("记录完整的通话"),
    "recorded": N_("有记录的通话"),
    "prompt": N_("10 分钟内完成记录的通话"),
    "tunes": N_("播放过曲目的呼叫"),
    "drawn_tunes": N_("抽签播放曲目的呼叫"),
}
DISPOSITIONS: Mapping[str, str] = {
    "complete": N_("完成"),
    "partial": N_("部分完成"),
    "break_off": N_("中断"),
    "refusal": N_("拒访"),
    "appointment": N_("已约时间"),
    "opted_out": N_("不再联系"),
    "no_answer": N_("无人接听"),
    "busy": N_("忙线"),
    "voicemail": N_("语音信箱"),
    "switched_off": N_("关机"),
    "wrong_number": N_("号码错误"),
    "delivered": N_("已送达"),
    "bounced": N_("未送达"),
}
CASE_PARTS: Mapping[str, str] = {
    "opened": N_("已开"),
    "in_work": N_("处理中"),
    "overdue": N_("逾期"),
    "closed": N_("已结案"),
    "not_reached": N_("未联系上"),
}
STEPS: Mapping[str, str] = {
    "first_attempt": N_("受理 → 首次联系"),
    "record": N_("挂机 → 完成记录"),
    "working": N_("开案 → 开始处理"),
    "told": N_("开始处理 → 告知客户"),
}
ROWS: Mapping[str, Mapping[str, str]] = {"problem": PROBLEMS, "dimension": FIGURES, "step": STEPS, "figure": FIGURES}
"""First part of a report row's name → the words of its second part."""


def word(words: Mapping[str, str], code: str | None) -> str:
    """The word of a code; an unknown code speaks for itself."""
    if code is None:
        return _("未知")
    return _(words[code]) if code in words else code


def stratum_word(stratum: str) -> str:
    """`after_sale/热水器维修` → 售后 · 热水器维修."""
    scenario, _slash, service_type = stratum.partition("/")
    head = _("VIP 客户") if scenario == "vip" else word(SCENARIOS, scenario)
    if not service_type:
        return head
    return f"{head} · {_('其他') if service_type == 'other' else service_type}"


def period_word(period: str) -> str:
    year, month = period.split("-")
    return _("{year} 年 {month} 月", year=year, month=int(month))


def any_period_word(key: str) -> str:
    """`2026-10` → 2026 年 10 月; `2026-W41` → 2026 年第 41 周."""
    year, _dash, week = key.partition("-W")
    return _("{year} 年第 {week} 周", year=year, week=int(week)) if week else period_word(key)


def filter_word(name: str, value: str) -> str:
    return word({"scenario": SCENARIOS, "channel": CHANNELS, "problem": PROBLEMS}.get(name, {}), value)


def department_word(code: str | None) -> str:
    return _("未分部门") if code is None else word(DEPARTMENTS, code)


def row_word(row: str) -> str:
    """`problem/attitude` → 态度问题."""
    kind, _slash, code = row.partition("/")
    return word(ROWS.get(kind, {}), code) if code else row


def purchases_word(group: str) -> str:
    """A number or a range of purchases."""
    return _("{group} 次", group=group.replace("-", "–"))
