"""The PDF of a document, set by Typst with a Chinese font of this machine."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

from services.reporting.documents.blocks import Document
from services.reporting.documents.fonts import NoChineseFont, Typeface, chinese_typeface
from services.reporting.documents.plain import plain

TEMPLATE = Path(__file__).with_name("report.typ")
_UNDATED = datetime(2000, 1, 1, tzinfo=UTC)  # the same report gives the same bytes


class UnwritableText(NoChineseFont):
    """The font has no glyph for some character of the document."""


def pdf(document: Document, typeface: Typeface | None = None) -> bytes:
    """Same document, same bytes. Raises `NoChineseFont`, also where a single glyph is missing."""
    face = typeface or chinese_typeface()
    content = plain(document)
    missing = face.missing(_texts(content))
    if missing:
        raise UnwritableText(
            f"{face.family} has no glyph for {', '.join(f'U+{ord(ch):04X}' for ch in missing[:10])}: "
            "install a full Chinese font such as Noto Sans CJK (fonts-noto-cjk)."
        )
    told = {"document": json.dumps(content, ensure_ascii=False), "family": face.family}
    compiler = typst.Compiler(_template(), font_paths=face.fonts, ignore_system_fonts=True, sys_inputs=told)
    made = compiler.compile(format="pdf", timestamp=_UNDATED)
    if not isinstance(made, bytes):
        raise TypeError("a PDF is one file")
    return made


@cache
def _template() -> bytes:
    return TEMPLATE.read_bytes()


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
