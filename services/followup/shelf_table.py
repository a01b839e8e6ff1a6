"""The list of suggestions as a table: for the owners' periodic letter and for the page."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from chassis.web.i18n import N_
from chassis.web.i18n import gettext as _
from services.followup.store.ideas import Shelved
from services.followup.words import DEPARTMENTS, IDEA_OWNERS, IDEA_STATUSES, word

_HEADINGS = (
    N_("编号"), N_("建议"), N_("状态"), N_("负责方"), N_("部门"), N_("客户"), N_("票数"), N_("首次提出"),
    N_("最近变化"), N_("告知客户的结果"),
)  # fmt: skip


def table(rows: Sequence[Shelved], titles: Mapping[str, str | None], zone: ZoneInfo) -> list[list[object]]:
    """The heading, then one row an idea. `titles`: what stands for it; the house's own title where none is given."""
    body = [_row(one, titles.get(one.idea.idea_id) or one.idea.title, zone) for one in rows]
    return [[_(heading) for heading in _HEADINGS], *body]


def _row(one: Shelved, title: str | None, zone: ZoneInfo) -> list[object]:
    idea = one.idea
    return [
        idea.idea_id,
        title or _("（登录后查看原话）"),
        word(IDEA_STATUSES, idea.status),
        word(IDEA_OWNERS, idea.owner),
        word(DEPARTMENTS, idea.department),
        one.customers,
        one.votes,
        f"{idea.opened_at.astimezone(zone):%Y-%m-%d}",
        f"{idea.changed_at.astimezone(zone):%Y-%m-%d}",
        idea.outcome or "",
    ]
