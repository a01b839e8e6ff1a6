"""Departments to whom a promise can be given, and what agents call a problem: codes with their names."""

from chassis.web.i18n import N_

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
}
