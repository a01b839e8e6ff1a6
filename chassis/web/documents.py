"""The interfaces, described: OpenAPI per service with a page of its own making, and the AsyncAPI document."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from chassis.web.pages import render
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, public
from chassis.web.site import site_of

router = GuardedRouter()
_DESCRIBED = public("describes the interface, holds no data")


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Mapping[str, Any], ...]
    body: str | None
    answers: tuple[tuple[str, str, str | None], ...]


@router.get("/docs", access=_DESCRIBED)
async def index(request: Request) -> Response:
    described = []
    for service in site_of(request).services:
        described += [(service.name, path) for path in service.web if path == f"/{service.name}"]
    return render(request, "documents.html", described=described)


@router.get("/asyncapi", access=_DESCRIBED)
async def asyncapi(request: Request) -> Response:
    document = site_of(request).asyncapi
    if not document:
        raise Problem(404, "AsyncAPI")
    kind = "application/json" if document.lstrip().startswith("{") else "application/yaml"
    return Response(document, media_type=kind)


def of_service() -> GuardedRouter:
    service = GuardedRouter()

    @service.get("/openapi.json", access=_DESCRIBED)
    async def openapi(request: Request) -> Response:
        return JSONResponse(request.app.state.openapi())

    @service.get("/docs", access=_DESCRIBED)
    async def docs(request: Request) -> Response:
        document = request.app.state.openapi()
        schemas = document.get("components", {}).get("schemas", {})
        return render(request, "openapi.html", document=document, operations=operations(document), schemas=schemas)

    return service


def operations(document: Mapping[str, Any]) -> list[Operation]:
    server = document["servers"][0]["url"]
    return [
        _operation(method, server + path, details)
        for path, methods in document["paths"].items()
        for method, details in methods.items()
    ]


def _operation(method: str, path: str, details: Mapping[str, Any]) -> Operation:
    return Operation(
        method=method.upper(),
        path=path,
        summary=details.get("summary", ""),
        description=details.get("description", ""),
        parameters=tuple(details.get("parameters", ())),
        body=_schema_name(details.get("requestBody", {})),
        answers=tuple(
            (status, answer.get("description", ""), _schema_name(answer))
            for status, answer in details.get("responses", {}).items()
        ),
    )


def _schema_name(holder: Mapping[str, Any]) -> str | None:
    """The name of the schema in the first content type, of its element when it is a list."""
    for content in holder.get("content", {}).values():
        schema = content.get("schema", {})
        variants = [schema, schema.get("items", {}), *schema.get("anyOf", ())]
        refs = [variant["$ref"] for variant in variants if "$ref" in variant]
        name: str | None = refs[0].rpartition("/")[2] if refs else schema.get("type")
        return name
    return None
