"""Chinese is the language of the source; English comes from the `en.po` files. The language is per request."""

from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.messages.pofile import read_po
from markupsafe import escape

CHINESE = "zh-CN"
ENGLISH = "en"

Catalog = Mapping[str, str | tuple[str, ...]]

_SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Speech:
    """How this request is answered: language, operator's zone, and the instant that decides whether a year is shown."""

    language: str = CHINESE
    chosen: bool = False
    catalog: Catalog | None = None
    zone: ZoneInfo = _SHANGHAI
    now: datetime | None = None

    @property
    def locale(self) -> str:
        return "zh_Hans_CN" if self.language == CHINESE else "en_GB"

    @property
    def instant(self) -> datetime:
        return self.now or datetime.now(UTC)


speech: ContextVar[Speech] = ContextVar("speech", default=Speech())  # noqa: B039 - frozen


def read_catalog(folders: Iterable[Path]) -> Catalog:
    """Every folder's `en.po`; a later folder may reword what an earlier one said."""
    catalog: dict[str, str | tuple[str, ...]] = {}
    for folder in folders:
        file = folder / "en.po"
        if not file.is_file():
            continue
        with file.open("rb") as lines:
            for message in read_po(lines, locale="en"):
                if message.id and message.string:
                    catalog[_msgid(message.id)] = _english(message.string)
    return catalog


def _msgid(value: str | list[str] | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else value[0]


def _english(value: str | list[str] | tuple[str, ...]) -> str | tuple[str, ...]:
    return value if isinstance(value, str) else tuple(value)


def gettext(msgid: str, **values: Any) -> str:
    """The text in the request's language; `{names}` are filled and, when a value is markup, the rest is escaped.

    English plurals are chosen by the value named `n`.
    """
    spoken = speech.get()
    text: str | tuple[str, ...] = msgid
    if spoken.language == ENGLISH and spoken.catalog is not None:
        text = spoken.catalog.get(msgid, msgid)
    if not isinstance(text, str):
        text = text[0] if values.get("n") == 1 else text[-1]
    if not values:
        return text
    if any(hasattr(value, "__html__") for value in values.values()):
        return escape(text).format(**values)
    return text.format(**values)


def N_(msgid: str) -> str:
    """Marks a msgid that is translated later."""
    return msgid


def known(tag: str | None) -> str | None:
    """The supported language a tag stands for, if any."""
    base = (tag or "").strip().lower().partition("-")[0]
    return {"zh": CHINESE, "en": ENGLISH}.get(base)


def accepted(header: str) -> str | None:
    """The best supported language of an Accept-Language header."""
    ranked: list[tuple[float, str]] = []
    for part in header.split(","):
        tag, _semicolon, weight = part.partition(";q=")
        language = known(tag)
        if language is not None:
            ranked.append((_weight(weight), language))
    return max(ranked, key=lambda pair: pair[0])[1] if ranked else None


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0


def prefer(language: str) -> None:
    """The account's language, unless the request chose one by itself."""
    spoken = speech.get()
    supported = known(language)
    if supported is not None and not spoken.chosen:
        speech.set(replace(spoken, language=supported))
