"""The Jinja environment of one mounted app: its own templates first, then the shell's."""

import hashlib
from functools import cache
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from chassis.web.drawing import SHAPES
from chassis.web.filters import FILTERS
from chassis.web.i18n import gettext
from chassis.web.words import role_word

HERE = Path(__file__).parent
STATIC = HERE / "static"
SHELL_TEMPLATES = HERE / "templates"
SHELL_LOCALE = HERE / "locale"


def environment(own: Path | None, static_folders: dict[str, Path]) -> Environment:
    folders = [folder for folder in (own, SHELL_TEMPLATES) if folder is not None]
    env = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # a template changes with the program, not under it: no look at the file at every page
    )
    env.filters.update(FILTERS)
    env.globals.update(SHAPES)
    env.globals["_"] = gettext
    env.globals["role_word"] = role_word
    env.globals["static"] = cache(lambda name: static_url(name, static_folders))
    return env


def static_url(name: str, folders: dict[str, Path]) -> str:
    """The address carries the content's digest, so a browser may keep the file forever."""
    first, _slash, rest = name.partition("/")
    file = folders[first] / rest if first in folders else STATIC / name
    return f"/static/{name}?v={_digest(file)}"


@cache
def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]
