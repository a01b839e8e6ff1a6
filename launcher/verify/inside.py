"""The rules of one view of the database, looked at."""

import asyncpg

from contracts.topics import SERVICES
from launcher.verify.rules import COUNTED, RULES, SET_ASIDE, WAITING, Rule
from launcher.verify.verdict import NAMED, Check, Defect


async def check_inside(view: asyncpg.Connection) -> list[Check]:
    checks = {service: Check(f"inside {service}") for service in SERVICES}
    for service, check in checks.items():
        for table in COUNTED[service]:
            check.looked_at += await view.fetchval(f"SELECT count(*) FROM {service}.{table}")  # noqa: S608
        for waiting in WAITING.get(service, ()):
            check.aside(waiting.name, await view.fetchval(waiting.number))
        for kind, place, breaches, sentence in SET_ASIDE:
            await _check(view, check, Rule(service, place, kind, breaches.format(service), sentence))
        for state, table in (("dead letters", "dead_letter WHERE state = 'dead'"), ("parked records", "parked")):
            check.aside(state, await view.fetchval(f"SELECT count(*) FROM {service}.{table}"))  # noqa: S608
    for rule in RULES:
        await _check(view, checks[rule.service], rule)
    return list(checks.values())


async def _check(view: asyncpg.Connection, check: Check, rule: Rule) -> None:
    rows = await view.fetch(
        f"SELECT *, count(*) OVER () AS total FROM ({rule.breaches}) AS found (subject) LIMIT {NAMED}"  # noqa: S608
    )
    named = [Defect(rule.kind, rule.service, rule.place, str(row["subject"]), rule.sentence) for row in rows]
    check.found(rule.kind, rows[0]["total"] if rows else 0, named)
