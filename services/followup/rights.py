"""Whose cases a person may see and touch."""

from chassis.access.person import Person
from chassis.access.roles import Role
from chassis.web.i18n import gettext as _
from chassis.web.problems import Problem

READERS = (Role.DEPARTMENT, Role.SUPERVISOR, Role.ANALYST)
WORKERS = (Role.DEPARTMENT, Role.SUPERVISOR)


def visible_department(person: Person, wanted: str | None = None) -> str | None:
    """The department to show; None: all. Raises `Problem` 403 when a department asks for another's."""
    if person.role is not Role.DEPARTMENT:
        return wanted
    if wanted is not None and wanted != person.department:
        raise Problem(403, _("这里只能看本部门的内容"))
    return person.department


def check_department(person: Person, department: str) -> None:
    """Raises `Problem` 403 for what belongs to another department."""
    if person.role is Role.DEPARTMENT and person.department != department:
        raise Problem(403, _("这件案件属于别的部门"), _("请联系负责的部门，或请主管改派。"))


def sees_words(person: Person) -> bool:
    """Analysts see cases without what customers said."""
    return person.role is not Role.ANALYST
