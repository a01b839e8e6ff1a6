"""Tagging: every answer gets its bands, tags and items, and each item goes to whom it concerns."""

from pathlib import Path

from chassis.runtime import Service, Subscription
from chassis.vault import KeyClass, vault_rights
from contracts.events.scheduler import CustomerErased, ServiceAccepted
from contracts.events.survey import ResponseRecorded, ResponseVoided
from services.tagging import handlers

HERE = Path(__file__).parent

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
    templates=HERE / "templates",
    locale=HERE / "locale",
)
