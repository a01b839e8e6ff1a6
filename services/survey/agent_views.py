"""A callback as the agent API shows it, in the language of the request."""

from datetime import datetime

from chassis.web.filters import mask_phone
from contracts.answers import Answer
from contracts.vocabulary import AnswerState
from services.survey import routing, wrapup
from services.survey.address import form_of_address
from services.survey.agent_models import (
    CallState,
    ContactedOut,
    CustomerOut,
    LeaseOut,
    PartOut,
    PromiseOut,
    QuestionOut,
    ServiceOut,
    SheetOut,
    StepOut,
)
from services.survey.interview import Interview, PartForm, Step
from services.survey.leases import Lease, LeaseState
from services.survey.questionnaire import Question, Words
from services.survey.sheet import Sheet


def lease_out(lease: Lease | None) -> LeaseOut | None:
    return None if lease is None else LeaseOut.model_validate(lease)


def call_state(
    lease: Lease, interview: Interview, at: datetime, *, last: Step | None = None, language: str
) -> CallState:
    """`last`: the step just answered; its probing prompt is given when its answer wants one."""
    following = interview.next_step()
    return CallState(
        state=lease.state,
        due_at=lease.due_at,
        connected_at=interview.connected_at,
        identity_at=interview.identity_at,
        consent_at=interview.consent_at,
        next=None if following is None else _step(following),
        disposition_now=interview.disposition_now(),
        missing=[_step(step) for step in interview.missing()],
        probe=None if last is None else probe_of(interview, last, language),
        possible=list(wrapup.possible(interview)),
        saved_at=at,
    )


def probe_of(interview: Interview, step: Step, language: str) -> str | None:
    """The probing prompt of a question whose answer is vague or low."""
    form = interview.part(step.part_id)
    given = form.answers.get(step.question.id)
    if given is None:
        return None
    words = routing.probe_after(step.question, given, form.texts.get(step.question.id))
    return None if words is None else said(words, language)


def sheet_out(sheet: Sheet, now: datetime, language: str) -> SheetOut:
    permit = sheet.permit
    in_call = sheet.lease is not None and sheet.lease.state is not LeaseState.CLAIMED
    state = None
    if sheet.lease is not None and sheet.interview is not None and in_call:
        state = call_state(sheet.lease, sheet.interview, now, language=language)
    return SheetOut(
        callback_id=permit.callback.callback_id,
        permit_no=permit.permit_no,
        lease=lease_out(sheet.lease),
        scenario=permit.callback.scenario,
        priority=permit.priority,
        zone=permit.zone,
        window_ends=sheet.window_ends,
        maximum_minutes=permit.maximum_minutes,
        attempt=sheet.tries + 1,
        attempt_limit=permit.attempt_limit,
        customer=CustomerOut(
            address=form_of_address(sheet.contact.name, language),
            phone=None if sheet.contact.phone is None else mask_phone(sheet.contact.phone),
            level=sheet.context.level,
            language=sheet.contact.language,
        ),
        service=_service(sheet),
        parts=[_part(sheet, form, language) for form in sheet.forms],
        promises=[PromiseOut.model_validate(promise) for promise in sheet.promises],
        last_contacts=[ContactedOut.model_validate(contact) for contact in sheet.last_contacts],
        call=state,
    )


def said(words: Words, language: str) -> str:
    return routing.plain(words.get(language) or words["zh-CN"])


def value_of(answer: Answer | None) -> int | str | None:
    """The score, likelihood, solved or choice of an answer."""
    if answer is None:
        return None
    number = answer.score if answer.score is not None else answer.likelihood
    return number if number is not None else answer.solved or answer.choice


def _step(step: Step) -> StepOut:
    return StepOut(part_id=step.part_id, question_id=step.question.id)


def _service(sheet: Sheet) -> ServiceOut:
    context, narrative = sheet.context, sheet.narrative
    return ServiceOut(
        service_type=context.service_type,
        product=context.product,
        completed_at=context.completed_at,
        handled_at=context.handled_at,
        handler=context.handler.name,
        team=context.handler.team,
        region=context.region,
        channel=context.channel,
        registration_channel=context.registration_channel,
        complaint_level=context.complaint_level,
        problem_type=narrative.problem_type,
        progress=narrative.progress,
        complaint=narrative.complaint,
        history=[entry.model_dump() for entry in narrative.history],
        attributes=narrative.attributes,
    )


def _part(sheet: Sheet, form: PartForm, language: str) -> PartOut:
    part, asked = form.part, routing.route(form.questionnaire, form.medium, form.answers)
    return PartOut(
        part_id=part.part_id,
        purpose=part.purpose,
        round=part.round,
        questionnaire=form.questionnaire.id,
        version=form.questionnaire.version,
        title=said(form.questionnaire.title, language),
        script={name: said(words, language) for name, words in form.questionnaire.script.items()},
        progress=sheet.progress.get(part.part_id),
        questions=[_question(form, question, language) for question in asked],
    )


def _question(form: PartForm, question: Question, language: str) -> QuestionOut:
    answer = form.answers.get(question.id)
    return QuestionOut(
        id=question.id,
        kind=question.kind,
        text=routing.plain(question.say(language)),
        note=None if question.note is None else said(question.note, language),
        read_out=question.read_out,
        labels={value: said(words, language) for value, words in question.labels.items()},
        options={key: said(words, language) for key, words in question.options.items()},
        required=question.required_on(form.medium),
        core=question.core,
        limit=question.limit,
        state=AnswerState.NOT_ASKED if answer is None else answer.state,
        value=value_of(answer),
        words=form.texts.get(question.id),
    )
