"""What survey puts into the bars."""

from chassis.access.roles import Role
from chassis.web.i18n import N_
from chassis.web.navigation import NavItem

_AGENTS = frozenset({Role.AGENT, Role.SENIOR_AGENT})
_WRITERS = frozenset({Role.SUPERVISOR, Role.ADMIN})

NAV = (
    NavItem(
        area=N_("队列"),
        title=N_("回访队列"),
        path="/survey/queue",
        roles=frozenset({Role.AGENT, Role.SENIOR_AGENT, Role.SUPERVISOR}),
    ),
    NavItem(area=N_("队列"), title=N_("回访现场"), path="/survey/supervisor", roles=frozenset({Role.SUPERVISOR})),
    NavItem(area=N_("队列"), title=N_("回访记录"), path="/survey/records", roles=_AGENTS | {Role.SUPERVISOR}),
    NavItem(area=N_("队列"), title=N_("常见问题"), path="/survey/faq", roles=_AGENTS | _WRITERS),
    NavItem(area=N_("队列"), title=N_("优惠与活动"), path="/survey/offers", roles=_WRITERS),
    NavItem(area=N_("队列"), title=N_("录音"), path="/survey/recordings", roles=_WRITERS),
    NavItem(area=N_("队列"), title=N_("结束曲目"), path="/survey/tunes", roles=_WRITERS),
    NavItem(area=N_("队列"), title=N_("记录质量"), path="/survey/quality", roles=frozenset({Role.SUPERVISOR})),
    NavItem(
        area=N_("队列"), title=N_("导入回答"), path="/survey/imports", roles=frozenset({Role.SUPERVISOR, Role.ADMIN})
    ),
    NavItem(area=N_("队列"), title=N_("数据推送"), path="/survey/webhooks", roles=frozenset({Role.ADMIN})),
)
