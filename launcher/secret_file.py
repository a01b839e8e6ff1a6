"""A secrets file for services that run against outside servers, and the part of it that each process may know."""

from pathlib import Path

from chassis.database import role_of
from chassis.embedded.secrets import write_private
from chassis.kafka_login import ADMIN, principal_of
from chassis.kafka_rights import PARTICIPANTS
from chassis.migrations.rights import AUDITOR
from chassis.settings import Secrets
from contracts.topics import SERVICES
from launcher.faults import StartError
from launcher.terminal import say

OWNER = "aftercall_owner"
_ROLES = (OWNER, AUDITOR, *(role_of(service) for service in SERVICES))
_PRINCIPALS = (ADMIN, *(principal_of(participant) for participant in PARTICIPANTS))


async def secrets(file: Path, shares: Path | None) -> None:
    made = write_secrets(file, shares)
    if made:
        say(f"{file} holds new keys (mode 0600).")
        say("Keep a copy: without the master key nothing sealed can be opened again.")
    if shares is not None:
        say(f"Each service, the database and Kafka have their own part in {shares}.")


def write_secrets(file: Path, shares: Path | None) -> bool:
    """Whether the file was made; only beside `shares` may it have been there before."""
    made = shares is None or not file.exists()
    if made:
        make_secrets(file)
    if shares is not None:
        share(file, shares)
    return made


def make_secrets(file: Path) -> None:
    """New keys, a password for each role and principal; never over an existing file: its keys open what is stored."""
    if file.exists():
        raise StartError(f"{file} exists: its keys open what is stored, so it is not replaced.")
    if not file.parent.is_dir():
        raise StartError(f"There is no directory {file.parent}: make it first.")
    _write(file, Secrets.fresh(_ROLES, _PRINCIPALS))


def share(file: Path, shares: Path) -> None:
    """`<shares>/<service>/secrets.json` with the keys and that service's passwords, and one password for each server.

    Passwords that the file lacks are added to it first; what it has stays. May run any number of times.
    """
    whole = _completed(file)
    for service in SERVICES:
        role, principal = role_of(service), principal_of(service)
        own = {
            "database_passwords": {role: whole.password_of(role)},
            "kafka_passwords": {principal: whole.kafka_password_of(principal)},
        }
        _write(shares / service / file.name, whole.model_copy(update=own))
    for server, password in (("database", whole.password_of(OWNER)), ("kafka", whole.kafka_password_of(ADMIN))):
        place = shares / server / "password"
        write_private(place, password)
        place.chmod(0o644)  # another user reads it, in a container where nothing else is


def _completed(file: Path) -> Secrets:
    known, fresh = Secrets.read(file), Secrets.fresh(_ROLES, _PRINCIPALS)
    complete = known.model_copy(
        update={
            "database_passwords": {**fresh.database_passwords, **known.database_passwords},
            "kafka_passwords": {**fresh.kafka_passwords, **known.kafka_passwords},
        }
    )
    if complete != known:
        _write(file, complete)
    return complete


def _write(file: Path, content: Secrets) -> None:
    write_private(file, content.model_dump_json(indent=2) + "\n")
