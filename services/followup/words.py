"""Codes and the words that people see for them."""

from chassis.web.i18n import N_
from chassis.web.i18n import gettext as _

DEPARTMENTS = {
    "repair": N_("维修部"),
    "installation": N_("安装部"),
    "service_desk": N_("客服中心"),
    "logistics": N_("物流配送部"),
    "product": N_("产品部"),
    "billing": N_("结算部"),
}
PROBLEM_TYPES = {
    "attitude": N_("态度问题"),
    "response_speed": N_("响应速度"),
    "competence": N_("专业能力"),
    "process": N_("流程缺陷"),
    "detractor": N_("不愿推荐"),
    "unspecified": N_("未说明原因"),
}
STATES = {
    "open": N_("待处理"),
    "working": N_("处理中"),
    "solved": N_("已解决"),
    "told": N_("已联系客户"),
    "closed": N_("已结案"),
    "reopened": N_("已重开"),
}
SEVERITIES = {
    "critical": N_("紧急"),
    "major": N_("高"),
    "minor": N_("普通"),
    "remark": N_("备注"),
}
CLOSED_AS = {
    "contacted": N_("处理后已联系客户"),
    "not_reached": N_("处理后未能联系到客户"),
    "corrected": N_("条目已更正，无需处理"),
}
CHANNELS = {
    "phone": N_("电话"),
    "ivr": N_("自动语音"),
    "sms": N_("短信"),
    "email": N_("邮件"),
    "import": N_("导入"),
}
DISPOSITIONS = {
    "complete": N_("已完成"),
    "partial": N_("部分完成"),
    "break_off": N_("中断"),
    "refusal": N_("拒访"),
    "appointment": N_("约定时间"),
    "opted_out": N_("不再联系"),
    "no_answer": N_("无人接听"),
    "busy": N_("占线"),
    "voicemail": N_("语音信箱"),
    "switched_off": N_("关机停机"),
    "wrong_number": N_("号码有误"),
    "delivered": N_("已送达"),
    "bounced": N_("未送达"),
    "not_attempted": N_("未拨打"),
}
EXPLANATIONS = {
    "opted_out": N_("客户要求不再联系"),
    "exhausted": N_("多次未能接通"),
    "refused": N_("客户拒访"),
    "no_contact_data": N_("没有联系方式"),
    "erased": N_("客户资料已删除"),
    "window_missed": N_("回访时段已过"),
    "unreported": N_("没有回访结果"),
}
PROMISE_STATES = {
    "open": N_("待兑现"),
    "kept": N_("已兑现"),
    "broken": N_("未按时兑现"),
    "withdrawn": N_("已撤回"),
}
IDEA_STATUSES = {
    "new": N_("新建议"),
    "under_review": N_("评估中"),
    "planned": N_("已列入计划"),
    "done": N_("已完成"),
    "declined": N_("不采纳"),
}
IDEA_OWNERS = {
    "product": N_("产品"),
    "ops": N_("运营"),
}
IDEA_ACTIONS = {
    "describe": N_("写了标题"),
    "merge": N_("并入"),
    "take": N_("合并了"),
    "decide": N_("状态改为"),
}
IMPROVEMENT_STATES = {
    "open": N_("待开始"),
    "working": N_("进行中"),
    "done": N_("已完成"),
    "dropped": N_("已放弃"),
}
LETTER_KINDS = {
    "reminder": N_("到期提醒"),
    "escalation": N_("逾期升级"),
    "digest": N_("每日摘要"),
    "suggestions": N_("建议清单"),
}
LETTER_STATES = {
    "ready": N_("待发送"),
    "sending": N_("发送中"),
    "sent": N_("已发送"),
    "refused": N_("未能送达"),
}
LEVELS = {
    "department": N_("本部门"),
    "supervisor": N_("服务主管"),
    "management": N_("管理层"),
}
DIMENSIONS = {
    "overall": N_("总体"),
    "response_speed": N_("响应速度"),
    "competence": N_("专业能力"),
    "attitude": N_("服务态度"),
    "clarity": N_("沟通清晰度"),
    "callback": N_("本次回访"),
}


def word(table: dict[str, str], code: str | None) -> str:
    """The word in the request's language; a code without a word speaks for itself."""
    return _(table[code]) if code in table else (code or "")


def problem_types(codes: tuple[str, ...]) -> str:
    return "、".join(word(PROBLEM_TYPES, code) for code in codes)


def named(table: dict[str, str]) -> list[tuple[str, str]]:
    """Codes with their words, to choose from."""
    return [(code, _(name)) for code, name in table.items()]
