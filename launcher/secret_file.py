"""A secrets file for services that run against outside servers."""

from pathlib import Path

from chassis.database import role_of
from chassis.embedded.secrets import write_private
from chassis.migrations.rights import AUDITOR
from chassis.settings import Secrets
from launcher.catalog import load_services
from launcher.faults import StartError
from launcher.terminal import say


async def secrets(file: Path) -> None:
    make_secrets(file)
    say(f"{file} holds new keys (mode 0600). Keep a copy: without the master key nothing sealed can be opened again.")


def make_secrets(file: Path) -> None:
    """New keys and one password for each database role; never over an existing file: its keys open what is stored."""
    if file.exists():
        raise StartError(f"{file} exists: its keys open what is stored, so it is not replaced.")
    if not file.parent.is_dir():
        raise StartError(f"There is no directory {file.parent}: make it first.")
    fresh = Secrets.fresh([AUDITOR, *(role_of(service.name) for service in load_services())])
    write_private(file, fresh.model_dump_json(indent=2) + "\n")
