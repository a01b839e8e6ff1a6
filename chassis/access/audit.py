"""Who saw whom, and who changed what. Rows are only ever added."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from chassis.access.person import Person


@dataclass(frozen=True)
class AuditEntry:
    position: int
    at: datetime
    actor: str
    role: str
    action: str
    subject: str
    reason: str | None


async def record(
    connection: asyncpg.Connection,
    person: Person,
    *,
    action: str,
    subject: str,
    reason: str | None = None,
    detail: Mapping[str, str | int | bool | None] | None = None,
) -> None:
    """`subject` is an identifier such as `case:AC-12`, never a name or a number of a customer."""
    await connection.execute(
        "SELECT staff.record_audit($1, $2, $3, $4, $5, $6, $7::text)",
        person.id,
        person.name,
        person.role.value,
        action,
        subject,
        reason,
        json.dumps(dict(detail or {}), ensure_ascii=False),
    )


async def page_of_audit(
    connection: asyncpg.Connection, *, before: int | None, limit: int, actor: str | None = None
) -> list[AuditEntry]:
    """Newest first; `before` is the position of the last entry already seen."""
    rows = await connection.fetch(
        "SELECT position, at, actor_name, actor_role, action, subject, reason FROM staff.audit_page($1, $2, $3)",
        before,
        limit,
        actor,
    )
    return [
        AuditEntry(
            position=row["position"],
            at=row["at"],
            actor=row["actor_name"],
            role=row["actor_role"],
            action=row["action"],
            subject=row["subject"],
            reason=row["reason"],
        )
        for row in rows
    ]
