"""The documentation names only what exists."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from chassis.settings import PREFIX, Secrets, Settings
from launcher.main import app
from services.scheduler.configured import SchedulerSettings
from services.survey.ivr import settings as telephony
from services.survey.ivr.hosted import settings as hosted

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))
SOURCES = ("chassis", "launcher", "services")

_LINK = re.compile(r"!?\[[^]]*]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
_COMMAND = re.compile(r"\./aftercall +([a-z-]+)(?: +([a-z]+))?")
_VARIABLE = re.compile(rf"\b{PREFIX}[A-Z_]*[A-Z]")

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@each_page
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    assert [link for link in links(page.read_text()) if not leads_somewhere(page, link)] == []


@each_page
def test_every_command_exists(page: Path) -> None:
    assert [words for words in _COMMAND.findall(page.read_text()) if not is_command(*words)] == []


@each_page
def test_every_variable_is_read_by_the_code(page: Path) -> None:
    assert set(_VARIABLE.findall(page.read_text())) - variables() == set()


def test_every_setting_is_told_to_operators() -> None:
    told = set(_VARIABLE.findall((ROOT / "docs/operations.md").read_text()))
    assert settings() - {f"{PREFIX}SECRETS"} - told == set()


def test_every_setting_of_telephony_is_told() -> None:
    assert exchange_settings() - set(_VARIABLE.findall((ROOT / "docs/ivr.md").read_text())) == set()


def test_what_does_not_exist_is_found() -> None:
    assert not leads_somewhere(ROOT / "README.md", "docs/nowhere.md")
    assert not leads_somewhere(ROOT / "README.md", "docs/operations.md#nowhere")
    assert not is_command("fly", "")
    assert not is_command("dlq", "forget")
    assert f"{PREFIX}NOTHING" not in variables()


def links(text: str) -> list[str]:
    return [link for link in _LINK.findall(text) if not re.match(r"[a-z]+:", link)]


def leads_somewhere(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = page.parent / name if name else page
    return target.exists() and (not anchor or anchor in anchors(target.read_text()))


def anchors(text: str) -> set[str]:
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in _HEADING.findall(text)}


def is_command(name: str, second: str) -> bool:
    """`second` counts only behind a command that has commands of its own."""
    commands = getattr(get_command(app), "commands")  # noqa: B009  a group, which the type of the function does not tell
    if name not in commands:
        return False
    below = getattr(commands[name], "commands", None)
    return below is None or second in below


def settings() -> set[str]:
    names = [*Settings.model_fields, *Secrets.model_fields, *SchedulerSettings.model_fields]
    return {PREFIX + name.upper() for name in names}


def exchange_settings() -> set[str]:
    """Of an own exchange and of a hosted provider."""
    own = {telephony.PREFIX + name.upper() for name in telephony.Telephony.model_fields}
    return own | {hosted.PREFIX + name.upper() for name in hosted.Hosted.model_fields}


def variables() -> set[str]:
    """Fields of the settings, and names written out in the code."""
    files = [
        ROOT / "aftercall",
        ROOT / "docker-compose.yml",
        *(file for folder in SOURCES for file in (ROOT / folder).rglob("*.py")),
    ]
    written = {name for file in files for name in _VARIABLE.findall(file.read_text())}
    return settings() | exchange_settings() | written
