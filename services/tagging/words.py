"""Codes and the words that people see for them."""

from chassis.web.i18n import N_
from chassis.web.i18n import gettext as _
from contracts.events.tagging import CustomerMark

KINDS = {
    "problem": N_("问题"),
    "suggestion": N_("建议"),
    "praise": N_("表扬"),
    "new_demand": N_("新需求"),
}
CODES = {
    "attitude": N_("态度问题"),
    "response_speed": N_("响应速度"),
    "competence": N_("专业能力"),
    "process": N_("流程缺陷"),
    "detractor": N_("不愿推荐"),
    "unspecified": N_("未说明原因"),
}
TAG_NAMES = {
    "attitude": N_("态度问题"),
    "response_speed": N_("响应速度"),
    "competence": N_("专业能力"),
    "process": N_("流程缺陷"),
    "praise": N_("表扬"),
    "suggestion": N_("建议"),
    "new_demand": N_("新需求"),
}
"""What a person can say that words tell."""
DEPARTMENTS = {
    "repair": N_("维修部"),
    "installation": N_("安装部"),
    "service_desk": N_("客服中心"),
    "logistics": N_("物流配送部"),
    "product": N_("产品部"),
    "billing": N_("结算部"),
}
DIMENSIONS = {
    "overall": N_("总体"),
    "response_speed": N_("响应速度"),
    "competence": N_("专业能力"),
    "attitude": N_("服务态度"),
    "clarity": N_("沟通清晰度"),
    "callback": N_("本次回访"),
}
PURPOSES = {"survey": N_("首次回访"), "verification": N_("二次核实"), "progress": N_("二次回访")}
STATES = {"raised": N_("已提出"), "changed": N_("已更新"), "withdrawn": N_("已撤回")}
PROVENANCES = {"rule": N_("词库第 {version} 版规则"), "person": N_("人工标注"), "model": N_("模型")}


CUSTOMER_TAGS = {
    "high_value": N_("高价值客户"),
    "complaint_risk": N_("投诉风险客户"),
    "active_suggester": N_("建议活跃客户"),
}
_BECAUSE = {
    "level": N_("客户等级"),
    "purchases": N_("一年内购买 {seen} 次，达到 {limit} 次"),
    "amount": N_("一年内购买 {seen} 元，达到 {limit} 元"),
    "low_scores": N_("一年内低分 {seen} 次，达到 {limit} 次"),
    "complaints": N_("一年内投诉 {seen} 次，达到 {limit} 次"),
    "signs": N_("原话里有要投诉、曝光或起诉的意思"),
    "suggestions": N_("一年内提出建议 {seen} 次，达到 {limit} 次"),
}


def why(mark: CustomerMark) -> str:
    """The rule that gave a customer's tag, in words."""
    return word(_BECAUSE, mark.because).format(seen=f"{mark.seen:g}", limit=f"{mark.limit:g}")


def word(table: dict[str, str], code: str | None) -> str:
    """The word in the request's language; a code without a word speaks for itself."""
    return _(table[code]) if code in table else (code or "")
