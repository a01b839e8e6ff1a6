"""Scheduler: which completion is asked about, when and how the customer may be contacted, and why."""

from datetime import timedelta
from pathlib import Path

from chassis.access.roles import Role
from chassis.runtime import Loop, Service, Subscription
from chassis.vault import KeyClass, vault_rights
from chassis.web.i18n import N_
from chassis.web.navigation import NavItem
from contracts.events.followup import CallbackRequested, CaseChanged, ImprovementChanged, PromiseChanged
from contracts.events.intake import ContactPreferenceChanged, CustomerActed, CustomerRegistered, ServiceCompleted
from contracts.events.survey import AttemptClosed, OptOutRequested, PromiseMade, ResponseRecorded, ResponseVoided
from contracts.events.tagging import CustomerTagged, ResponseTagged
from services.scheduler import doors
from services.scheduler.configured import check
from services.scheduler.handlers import attempts, completions, preferences, requests, telling, watching
from services.scheduler.store.figures import figures
from services.scheduler.timers import absent, closing, releasing, suppressing

HERE = Path(__file__).parent
_SOON = timedelta(milliseconds=200)
_OFTEN = timedelta(seconds=1)
_SELDOM = timedelta(seconds=30)

SERVICE = Service(
    name="scheduler",
    migrations=HERE / "migrations",
    templates=HERE / "templates",
    locale=HERE / "locale",
    executes=vault_rights(KeyClass.CONTACT, KeyClass.TEXT, KeyClass.FACTS, KeyClass.LETTER, customers=True),
    subscriptions=(
        Subscription(ServiceCompleted, completions.receive, resolve=completions.resolve_customers),
        Subscription(CustomerRegistered, watching.customers_registered, resolve=completions.resolve_customers),
        Subscription(CustomerActed, watching.customers_acted, resolve=completions.resolve_customers),
        Subscription(
            ContactPreferenceChanged,
            preferences.preferences_changed,
            resolve=completions.resolve_customers,
            contacts=preferences.contacts_of_preference,
        ),
        Subscription(OptOutRequested, preferences.opt_outs_requested, contacts=preferences.contacts_of_opt_out),
        Subscription(AttemptClosed, attempts.attempts_closed),
        Subscription(ResponseRecorded, attempts.responses_recorded),
        Subscription(ResponseVoided, telling.responses_voided),
        Subscription(CallbackRequested, requests.callbacks_requested),
        Subscription(PromiseMade, telling.promises_made),
        Subscription(PromiseChanged, telling.promises_changed),
        Subscription(CaseChanged, telling.cases_changed),
        Subscription(ResponseTagged, telling.responses_tagged),
        Subscription(CustomerTagged, telling.customers_tagged),
        Subscription(ImprovementChanged, telling.improvements_changed),
    ),
    loops=(
        Loop("suppress", suppressing.spread_wishes, _SOON, suppressing.next_wish),
        Loop("release", releasing.release_due, _SOON, releasing.next_release),
        Loop("call_the_absent", absent.call_the_absent, _OFTEN, absent.next_absence),
        Loop("close_callbacks", closing.close_callbacks, _OFTEN, closing.next_callback_closing),
        Loop("close_periods", closing.close_periods, _SELDOM, closing.next_period_closing),
    ),
    web={"/scheduler": doors.doors},
    nav=(
        NavItem(
            area=N_("排程"), title=N_("负荷"), path="/scheduler/load", roles=frozenset({Role.SUPERVISOR, Role.ADMIN})
        ),
        NavItem(
            area=N_("排程"),
            title=N_("为什么"),
            path="/scheduler/why",
            roles=frozenset({Role.SUPERVISOR, Role.ADMIN, Role.ANALYST}),
        ),
        NavItem(
            area=N_("排程"),
            title=N_("如果政策不同"),
            path="/scheduler/whatif",
            roles=frozenset({Role.SUPERVISOR, Role.ADMIN, Role.ANALYST}),
        ),
        NavItem(
            area=N_("排程"),
            title=N_("场景与政策"),
            path="/scheduler/scenarios",
            roles=frozenset({Role.SUPERVISOR, Role.ADMIN}),
        ),
    ),
    figures=figures,
    check=check,
)
