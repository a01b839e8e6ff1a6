"""Words of the shell that come from data, kept here so that they are translated."""

from chassis.access.roles import Role
from chassis.web.i18n import N_
from chassis.web.i18n import gettext as _

_ROLES = {
    Role.AGENT: N_("客服"),
    Role.SENIOR_AGENT: N_("资深客服"),
    Role.SUPERVISOR: N_("主管"),
    Role.DEPARTMENT: N_("部门"),
    Role.ANALYST: N_("分析师"),
    Role.ADMIN: N_("管理员"),
    Role.AUDITOR: N_("审计"),
    Role.CRM: N_("CRM 系统"),
}


def role_word(role: Role | str) -> str:
    return _(_ROLES[Role(role)])
