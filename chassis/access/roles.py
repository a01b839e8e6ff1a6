"""The roles a person or a machine can hold; each account and each token holds exactly one."""

from enum import StrEnum


class Role(StrEnum):
    AGENT = "agent"
    SENIOR_AGENT = "senior_agent"
    SUPERVISOR = "supervisor"
    DEPARTMENT = "department"
    ANALYST = "analyst"
    ADMIN = "admin"
    AUDITOR = "auditor"
    CRM = "crm"


MACHINES = frozenset({Role.AUDITOR, Role.CRM})
STAFF = frozenset(Role) - MACHINES
