"""The policies that hold: the newest published set, and which one decides about completions of which time."""

from collections.abc import Sequence
from dataclasses import replace

import asyncpg

from chassis.transaction import Transaction
from services.scheduler.configured import STARTED, configured_rules
from services.scheduler.handlers.publishing import BY_FILES, publish
from services.scheduler.policy import PolicySet
from services.scheduler.policy_versions import policies_in
from services.scheduler.rules import Edition, Rules
from services.scheduler.store import policies
from services.scheduler.store.policies import EditionRow

_read: dict[str, PolicySet] = {}
"""Sets by version. A version is its content, so that nothing here can grow old."""


async def rules_in_force(tx: Transaction) -> Rules:
    """Publishes this process's files first, where they are newer than what was published."""
    rows = await policies.editions(tx.connection)
    if _has_newer_files(rows):
        await policies.lock(tx.connection)
        rows = await policies.editions(tx.connection)
        if _has_newer_files(rows):
            rules = await _rules(tx.connection, rows)
            await publish(tx, rules, configured_rules().policies, by=BY_FILES)
            rows = await policies.editions(tx.connection)
    return await _rules(tx.connection, rows)


async def rules_to_read(connection: asyncpg.Connection) -> Rules:
    """For pages: publishes nothing."""
    return await _rules(connection, await policies.editions(connection))


def _has_newer_files(rows: Sequence[EditionRow]) -> bool:
    """Were the files changed since they were last published? An older process never brings its own back."""
    told = [row for row in rows if row.published_by == BY_FILES]
    if not told:
        return True
    return told[-1].version != configured_rules().policies.version and told[-1].recorded_at < STARTED


async def _rules(connection: asyncpg.Connection, rows: Sequence[EditionRow]) -> Rules:
    configured = configured_rules()
    if not rows:
        return configured
    missing = sorted({row.version for row in rows} - _read.keys())
    if missing:
        found = await policies.contents(connection, missing)
        _read.update({version: policies_in(content) for version, content in found.items()})
    editions = tuple(Edition(_read[row.version], row.valid_from) for row in rows)
    return replace(configured, policies=editions[-1].policies, editions=editions)
