"""How a customer is addressed: enough to speak to them, too little to know them by."""

_TITLES = ("先生", "女士", "小姐", "老师")
# surnames of two signs
_DOUBLE = frozenset(
    "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 司徒 夏侯 令狐 宇文 长孙 端木 南宫 独孤".split(" ")  # noqa: SIM905
)


def form_of_address(name: str | None, language: str) -> str:
    """`陈女士/先生`, or the title that the name carries; empty when no name is known. Never the given name."""
    name = (name or "").strip()
    if not name:
        return "" if language == "zh-CN" else "there"
    if not _is_chinese(name):
        return f"Mr/Ms {name.split()[-1]}" if " " in name else name[:1] + "…"
    title = next((title for title in _TITLES if name.endswith(title)), "女士/先生")
    surname = name[:2] if name[:2] in _DOUBLE else name[:1]
    return surname + title


def _is_chinese(name: str) -> bool:
    return "\u4e00" <= name[0] <= "\u9fff"
