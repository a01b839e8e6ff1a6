"""The OpenAPI document of one service: its doors, and the one form in which all of them refuse."""

from collections.abc import Sequence
from typing import Any

from fastapi.openapi.utils import get_openapi
from fastapi.routing import RouteContext

_PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "type": "object",
    "description": "RFC 9457. `errors` names fields and the rules they break, never a value.",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/FieldProblem"}},
        "code": {"type": "string", "description": "names this fault in the log"},
    },
}
_FIELD: dict[str, Any] = {
    "title": "FieldProblem",
    "type": "object",
    "required": ["field", "rule"],
    "properties": {"field": {"type": "string"}, "rule": {"type": "string"}, "message": {"type": "string"}},
}
_OF_FRAMEWORK = ("HTTPValidationError", "ValidationError")


def described(routes: Sequence[RouteContext], title: str, path: str) -> dict[str, Any]:
    """`path`: where the service is mounted. Every operation may answer 4XX and 503, always as problem+json."""
    document = get_openapi(title=title, version="1", routes=routes, servers=[{"url": path}])
    for operations in document["paths"].values():
        for operation in operations.values():
            answers = operation["responses"]
            answers.pop("422", None)  # the framework's own form, which is never sent
            answers["4XX"] = _refusal("Refused: nothing was changed.")
            answers["503"] = _refusal("Not now: try again after the seconds of Retry-After.")
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in _OF_FRAMEWORK:
        schemas.pop(name, None)
    document["paths"] = _with_shared_names(document["paths"], schemas)
    schemas |= {"Problem": _PROBLEM, "FieldProblem": _FIELD}
    return document


def _refusal(description: str) -> dict[str, Any]:
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": description, "content": problem}


def _with_shared_names(node: Any, schemas: dict[str, Any]) -> Any:
    """A body that a door describes by itself brings its definitions along: they go where references look for them."""
    if isinstance(node, list):
        return [_with_shared_names(item, schemas) for item in node]
    if not isinstance(node, dict):
        return node
    for name, definition in node.get("$defs", {}).items():
        schemas.setdefault(name, _with_shared_names(definition, schemas))
    kept = {key: _with_shared_names(value, schemas) for key, value in node.items() if key != "$defs"}
    if isinstance(kept.get("$ref"), str):
        kept["$ref"] = kept["$ref"].replace("#/$defs/", "#/components/schemas/")
    return kept
