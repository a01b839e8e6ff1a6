"""Errors as people and machines can use them: what happened, what to do, which fields."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from chassis.web.i18n import gettext as _

_PLACES = frozenset({"body", "query", "path", "header", "cookie"})
# Their messages quote what was sent; a refusal names the field and the rule, never the value.
_QUOTING_RULES = frozenset({"value_error", "assertion_error", "union_tag_invalid"})


class Problem(HTTPException):
    """What happened (title), what to do (detail), which fields (errors: `field`, `rule`)."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str | None = None,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, detail or title, dict(headers or {}))
        self.title = title
        self.text = detail
        self.errors = list(errors)


def wants_page(request: Request) -> bool:
    """API paths and machines get JSON; a browser asks for text/html."""
    if "/api/" in request.url.path or request.headers.get("authorization"):
        return False
    return "text/html" in request.headers.get("accept", "")


def invalid(error: RequestValidationError) -> Problem:
    errors = [_field_error(item) for item in error.errors()]
    return Problem(422, _("有些内容不符合要求"), errors=errors)


def _field_error(item: Mapping[str, Any]) -> dict[str, str]:
    place = [str(part) for part in item["loc"]]
    rule = str(item["type"])
    inside = place[1:] if len(place) > 1 and place[0] in _PLACES else place
    field = "body" if rule == "json_invalid" else ".".join(inside)
    if rule in _QUOTING_RULES:
        return {"field": field, "rule": rule}
    return {"field": field, "rule": rule, "message": str(item["msg"])}
