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


def _load(name: str) -> Service:
    service: Service = importlib.import_module(f"services.{name}.app").SERVICE
    return service
