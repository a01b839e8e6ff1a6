"""A comparison of two policies as a page of its own that opens without a server: for a mail, a meeting, an archive."""

from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from chassis.web.i18n import ENGLISH, Speech, read_catalog, speech
from chassis.web.templates import SHELL_LOCALE, STATIC, environment
from services.scheduler.pages import simulated_words
from services.scheduler.simulate import figures
from services.scheduler.simulate.comparison import Comparison

_HERE = Path(__file__).parent.parent
_STYLES = (STATIC / "tokens.css", STATIC / "components.css", _HERE / "static" / "simulated.css")


def shown(found: Comparison, zone: ZoneInfo) -> dict[str, Any]:
    """What the tables and charts of a comparison are made of."""
    return {
        "found": found,
        "loads": figures.skill_loads(found, zone),
        "days": figures.days(found, zone),
        "missed": figures.missed(found),
        "widths": figures.widths(found),
        "words": simulated_words,
    }


def document(found: Comparison, *, first: date, last: date, zone: ZoneInfo) -> str:
    """HTML in English with everything inside it; no script."""
    catalog = read_catalog([SHELL_LOCALE, _HERE / "locale"])
    token = speech.set(Speech(ENGLISH, chosen=True, catalog=catalog, zone=zone, now=found.until))
    try:
        templates = environment(_HERE / "templates", {})
        style = "\n".join(file.read_text(encoding="utf-8") for file in _STYLES)
        return templates.get_template("simulated_file.html").render(
            first=first, last=last, style=style, **shown(found, zone)
        )
    finally:
        speech.reset(token)


def month_before(now: datetime, zone: ZoneInfo) -> tuple[date, date]:
    """The 31 days before today on the operator's clock: what a page asks about when nothing was chosen."""
    today = now.astimezone(zone).date()
    return date.fromordinal(today.toordinal() - 31), date.fromordinal(today.toordinal() - 1)
