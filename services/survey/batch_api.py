"""The batch door: completed answers gathered elsewhere, up to 1,000 at once, a verdict for each."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr, ValidationError
from pydantic_core import from_json

from chassis.access.person import Person
from chassis.access.roles import Role
from chassis.web.i18n import gettext as _
from chassis.web.pages import runtime_of, signed_in
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, roles
from contracts.vocabulary import AnswerState, Channel, Purpose, ResponseId, SourceName
from services.survey import batch
from services.survey.agent_models import Instant
from services.survey.batch import Outcome
from services.survey.gathered import Gathered, Verdict

MOST = 1000

_QuestionId = Annotated[str, Field(max_length=40)]
_Text = Annotated[StrictStr, Field(max_length=2000)]

router = GuardedRouter(tags=["batch"])


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Unanswered(_Body):
    """Asked, and nothing heard."""

    state: Literal[AnswerState.NOT_ANSWERED, AnswerState.REFUSED]


class InterviewIn(_Body):
    """`answers`: by question id a score 1–5, a likelihood 0–10, yes/no/unsure, an option's key, a text, or a `state`.

    `reference`: a name of your own, given back in the verdict and kept nowhere.
    """

    source: SourceName = "crm"
    service_id: Annotated[str, Field(min_length=1, max_length=200, pattern="^[^\\x00]*$")]
    purpose: Purpose = Purpose.SURVEY
    channel: Channel = Channel.IMPORT
    answered_at: Instant
    answers: Annotated[dict[_QuestionId, StrictInt | _Text | Unanswered], Field(min_length=1, max_length=100)]
    reference: Annotated[str, Field(max_length=200)] | None = None


class FieldFault(BaseModel):
    """A field path and the rule it breaks; never the value."""

    model_config = ConfigDict(frozen=True)

    field: str
    rule: str


class InterviewVerdict(BaseModel):
    service_id: str | None
    reference: str | None = None
    verdict: Verdict
    response_id: ResponseId | None = None
    errors: tuple[FieldFault, ...] = ()


class InterviewsTaken(BaseModel):
    verdicts: tuple[InterviewVerdict, ...]


_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "array", "maxItems": MOST, "items": InterviewIn.model_json_schema()},
            }
        },
    }
}


@router.post(
    "/interviews",
    access=roles(Role.SUPERVISOR, Role.ADMIN, Role.CRM),
    status_code=202,
    openapi_extra=_BODY,
)
async def take(request: Request, person: Annotated[Person, Depends(signed_in)]) -> InterviewsTaken:
    """Answers of customers whose callback is open. All that can be recorded is, in one transaction."""
    read = [_read(element, person.source) for element in _elements(await request.body())]
    taken = [one for one in read if isinstance(one, InterviewIn)]
    if person.source is not None and any(one.source != person.source for one in taken):
        raise Problem(403, _("这个令牌只能提交自己来源的记录"), errors=[{"field": "source", "rule": "token_source"}])
    outcomes = iter(await batch.record(runtime_of(request), [_gathered(one) for one in taken]))
    return InterviewsTaken(verdicts=tuple(_verdict(one, outcomes) for one in read))


def _elements(body: bytes) -> list[Any]:
    try:
        content = from_json(body, allow_inf_nan=False)
    except ValueError:
        raise Problem(400, _("内容不是 JSON"), errors=[{"field": "body", "rule": "json_invalid"}]) from None
    if not isinstance(content, list) or not 1 <= len(content) <= MOST:
        raise Problem(422, _("一次提交 1 到 1000 份记录"), errors=[{"field": "body", "rule": "1_to_1000_elements"}])
    return content


def _read(element: Any, source: str | None) -> InterviewIn | InterviewVerdict:
    """An element without a source is of the token's; one that breaks the form is refused by field and rule."""
    if isinstance(element, dict) and source is not None:
        element = {"source": source, **element}
    try:
        return InterviewIn.model_validate(element)
    except ValidationError as error:
        return InterviewVerdict(
            service_id=_named(element, "service_id"),
            reference=_named(element, "reference"),
            verdict=Verdict.REFUSED,
            errors=_faults(error),
        )


def _named(element: Any, field: str) -> str | None:
    value = element.get(field) if isinstance(element, dict) else None
    return value if isinstance(value, str) else None


def _faults(error: ValidationError) -> tuple[FieldFault, ...]:
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    return tuple(dict.fromkeys(_fault(fault["loc"], str(fault["type"])) for fault in faults))


def _fault(place: Sequence[int | str], rule: str) -> FieldFault:
    if len(place) > 1 and place[0] == "answers":
        return FieldFault(field=f"answers.{place[1]}", rule="must be a whole number, a text or a state")
    return FieldFault(field=".".join(map(str, place)) or "body", rule=rule)


def _gathered(one: InterviewIn) -> Gathered:
    return Gathered(
        source=one.source,
        service_id=one.service_id,
        purpose=one.purpose,
        channel=one.channel,
        answered_at=one.answered_at,
        answers={
            question_id: value.state if isinstance(value, Unanswered) else value
            for question_id, value in one.answers.items()
        },
    )


def _verdict(one: InterviewIn | InterviewVerdict, outcomes: Iterator[Outcome]) -> InterviewVerdict:
    if isinstance(one, InterviewVerdict):
        return one
    outcome = next(outcomes)
    refused = outcome.refused
    return InterviewVerdict(
        service_id=one.service_id,
        reference=one.reference,
        verdict=outcome.verdict,
        response_id=outcome.response_id,
        errors=() if refused is None else (FieldFault(field=refused.field, rule=refused.rule),),
    )
