"""How numbers, dates and masked values are written, in the language and zone of the request."""

import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, get_timezone_location
from babel.numbers import format_decimal
from markupsafe import Markup, escape

from chassis.web.i18n import CHINESE, speech
from chassis.web.i18n import gettext as _

MINUS = "−"
_WEEKDAYS = "一二三四五六日"


def when(at: datetime, zone: str | None = None) -> Markup:
    """11 月 20 日（周五）18:00; the year only when it is not the current one; another zone names itself."""
    local = _local(at, zone)
    text = f"{_day_text(local)}{'' if _chinese() else ' '}{local:%H:%M}"
    if zone is not None and ZoneInfo(zone) != speech.get().zone:
        place = get_timezone_location(zone, locale=speech.get().locale, return_city=True)
        text += _("（{place}时间）", place=place)
    return _time(at, text)


def day(at: datetime, zone: str | None = None) -> Markup:
    return _time(at, _day_text(_local(at, zone)))


def date(at: datetime, zone: str | None = None) -> Markup:
    """11 月 20 日, where the weekday is of no interest."""
    local = _local(at, zone)
    return _time(at, _date_text(local))


def tight(at: datetime, zone: str | None = None) -> Markup:
    """11-20 18:00, for tables."""
    local = _local(at, zone)
    return _time(at, f"{local:%m-%d %H:%M}" if _this_year(local) else f"{local:%Y-%m-%d %H:%M}")


def clock(at: datetime, zone: str | None = None) -> Markup:
    return _time(at, f"{_local(at, zone):%H:%M}")


def duration(span: timedelta) -> str:
    """Up to two units: 6 小时 08 分."""
    seconds = int(abs(span.total_seconds()))
    days, hours, minutes = seconds // 86400, seconds % 86400 // 3600, seconds % 3600 // 60
    if days:
        return _("{days} 天 {hours} 小时", days=days, hours=hours) if hours else _("{n} 天", n=days)
    if hours:
        if minutes:
            return _("{hours} 小时 {minutes} 分", hours=hours, minutes=f"{minutes:02d}")
        return _("{n} 小时", n=hours)
    if minutes:
        return _("{n} 分", n=minutes)
    return _("{n} 秒", n=seconds)


def number(value: float | Decimal, digits: int = 0) -> str:
    """1,516; 4.27 with digits=2. Halves round away from zero, as the report does."""
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return format_decimal(rounded, format=pattern, locale="en").replace("-", MINUS)


def share(value: float | Decimal, digits: int = 1) -> str:
    """0.826 → 82.6%."""
    return number(Decimal(str(value)) * 100, digits) + "%"


def signed(value: float | Decimal, digits: int = 1) -> str:
    """+34.6, −3.0; zero has no sign."""
    text = number(value, digits)
    return f"+{text}" if Decimal(text.replace(MINUS, "-").replace(",", "")) > 0 else text


def mask_phone(value: str) -> str:
    """138****2046; other countries keep their code and the last two digits."""
    digits = re.sub(r"[^\d+]", "", value)
    national = digits.removeprefix("+86")
    if len(national) == 11 and national.startswith("1"):
        return f"{national[:3]}****{national[-4:]}"
    kept = digits[:3] if digits.startswith("+") else ""
    return f"{kept}****{digits[-2:]}" if len(digits) > 6 else "****"


def mask_email(value: str) -> str:
    name, _at, domain = value.partition("@")
    return f"{name[:1]}***@{domain}" if domain else "***"


def phrases(text: str) -> Markup:
    """Question titles mark phrase ends with `|`: the only places where a line may break."""
    return Markup("<wbr>").join(escape(part) for part in text.split("|"))


def _local(at: datetime, zone: str | None) -> datetime:
    return at.astimezone(ZoneInfo(zone) if zone else speech.get().zone)


def _this_year(local: datetime) -> bool:
    return local.year == speech.get().instant.astimezone(local.tzinfo).year


def _chinese() -> bool:
    return speech.get().language == CHINESE


def _day_text(local: datetime) -> str:
    if not _chinese():
        return format_datetime(local, "d MMM y (EEE)", locale="en")
    return f"{_date_text(local)}（周{_WEEKDAYS[local.weekday()]}）"


def _date_text(local: datetime) -> str:
    if not _chinese():
        return format_datetime(local, "d MMM y", locale="en")
    year = "" if _this_year(local) else f"{local.year} 年 "
    return f"{year}{local.month} 月 {local.day} 日"


def _time(at: datetime, text: str) -> Markup:
    return Markup('<time class="nb" datetime="{}">{}</time>').format(at.isoformat(timespec="seconds"), text)


FILTERS: dict[str, Any] = {
    "when": when,
    "day": day,
    "date": date,
    "tight": tight,
    "clock": clock,
    "duration": duration,
    "number": number,
    "share": share,
    "signed": signed,
    "mask_phone": mask_phone,
    "mask_email": mask_email,
    "phrases": phrases,
}
