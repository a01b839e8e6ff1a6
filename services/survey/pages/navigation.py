"""What survey puts into the bars."""

from chassis.access.roles import Role
from chassis.web.i18n import N_
from chassis.web.navigation import NavItem

NAV = (
    NavItem(
        area=N_("队列"),
        title=N_("回访队列"),
        path="/survey/queue",
        roles=frozenset({Role.AGENT, Role.SENIOR_AGENT, Role.SUPERVISOR}),
    ),
)
