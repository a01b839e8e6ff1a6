"""A process that writes one month's report as PDF and Excel, and tells what it took as one line of JSON."""

import asyncio
import json
import resource
import sys
import time
from dataclasses import asdict
from pathlib import Path
from zoneinfo import ZoneInfo

from chassis.runtime import open_runtime
from chassis.settings import load_settings
from chassis.web.i18n import CHINESE
from launcher.bench.reporting.found import Documents
from launcher.catalog import load_services
from services.reporting.calendar import period_of
from services.reporting.documents.files import Format
from services.reporting.reports import open_report
from services.reporting.writing import report_file


async def write(key: str, folder: Path) -> Documents:
    begun = time.monotonic()
    (service,) = load_services(["reporting"])
    settings = load_settings()
    period = period_of(key, ZoneInfo(settings.operator_zone))
    runtime = await open_runtime(service, settings)
    try:
        report = await open_report(runtime, period)
        for format in (Format.PDF, Format.XLSX):
            content = await report_file(runtime, period, report, format, CHINESE)
            (folder / f"{key}.{format.value}").write_bytes(content)
    finally:
        await runtime.close()
    answers = report.content.summary.participation.recovery.count or 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Documents(answers, time.monotonic() - begun, peak)


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(write(sys.argv[1], Path(sys.argv[2]))))))
