"""Some or all services in this process, against an outside Kafka and PostgreSQL."""

import asyncio
from collections.abc import Sequence

from chassis.settings import load_settings
from launcher.catalog import ready_services
from launcher.door import bind
from launcher.hosting import hosted
from launcher.logs import log_to
from launcher.terminal import say


async def run_services(names: Sequence[str], *, host: str, port: int) -> None:
    """Runs until a signal comes. Reads its settings from the environment; `migrate` must have been run."""
    services = ready_services(names)
    settings = load_settings()
    log_to(None)
    with bind(port, host) as listening:
        async with hosted(services, settings, listening) as running:
            say(f"{', '.join(service.name for service in services)} at http://{host}:{listening.getsockname()[1]}")
            await asyncio.shield(running.web)
