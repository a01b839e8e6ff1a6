"""The HTML of a document: one file that needs nothing else, readable without JavaScript, made to be printed too."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from chassis.web.i18n import gettext
from services.reporting.documents.blocks import Document, text_of
from services.reporting.documents.drawing import bar_drawing, strip_drawing
from services.reporting.documents.plain import drawn

TEMPLATES = Path(__file__).parent.parent / "templates" / "document"


def html(document: Document) -> str:
    return _environment().get_template("report.html").render(document=document)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["_"] = gettext
    environment.filters.update(
        kind=lambda block: type(block).__name__, text=text_of, strip=strip_drawing, bar=bar_drawing, drawn=drawn
    )
    return environment
