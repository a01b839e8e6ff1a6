"""Reporting: a read model of the topics, and figures that know their uncertainty and open their cases."""

from pathlib import Path

from chassis.runtime import Service
from chassis.vault import KeyClass, vault_rights
from chassis.web.i18n import N_
from chassis.web.navigation import NavItem
from chassis.web.router import GuardedRouter
from services.reporting import api
from services.reporting.doors import READER_ROLES
from services.reporting.handlers import SUBSCRIPTIONS
from services.reporting.pages import cases, overview, problems, profiles, reports, sections, work
from services.reporting.publishing import LOOPS

HERE = Path(__file__).parent
PAGES = (
    ("overview", N_("总览")),
    ("conclusions", N_("核心结论")),
    ("dimensions", N_("维度")),
    ("nps", "NPS"),
    ("problems", N_("问题分析")),
    ("improvements", N_("改进措施")),
    ("checks", N_("待核实")),
    ("channels", N_("渠道")),
    ("strata", N_("分层")),
    ("trends", N_("趋势")),
    ("weekly", N_("周回顾")),
    ("monthly", N_("月度效率")),
    ("people", N_("座席与团队")),
    ("music", N_("结束音乐")),
    ("profiles", N_("客户画像")),
    ("reports", N_("周报与月报")),
)
"""In the order of the bar."""


def web() -> GuardedRouter:
    router = GuardedRouter()
    for part in (
        overview.router, sections.router, problems.router, profiles.router, reports.router, cases.router, work.router,
        api.router,
    ):  # fmt: skip
        router.include_router(part)
    return router


SERVICE = Service(
    name="reporting",
    migrations=HERE / "migrations",
    templates=HERE / "templates",
    locale=HERE / "locale",
    executes=vault_rights(KeyClass.FACTS, KeyClass.TEXT),
    subscriptions=SUBSCRIPTIONS,
    loops=LOOPS,
    web={"/reporting": web},
    nav=tuple(
        NavItem(area=N_("报告"), title=title, path=f"/reporting/{path}", roles=READER_ROLES) for path, title in PAGES
    ),
)
