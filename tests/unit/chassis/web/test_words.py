import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from jinja2 import Environment

from chassis.web.i18n import read_catalog
from chassis.web.templates import SHELL_LOCALE, SHELL_TEMPLATES

ROOT = Path(__file__).parents[4]
SERVICES = sorted(folder for folder in (ROOT / "services").iterdir() if (folder / "templates").is_dir())
MARKS = frozenset({"_", "N_", "gettext"})


def words_of_templates(folder: Path) -> Iterator[tuple[str, str]]:
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    for file in sorted(folder.rglob("*.html")):
        calls = environment.extract_translations(file.read_text(), ("_",))  # type: ignore[attr-defined]
        for _line, _function, text in calls:
            msgid = text[0] if isinstance(text, tuple) else text
            if msgid is not None:
                yield str(file.relative_to(ROOT)), msgid


def words_of_code(folder: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in MARKS:
                continue
            if node.args and isinstance(node.args[0], ast.Constant):
                yield str(file.relative_to(ROOT)), str(node.args[0].value)


def missing(words: Iterator[tuple[str, str]], *locales: Path) -> list[tuple[str, str]]:
    catalog = read_catalog(locales)
    return sorted({(file, text) for file, text in words if text not in catalog})


def test_every_word_of_the_shell_has_english() -> None:
    assert missing(words_of_templates(SHELL_TEMPLATES), SHELL_LOCALE) == []
    assert missing(words_of_code(SHELL_LOCALE.parent), SHELL_LOCALE) == []


@pytest.mark.parametrize("service", SERVICES, ids=lambda folder: folder.name)
def test_every_word_of_a_service_has_english(service: Path) -> None:
    locales = (SHELL_LOCALE, service / "locale")
    assert missing(words_of_templates(service / "templates"), *locales) == []
    assert missing(words_of_code(service), *locales) == []


def test_a_word_without_english_is_found(tmp_path: Path) -> None:
    (tmp_path / "en.po").write_text('msgid ""\nmsgstr ""\n\nmsgid "案件"\nmsgstr "Cases"\n')
    words = iter([("page.html", "案件"), ("page.html", "看板")])
    assert missing(words, tmp_path) == [("page.html", "看板")]


@pytest.mark.parametrize("locale", [SHELL_LOCALE, *(folder / "locale" for folder in SERVICES)], ids=str)
def test_english_uses_the_names_that_the_chinese_gives(locale: Path) -> None:
    """A name the code does not pass would raise on the page."""
    for chinese, english in read_catalog([locale]).items():
        for text in [english] if isinstance(english, str) else english:
            assert _names(text) <= _names(chinese) | {"n"}, chinese


def _names(text: str) -> set[str]:
    return {name for _literal, name, _spec, _conversion in Formatter().parse(text) if name}
