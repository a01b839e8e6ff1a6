"""The HTTP road of the intake door: the same document, the same rules, a verdict for each element."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json, to_json

from chassis.access.person import Person
from chassis.access.roles import Role
from chassis.runtime import Received, Runtime
from chassis.web.i18n import gettext as _
from chassis.web.pages import runtime_of, signed_in
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, roles
from contracts.events.intake import MAXIMUM_DOCUMENT_BYTES, ServiceCompleted
from contracts.ids import event_id
from services.scheduler.handlers.completions import Outcome, accept, resolve_customers

MOST = 1000
INVALID = "invalid"

router = GuardedRouter(prefix="/api/v1")


class FieldFault(BaseModel):
    """A field path and the rule it breaks; never the value."""

    field: str
    rule: str


class CompletionVerdict(BaseModel):
    """`verdict`: selected, not_drawn, rejected, out_of_frame, duplicate, corrected or invalid."""

    service_id: str | None
    verdict: str
    reason: str | None = None
    errors: tuple[FieldFault, ...] = ()


class CompletionsAccepted(BaseModel):
    verdicts: tuple[CompletionVerdict, ...]


@dataclass(frozen=True)
class _Refused:
    service_id: str | None
    faults: tuple[FieldFault, ...]


_DOCUMENT = ServiceCompleted.model_json_schema()
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"oneOf": [_DOCUMENT, {"type": "array", "maxItems": MOST, "items": _DOCUMENT}]}
            }
        },
    }
}


@router.post("/service-completions", access=roles(Role.CRM), status_code=202, openapi_extra=_BODY)
async def take(request: Request, person: Annotated[Person, Depends(signed_in)]) -> CompletionsAccepted:
    """One document or an array of at most 1,000. Elements that break the form are named; the others are taken."""
    elements = _elements(await request.body())
    read = [_read(element, person.source) for element in elements]
    documents = [one for one in read if isinstance(one, ServiceCompleted)]
    if not documents:
        raise Problem(422, _("没有一份能读的服务记录"), errors=_faults(read))
    if person.source is not None and any(document.source != person.source for document in documents):
        raise Problem(403, _("这个令牌只能提交自己来源的记录"), errors=[{"field": "source", "rule": "token_source"}])
    outcomes = iter(await _accept(runtime_of(request), documents))
    return CompletionsAccepted(verdicts=tuple(_verdict(one, outcomes) for one in read))


async def _accept(runtime: Runtime, documents: Sequence[ServiceCompleted]) -> list[Outcome]:
    refs = await resolve_customers(runtime, documents)
    async with runtime.transaction(customers=set(refs)) as tx:
        received = [_received(document, ref, tx.now) for document, ref in zip(documents, refs, strict=True)]
        return await accept(tx, received, road="http")


def _received(document: ServiceCompleted, ref: str, now: datetime) -> Received:
    return Received(document, event_id(now), now, ref)


def _elements(body: bytes) -> list[Any]:
    try:
        content = from_json(body, allow_inf_nan=False)
    except ValueError:
        raise Problem(400, _("内容不是 JSON"), errors=[{"field": "body", "rule": "json_invalid"}]) from None
    elements = content if isinstance(content, list) else [content]
    if not elements or len(elements) > MOST:
        raise Problem(422, _("一次提交 1 到 1000 份记录"), errors=[{"field": "body", "rule": "1_to_1000_elements"}])
    return elements


def _read(element: Any, source: str | None) -> ServiceCompleted | _Refused:
    """A document without a source is of the token's."""
    service_id = element.get("service_id") if isinstance(element, dict) else None
    named = service_id if isinstance(service_id, str) else None
    if len(to_json(element)) > MAXIMUM_DOCUMENT_BYTES:
        return _Refused(named, (FieldFault(field="body", rule=f"at_most_{MAXIMUM_DOCUMENT_BYTES}_bytes"),))
    if isinstance(element, dict) and source is not None:
        element = {"source": source, **element}
    try:
        document = ServiceCompleted.model_validate(element)
    except ValidationError as error:
        faults = [
            FieldFault(field=".".join(str(step) for step in fault["loc"]) or "body", rule=str(fault["type"]))
            for fault in error.errors(include_url=False, include_context=False, include_input=False)
        ]
        return _Refused(named, tuple(faults))
    if "\x00" in document.service_id:
        return _Refused(None, (FieldFault(field="service_id", rule="no_nul_character"),))
    return document


def _verdict(one: ServiceCompleted | _Refused, outcomes: Any) -> CompletionVerdict:
    if isinstance(one, _Refused):
        return CompletionVerdict(service_id=one.service_id, verdict=INVALID, errors=one.faults)
    outcome: Outcome = next(outcomes)
    return CompletionVerdict(service_id=one.service_id, verdict=outcome.verdict, reason=outcome.reason)


def _faults(read: Sequence[ServiceCompleted | _Refused]) -> list[dict[str, str]]:
    """Paths begin with the element's number where there is more than one."""
    return [
        {"field": fault.field if len(read) == 1 else f"{number}.{fault.field}", "rule": fault.rule}
        for number, one in enumerate(read)
        if isinstance(one, _Refused)
        for fault in one.faults
    ]
