"""`aftercall rebuild`: the read model made once more from the topics, and compared table by table.

`--shadow` looks only. `--fill` writes what the topics say where the read model says something else, then looks again.
"""

from pathlib import Path

import asyncpg
from aiokafka.errors import KafkaError
from rich.console import Console
from rich.table import Table

from chassis.database import connect, role_of
from chassis.errors import is_transient
from chassis.runtime import Service
from chassis.settings import Settings
from contracts.topics import REPORTING
from launcher.addresses import settings_of
from launcher.catalog import load_services
from launcher.faults import StartError
from launcher.terminal import say
from launcher.verify.auditor import CONNECT_SECONDS, auditing
from launcher.verify.filling import Filling
from launcher.verify.readmodel import Digest, compare_digests, fill
from launcher.verify.verdict import Check
from launcher.verify.watermark import watermark

SHOWN = 16  # of 64 hexadecimal digits
_SHORT = {"transaction_timeout": "30s", "lock_timeout": "10s"}


async def rebuild(data: Path | None, *, fills: bool = False) -> bool:
    """True when every table equals its rebuild. Raises `StartError` when database or broker do not answer."""
    service = {one.name: one for one in load_services()}[REPORTING]
    settings = settings_of(data)
    try:
        if fills:
            await _fill(settings, service)
        async with auditing(settings) as auditor:
            check, digests = await compare_digests(auditor, await watermark(auditor), service)
    except (OSError, KafkaError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        if not is_transient(error):
            raise
        raise StartError(f"Database or broker went away while it was read ({type(error).__name__}).") from error
    _show(check, digests)
    return check.clean


async def _fill(settings: Settings, service: Service) -> None:
    async with auditing(settings) as auditor:
        login = role_of(service.name)
        connection = await connect(settings, role=login, schema=service.name, seconds=CONNECT_SECONDS, **_SHORT)
        try:
            filling = Filling(connection, service.name)
            await fill(auditor, await watermark(auditor), service, filling)
        finally:
            await connection.close()
    for table, rows in sorted(filling.filled.items()):
        say(f"{table}: {rows:,} rows filled")
    if filling.moved:
        say(f"{filling.moved:,} rows changed meanwhile and were left alone: if they differ below, fill once more")


def _show(check: Check, digests: list[Digest]) -> None:
    table = Table("table", box=None, pad_edge=False)
    for column in ("rows", "read model", "rebuilt", ""):
        table.add_column(column, justify="right")
    for one in digests:
        sums = (one.live.hexdigest()[:SHOWN], one.rebuilt.hexdigest()[:SHOWN])
        table.add_row(one.table, str(one.rows), *sums, "equal" if one.equal else "DIFFERS")
    console = Console(width=None if Console().is_terminal else 120)
    console.print(table)
    for defect in check.defects:
        line = f"{defect.kind.upper()} {defect.place} {defect.subject}: {defect.sentence}"
        console.print(line, markup=False, highlight=False, soft_wrap=True)
