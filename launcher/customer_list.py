"""A list of customers from a file, for scenarios that no service starts."""

from pathlib import Path

from chassis.runtime import open_runtime
from launcher.addresses import settings_of
from launcher.catalog import load_services
from launcher.faults import StartError
from launcher.terminal import say
from services.scheduler.handlers.listing import INVALID, take_list
from services.scheduler.lists import ListRefused


async def import_list(content: bytes, *, scenario: str, source: str, data: Path | None) -> bool:
    """One line a row: its number, service, verdict and reason. True when every row could be read."""
    (service,) = load_services(["scheduler"])
    runtime = await open_runtime(service, settings_of(data))
    try:
        verdicts = await take_list(runtime, content, scenario=scenario, source=source)
    except ListRefused as error:
        raise StartError(f"The list cannot be imported: {error}.") from None
    finally:
        await runtime.close()
    for one in verdicts:
        say(f"{one.row}\t{one.service_id or ''}\t{one.verdict}\t{one.reason or ''}")
    return all(one.verdict != INVALID for one in verdicts)
