"""Principals, their passwords and their rights on the broker, brought to what the secrets and the topic table say."""

import hashlib
import os
from collections.abc import Collection, Sequence
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import for_code
from aiokafka.protocol.admin import CreateAclsRequest_v1, DeleteAclsRequest_v1, DescribeAclsRequest_v1
from aiokafka.protocol.api import RequestStruct

from chassis.kafka_login import ADMIN, client_arguments, principal_of
from chassis.kafka_requests import AlterScramRequest_v0, Exactly
from chassis.kafka_rights import PARTICIPANTS, Operation, Pattern, Resource, Right, rights
from chassis.settings import Settings

_ANY, _ALLOW, _EVERY_HOST = 1, 3, "*"
_SCRAM_SHA_512, _ITERATIONS = 2, 8192
_USER = "User:"


class GrantRefused(Exception):
    """The broker does not let the administrator set principals or rights, as one sentence."""


async def grant(settings: Settings) -> None:
    """Every participant that has a password can log in with it and has exactly the rights on topics of the table.

    May run any number of times. Other principals are left as they are, and so are rights on groups: a rebuild reads
    under a group of its own.
    """
    client = AIOKafkaClient(**client_arguments(settings, ADMIN))
    await client.bootstrap()
    try:
        await _set_passwords(client, settings.secrets.kafka_passwords)
        present = await _present(client)
        wanted = rights(settings.kafka_group)
        ours = {principal_of(participant) for participant in PARTICIPANTS}
        stale = {r for r in present - wanted if r.principal in ours and r.resource is Resource.TOPIC}
        await _create(client, wanted - present)
        await _delete(client, stale)
    finally:
        await client.close()


async def _set_passwords(client: AIOKafkaClient, passwords: dict[str, str]) -> None:
    principals = [p for participant in PARTICIPANTS if (p := principal_of(participant)) in passwords]
    if not principals:
        return
    upserts = [_credential(principal, passwords[principal]) for principal in principals]
    answer = await _ask(client, AlterScramRequest_v0, [], upserts, {})
    _require([(code, message or principal) for principal, code, message, _ in answer.results], "set a password")


def _credential(principal: str, password: str) -> tuple[Any, ...]:
    salt = os.urandom(32)
    salted = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
    return (principal, _SCRAM_SHA_512, _ITERATIONS, salt, salted, {})


async def _present(client: AIOKafkaClient) -> set[Right]:
    """Rights that let somebody do one of the operations of this project from everywhere."""
    answer = await _ask(client, DescribeAclsRequest_v1, _ANY, None, _ANY, None, None, _ANY, _ANY)
    _require([(answer.error_code, answer.error_message)], "read the rights")
    return {
        Right(who.removeprefix(_USER), Resource(kind), name, Operation(operation), Pattern(pattern))
        for kind, name, pattern, entries in answer.resources
        for who, host, operation, permission in entries
        if kind in set(Resource) and operation in set(Operation) and permission == _ALLOW and host == _EVERY_HOST
    }


async def _create(client: AIOKafkaClient, new: Collection[Right]) -> None:
    if new:
        answer = await _ask(client, CreateAclsRequest_v1, [_entry(right) for right in sorted(new)])
        _require([(code, message) for code, message in answer.creation_responses], "give a right")


async def _delete(client: AIOKafkaClient, stale: Collection[Right]) -> None:
    if stale:
        answer = await _ask(client, DeleteAclsRequest_v1, [_entry(right) for right in sorted(stale)])
        _require([(code, message) for code, message, _ in answer.filter_responses], "take a right away")


def _entry(right: Right) -> tuple[Any, ...]:
    who = _USER + right.principal
    return (right.resource, right.name, right.pattern, who, _EVERY_HOST, right.operation, _ALLOW)


def _require(outcomes: Sequence[tuple[int, str | None]], act: str) -> None:
    for code, message in outcomes:
        if code:
            raise GrantRefused(f"Kafka does not let {ADMIN} {act}: {for_code(code).__name__} ({message}).")


async def _ask(client: AIOKafkaClient, record: type[RequestStruct], *fields: Any) -> Any:
    node = client.get_random_node()
    await client.ready(node)
    return await client.send(node, Exactly(record(*fields)))
