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
from services.reporting.pages import cases, overview

HERE = Path(__file__).parent


def web() -> GuardedRouter:
    router = GuardedRouter()
    for part in (overview.router, cases.router, api.router):
        router.include_router(part)
    return router


SERVICE = Service(
    name="reporting",
    migrations=HERE / "migrations",
    templates=HERE / "templates",
    locale=HERE / "locale",
    executes=vault_rights(KeyClass.FACTS),
    subscriptions=SUBSCRIPTIONS,
    web={"/reporting": web},
    nav=(
        NavItem(area=N_("报告"), title=N_("总览"), path="/reporting/overview", roles=READER_ROLES),
        NavItem(area=N_("报告"), title=N_("分层"), path="/reporting/strata", roles=READER_ROLES),
    ),
)
