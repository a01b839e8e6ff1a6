"""Brings an outside database and broker to what the services need."""

from chassis.kafka_grants import grant
from chassis.kafka_topics import create_topics
from chassis.migrations import migrate as migrate_database
from chassis.settings import load_settings
from launcher.catalog import load_services
from launcher.terminal import say


async def migrate() -> None:
    """May run any number of times. Reads AFTERCALL_DATABASE_URL (the owner's) and AFTERCALL_KAFKA."""
    settings = load_settings()
    services = load_services()
    await migrate_database(settings, [service.schema for service in services])
    await create_topics(settings)
    if settings.kafka_uses_login and settings.kafka_grants:
        await grant(settings)
    say(f"Schemas of {', '.join(service.name for service in services)} and their topics are up to date.")
