"""The five services by name, in the order of the data."""

import importlib
from collections.abc import Iterable

from chassis.runtime import Service
from contracts.topics import SERVICES
from launcher.faults import StartError


def load_services(names: Iterable[str] = SERVICES) -> tuple[Service, ...]:
    """Raises StartError for a name that is not a service's."""
    wanted = set(names)
    if unknown := wanted.difference(SERVICES):
        raise StartError(f"There is no service {', '.join(sorted(unknown))}; there are {', '.join(SERVICES)}.")
    return tuple(_load(name) for name in SERVICES if name in wanted)


def ready_services(names: Iterable[str] = SERVICES) -> tuple[Service, ...]:
    """The same for services that are to run. Raises `SettingsError` where one cannot work by the files it was told."""
    services = load_services(names)
    for service in services:
        if service.check is not None:
            service.check()
    return services


def _load(name: str) -> Service:
    service: Service = importlib.import_module(f"services.{name}.app").SERVICE
    return service
