"""Tagging: every answer gets its bands, tags and items, and each item goes to whom it concerns."""

from pathlib import Path

from chassis.runtime import Service, Subscription
from chassis.vault import KeyClass, vault_rights
from chassis.web.i18n import N_
from chassis.web.navigation import NavItem
from chassis.web.router import GuardedRouter
from contracts.events.scheduler import CustomerErased, ServiceAccepted
from contracts.events.survey import ResponseRecorded, ResponseVoided
from services.tagging import handlers, timers
from services.tagging.pages import quality, responses

HERE = Path(__file__).parent


def pages() -> GuardedRouter:
    router = GuardedRouter()
    router.include_router(responses.router)
    router.include_router(quality.router)
    return router


SERVICE = Service(
    name="tagging",
    migrations=HERE / "migrations",
    executes=vault_rights(KeyClass.TEXT, KeyClass.FACTS, KeyClass.LETTER),
    subscriptions=(
        Subscription(ServiceAccepted, handlers.services_accepted),
        Subscription(ResponseRecorded, handlers.responses_recorded),
        Subscription(ResponseVoided, handlers.responses_voided),
        Subscription(CustomerErased, handlers.customers_erased),
    ),
    loops=timers.LOOPS,
    templates=HERE / "templates",
    locale=HERE / "locale",
    web={"/tagging": pages},
    nav=(
        NavItem(N_("标签"), N_("回答"), "/tagging/responses", frozenset(responses.READERS)),
        NavItem(N_("标签"), N_("准确率"), "/tagging/quality", frozenset(responses.READERS)),
    ),
)
