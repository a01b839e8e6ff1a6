"""A font with Chinese in it, found on this machine. Without one a document is refused: never boxes instead of words."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import typst
from fontTools.ttLib import TTFont

FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "PingFang SC",
    "Microsoft YaHei",
    "Hiragino Sans GB",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "SimHei",
)
"""Sans-serif faces that hold Chinese and Latin, best first."""

_FILES = (
    "NotoSansCJK*", "NotoSansSC*", "SourceHanSans*", "PingFang*", "msyh*", "Hiragino Sans GB*", "wqy-*", "simhei*",
)  # fmt: skip
_SUFFIXES = {".ttf", ".ttc", ".otf", ".otc"}
_INVISIBLE = frozenset("\n\t\u200b")


class NoChineseFont(Exception):
    """No font of this machine can write the document; the sentence says what to install."""


@dataclass(frozen=True)
class Typeface:
    family: str
    fonts: typst.Fonts
    glyphs: frozenset[int]

    def missing(self, texts: Iterable[str]) -> str:
        """The characters, in order, that this face has no glyph for."""
        found = {ch for text in texts for ch in text if ord(ch) not in self.glyphs and ch not in _INVISIBLE}
        return "".join(sorted(found))


def folders() -> list[Path]:
    """Where systems keep fonts; AFTERCALL_FONTS names one more, which comes first."""
    home = Path.home() if os.environ.get("HOME") else Path("/nonexistent")
    named = [Path(os.environ["AFTERCALL_FONTS"])] if os.environ.get("AFTERCALL_FONTS") else []
    usual = [
        Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".local/share/fonts", home / ".fonts",
        Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts", Path("C:/Windows/Fonts"),
    ]  # fmt: skip
    return [folder for folder in (*named, *usual) if folder.is_dir()]


@cache
def chinese_typeface() -> Typeface:
    """Looked for once in a process. Raises `NoChineseFont`."""
    return typeface_in(folders())


def typeface_in(places: Sequence[Path]) -> Typeface:
    """The best face of `FAMILIES` in these folders. Raises `NoChineseFont`."""
    homes = sorted({file.parent for place in places for name in _FILES for file in place.rglob(name) if _is_font(file)})
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=list(homes))
    regular = {font.family: font for font in fonts.fonts() if font.weight == 400 and font.style == "normal"}
    for family in FAMILIES:
        font = regular.get(family)
        if font is not None and font.path is not None:
            return Typeface(family, fonts, _glyphs(font.path, font.index))
    looked = ", ".join(map(str, places)) or "no font folder at all"
    raise NoChineseFont(
        f"A PDF needs a Chinese font and none was found (looked in {looked}). "
        "Install Noto Sans CJK (on Debian: apt install fonts-noto-cjk), or name a folder with it in AFTERCALL_FONTS."
    )


def _is_font(file: Path) -> bool:
    return file.suffix.lower() in _SUFFIXES


def _glyphs(path: str, index: int) -> frozenset[int]:
    with TTFont(path, fontNumber=index, lazy=True) as font:
        return frozenset(font.getBestCmap() or ())
