"""Survey: carries out permits, asks the questions on every channel, and tells what was heard."""

from pathlib import Path

from chassis.runtime import Service, Subscription
from chassis.vault import KeyClass, vault_rights
from chassis.webhooks import TABLES, sending
from contracts.events.scheduler import (
    CallbackCancelled,
    CallbackClosed,
    CallbackDue,
    ContactSuppressed,
    CustomerErased,
    ServiceAccepted,
)
from contracts.events.tagging import CustomerTagged
from services.survey import delivery, feed, handlers, leases_loop, recordings, taking, timers
from services.survey.ivr import ending, telephony
from services.survey.ivr.hosted import dialling, settings
from services.survey.pages import online, site
from services.survey.pages.navigation import NAV
from services.survey.profiles import customers_tagged
from services.survey.store.figures import figures

HERE = Path(__file__).parent

SERVICE = Service(
    name="survey",
    migrations=HERE / "migrations",
    templates=HERE / "templates",
    locale=HERE / "locale",
    executes=vault_rights(*KeyClass),
    subscriptions=(
        Subscription(ServiceAccepted, handlers.services_accepted),
        Subscription(CallbackDue, handlers.callbacks_due, contacts=handlers.contacts_of),
        Subscription(CallbackCancelled, handlers.callbacks_cancelled),
        Subscription(CallbackClosed, handlers.callbacks_closed),
        Subscription(ContactSuppressed, handlers.contacts_suppressed, contacts=handlers.contacts_of),
        Subscription(CustomerErased, handlers.customers_erased),
        Subscription(CustomerTagged, customers_tagged),
    ),
    loops=(
        *timers.LOOPS,
        *delivery.LOOPS,
        *leases_loop.LOOPS,
        *ending.LOOPS,
        *taking.LOOPS,
        *recordings.LOOPS,
        *sending.loops(feed.rendered),
    ),
    tasks=(*telephony.TASKS, *dialling.TASKS),
    check=settings.check,
    web={"/q": online.pages, "/survey": site.pages},
    nav=NAV,
    figures=figures,
    tables=(TABLES,),
)
