"""`aftercall rebuild --shadow`: the read model made once more from the topics, and compared table by table."""

from pathlib import Path

import asyncpg
from aiokafka.errors import KafkaError
from rich.console import Console
from rich.table import Table

from chassis.errors import is_transient
from contracts.topics import REPORTING
from launcher.addresses import settings_of
from launcher.catalog import load_services
from launcher.faults import StartError
from launcher.verify.auditor import auditing
from launcher.verify.readmodel import Digest, compare_digests
from launcher.verify.verdict import Check
from launcher.verify.watermark import watermark

SHOWN = 16  # of 64 hexadecimal digits


async def rebuild(data: Path | None) -> bool:
    """True when every table equals its rebuild. Raises `StartError` when database or broker do not answer."""
    service = {one.name: one for one in load_services()}[REPORTING]
    try:
        async with auditing(settings_of(data)) as auditor:
            check, digests = await compare_digests(auditor, await watermark(auditor), service)
    except (OSError, KafkaError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        if not is_transient(error):
            raise
        raise StartError(f"Database or broker went away while it was read ({type(error).__name__}).") from error
    _show(check, digests)
    return check.clean


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
