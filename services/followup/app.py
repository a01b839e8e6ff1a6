"""Followup: every problem becomes somebody's duty, every promise a date, and the customer hears back."""

from functools import partial
from pathlib import Path

from chassis.access.roles import Role
from chassis.runtime import Service, Subscription
from chassis.vault import KeyClass, vault_rights
from chassis.web.i18n import N_
from chassis.web.navigation import NavItem
from chassis.web.router import GuardedRouter
from chassis.webhooks import TABLES, sending
from chassis.webhooks.doors import webhook_doors
from chassis.webhooks.pages import webhook_pages
from contracts.events.scheduler import CallbackClosed, ContactSuppressed, CustomerErased
from contracts.events.survey import AttemptClosed, PromiseMade, ResponseRecorded, ResponseVoided
from contracts.events.tagging import LowScoreFlagged, PraiseRouted, SuggestionRouted
from services.followup import feed, mailing, submitting, timers
from services.followup.handlers import answers, contacts, items
from services.followup.pages import (
    api,
    board,
    case,
    customers,
    effects,
    house,
    ideas,
    ideas_api,
    libraries,
    measures,
    overdue,
    praise,
)
from services.followup.store.figures import figures
from services.followup.words import DEPARTMENTS

HERE = Path(__file__).parent
KEEPERS = (Role.DEPARTMENT, Role.ADMIN)
"""Of subscriptions: a department of its own, an administrator of all."""
READERS = frozenset({Role.DEPARTMENT, Role.SUPERVISOR, Role.ANALYST})


def pages() -> GuardedRouter:
    router = GuardedRouter()
    router.include_router(board.router)
    router.include_router(case.router)
    router.include_router(ideas.router)
    router.include_router(libraries.router)
    router.include_router(praise.router)
    router.include_router(effects.router)
    router.include_router(measures.router)
    router.include_router(overdue.router)
    router.include_router(customers.router)
    router.include_router(house.router)
    router.include_router(api.router, prefix="/api/v1")
    router.include_router(ideas_api.router, prefix="/api/v1")
    router.include_router(measures.api, prefix="/api/v1")
    router.include_router(webhook_doors(tuple(feed.KINDS), *KEEPERS, sample=feed.sample), prefix="/api/v1")
    router.include_router(webhook_pages("/followup", feed.KINDS, *KEEPERS, sample=feed.sample))
    return router


SERVICE = Service(
    name="followup",
    migrations=HERE / "migrations",
    templates=HERE / "templates",
    locale=HERE / "locale",
    executes=vault_rights(KeyClass.TEXT, KeyClass.FACTS, KeyClass.LETTER),
    subscriptions=(
        Subscription(ResponseRecorded, answers.responses_recorded),
        Subscription(ResponseVoided, answers.responses_voided),
        Subscription(PromiseMade, answers.promises_made),
        Subscription(LowScoreFlagged, items.low_scores_flagged),
        Subscription(SuggestionRouted, items.suggestions_routed),
        Subscription(PraiseRouted, items.praise_routed),
        Subscription(AttemptClosed, contacts.attempts_closed),
        Subscription(CallbackClosed, contacts.callbacks_closed),
        Subscription(ContactSuppressed, contacts.contacts_suppressed),
        Subscription(CustomerErased, contacts.customers_erased),
    ),
    loops=(*timers.LOOPS, *mailing.LOOPS, *submitting.LOOPS, *sending.loops(feed.rendered)),
    tables=(TABLES,),
    web={"/followup": pages},
    nav=(
        NavItem(N_("案件"), N_("看板"), "/followup/board", READERS),
        NavItem(N_("案件"), N_("逾期"), "/followup/overdue", READERS),
        NavItem(N_("案件"), N_("备注"), "/followup/remarks", READERS),
        NavItem(N_("案件"), N_("分派与通知"), "/followup/house", frozenset(house.KEEPERS)),
        NavItem(N_("案件"), N_("数据推送"), "/followup/webhooks", frozenset(KEEPERS)),
        NavItem(N_("承诺"), N_("承诺"), "/followup/promises", READERS),
        NavItem(N_("承诺"), N_("成效"), "/followup/effects", READERS),
        NavItem(N_("改进措施"), N_("改进措施"), "/followup/improvements", READERS),
        NavItem(N_("建议库"), N_("建议库"), "/followup/suggestions", READERS),
        NavItem(N_("表扬墙"), N_("表扬墙"), "/followup/praise", READERS),
    ),
    open_work=board.open_work,
    figures=partial(figures, departments=frozenset(DEPARTMENTS)),
)
