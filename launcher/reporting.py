"""A report of a running product written to a file."""

from pathlib import Path
from zoneinfo import ZoneInfo

from chassis.runtime import open_runtime
from chassis.web.i18n import CHINESE, ENGLISH
from launcher.addresses import settings_of
from launcher.catalog import load_services
from launcher.faults import StartError
from launcher.terminal import say
from services.reporting.calendar import UnknownPeriod, period_of
from services.reporting.documents.files import Format
from services.reporting.documents.fonts import NoChineseFont
from services.reporting.reports import open_report, published
from services.reporting.writing import report_file

LANGUAGES = {"zh": CHINESE, "en": ENGLISH}
MODE = 0o600


async def write_report(key: str, file: Path, *, format: str, lang: str, live: bool, data: Path | None) -> None:
    """The newest published revision, else (or when `live`) the figures as they are now. Every refusal is a sentence."""
    (service,) = load_services(["reporting"])
    settings = settings_of(data)
    try:
        period = period_of(key, ZoneInfo(settings.operator_zone))
    except UnknownPeriod as error:
        raise StartError(f"--period {error}.") from None
    runtime = await open_runtime(service, settings)
    try:
        report = None if live else await published(runtime, key)
        report = report or await open_report(runtime, period)
        if report.content.summary.empty:
            raise StartError(f"{key}: there are no services of this period yet.")
        content = await report_file(runtime, period, report, Format(format), LANGUAGES[lang])
    except NoChineseFont as error:
        raise StartError(str(error)) from None
    finally:
        await runtime.close()
    _write(file, content)
    revision = f"revision {report.header.revision}" if report.header.revision else "not published"
    say(f"{key} ({revision}, digest {report.header.digest[:16]}) to {file}")


def _write(file: Path, content: bytes) -> None:
    """The workbook names services: the file is for its owner only."""
    try:
        file.touch(mode=MODE)
        file.write_bytes(content)
    except OSError as error:
        raise StartError(f"{file} cannot be written: {error.strerror}.") from None
