"""Setting how departments get their cases and whom letters go to."""

import re

from chassis.access.audit import record
from chassis.access.person import Person
from chassis.runtime import Runtime
from chassis.web.i18n import N_
from chassis.web.i18n import gettext as _
from chassis.web.problems import Problem
from services.followup.due import workdays
from services.followup.periodic import first_after, has_period
from services.followup.store import house
from services.followup.store.house import Assignment
from services.followup.words import DEPARTMENTS

OTHERS = {
    "supervisor": N_("服务主管"),
    "management": N_("管理层"),
    "suggestions_product": N_("建议清单 · 产品"),
    "suggestions_ops": N_("建议清单 · 运营"),
}
ASSIGNMENTS = {"manual": N_("由成员认领或主管分派"), "round_robin": N_("轮流分派")}
MOST_ADDRESSES = 20
_ADDRESS = re.compile(r"[^@\s,;<>\"]{1,64}@[A-Za-z0-9.-]{1,190}")


async def save(runtime: Runtime, person: Person, scope: str, assignment: str, addresses: str) -> None:
    """`addresses`: one a line. Letters that are made from now on go there; raises `Problem` 404 or 422."""
    if scope not in DEPARTMENTS and scope not in OTHERS:
        raise Problem(404, _("没有这个部门"))
    if assignment not in ASSIGNMENTS:
        raise Problem(422, _("有些内容不符合要求"), errors=[{"field": "assignment", "rule": "is not one of the list"}])
    given = list(dict.fromkeys(addresses.split()))
    if len(given) > MOST_ADDRESSES or not all(_ADDRESS.fullmatch(one) for one in given):
        rule = f"one e-mail address a line, at most {MOST_ADDRESSES}"
        raise Problem(422, _("有些内容不符合要求"), errors=[{"field": "addresses", "rule": rule}])
    async with runtime.transaction() as tx:
        letters = first_after(scope, tx.now, workdays(tx.settings)) if given and has_period(scope) else None
        await house.put(
            tx.connection,
            scope,
            assignment=Assignment(assignment),
            addresses=given,
            mail_at=letters,
            by=person.login,
            now=tx.now,
        )
        await record(tx.connection, person, action="changed", subject=f"house:{scope}")
