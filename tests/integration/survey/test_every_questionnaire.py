"""Every questionnaire that is asked, by an agent, on the pages and in a workbook: one respondent, one record."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest, running
from chassis.testing.infra import Infra
from contracts.answers import AnswerSheet, AnswerTexts
from contracts.events.survey import ResponseRecorded
from contracts.vocabulary import AnswerState, ResponseStatus
from services.survey.app import SERVICE
from services.survey.catalogue import catalogue, newest
from services.survey.questionnaire import Medium, Question, Questionnaire
from services.survey.renderings.sheet import columns
from tests.integration.survey.builders import NOW, a_part
from tests.integration.survey.calls import a_call_waits, an_agent
from tests.integration.survey.mailbox import Mailbox, a_mailbox
from tests.integration.survey.test_imports import a_workbook, accepted, committed, upload
from tests.integration.survey.test_online import arriving, opened

NAMES = sorted({name for name, _ in catalogue()})


@pytest.fixture(scope="module")
async def mailbox() -> AsyncIterator[Mailbox]:
    async with a_mailbox() as box:
        yield box


@pytest.fixture(scope="module")
async def survey(infra: Infra, mailbox: Mailbox) -> AsyncIterator[ServiceUnderTest]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AFTERCALL_SMTP_PORT", str(mailbox.port))
        async with running(SERVICE, infra, now=NOW) as service:
            yield service


def meant(question: Question) -> int | str:
    """A dissatisfied customer, so that what follows from low answers is asked too."""
    match question.kind:
        case "rating":
            return 2
        case "nps":
            return 10
        case "choice":
            return list(question.options)[-1]
        case "text":
            return "等了三天才上门，配件也没带"
        case _:
            return "no"


async def by_agent(survey: ServiceUnderTest, form: Questionnaire, parts: list[dict[str, Any]]) -> ResponseRecorded:
    callback = f"agent-{form.id}"
    await a_call_waits(survey, callback=callback, ref=f"of-{callback}", parts=parts)
    agent = await an_agent(survey, login=f"agent.{form.id}", callback=callback)
    await agent.talking()
    state = {"next": {"question_id": form.questions[0].id}}
    while state["next"] is not None:
        question = form.question(state["next"]["question_id"])
        assert question is not None
        said = {"text": meant(question)} if question.kind == "text" else {"value": meant(question)}
        reply = await agent.put(f"answers/p1/{question.id}", **said)
        assert reply.status_code == 200, reply.text
        state = reply.json()
    assert (await agent.post("wrapup", disposition="complete")).status_code == 200
    return await told(survey, callback)


async def by_page(
    survey: ServiceUnderTest, mailbox: Mailbox, form: Questionnaire, parts: list[dict[str, Any]]
) -> ResponseRecorded:
    callback = f"page-{form.id}"
    customer = await arriving(survey, mailbox, callback=callback, ref=f"of-{callback}", parts=parts)
    page = await customer.fill(**{question.id: str(meant(question)) for question in form.questions})
    assert page.url.path.endswith("/thanks")
    return await told(survey, callback)


async def in_a_workbook(survey: ServiceUnderTest, form: Questionnaire, parts: list[dict[str, Any]]) -> ResponseRecorded:
    """What the same customer was asked on the page, typed into the table: scores as numbers, answers by their words."""
    name = f"table-{form.id}"
    await accepted(survey, name)
    await a_call_waits(survey, callback=name, ref=f"customer-of-{name}", parts=parts)
    page, _ = await heard(survey, f"page-{form.id}")
    asked = {answer.question_id for answer in page.answers if answer.state is AnswerState.ANSWERED}
    row: dict[str, Any] = {"service_id": f"S-{name}", "answered_at": "2026-10-20 09:00"}
    for column in columns(form, "zh-CN"):
        question = form.question(column.question_id)
        assert question is not None
        if question.id in asked:
            words = dict(column.values)
            row[column.name] = words[str(meant(question))] if column.unit == "choice" else meant(question)
    clerk = await survey.client(Role.SUPERVISOR)
    batch = await upload(clerk, a_workbook(row), questionnaire=form.id)
    assert await committed(survey, clerk, batch) == ["recorded"]
    return await told(survey, name)


async def told(survey: ServiceUnderTest, callback: str) -> ResponseRecorded:
    [one] = [event for event in await survey.sent(ResponseRecorded) if event.callback_id == callback]
    return one


async def heard(survey: ServiceUnderTest, callback: str) -> tuple[AnswerSheet, AnswerTexts]:
    return await opened(survey, await told(survey, callback))


@pytest.mark.parametrize("name", NAMES)
async def test_one_respondent_gives_one_record_by_agent_page_and_workbook(
    survey: ServiceUnderTest, mailbox: Mailbox, name: str
) -> None:
    form = newest(name)
    parts = [a_part(questionnaire=name, purpose=form.purpose.value)]
    events = [
        await by_agent(survey, form, parts), await by_page(survey, mailbox, form, parts),
        await in_a_workbook(survey, form, parts),
    ]  # fmt: skip
    assert {(event.status, event.content_hash) for event in events} == {(ResponseStatus.COMPLETE, form.content_hash)}
    everywhere = {q.id for q in form.questions if {Medium.AGENT, Medium.WEB, Medium.SHEET} <= set(q.media)}
    records = []
    for event in events:
        sheet, texts = await opened(survey, event)
        records.append(([one for one in sheet.answers if one.question_id in everywhere], texts))
    assert records[0] == records[1] == records[2]
