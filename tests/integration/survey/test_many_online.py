"""Many customers answer online at once: each answer is in one record, none is lost, none is another's."""

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from typing import Any
from urllib.parse import urlencode

import pytest

from chassis.testing.harness import ServiceUnderTest, running
from chassis.testing.infra import Infra
from contracts.answers import AnswerSheet, AnswerTexts
from contracts.events.survey import AttemptClosed, ResponseRecorded
from contracts.vocabulary import Disposition, ResponseStatus
from services.survey.app import SERVICE
from services.survey.links import code_of
from tests.integration.survey.builders import MONTH, NOW, a_permit
from tests.integration.survey.mailbox import a_mailbox

Message = MutableMapping[str, Any]
AT_ONCE, CHUNK = 40, 500
QUESTIONS = ("overall", "response_speed", "competence", "attitude", "clarity", "solved", "nps", "remarks")


@pytest.fixture
async def survey(infra: Infra) -> AsyncIterator[ServiceUnderTest]:
    with pytest.MonkeyPatch.context() as environment:
        async with a_mailbox() as mailbox:
            environment.setenv("AFTERCALL_SMTP_PORT", str(mailbox.port))
            async with running(SERVICE, infra, now=NOW) as service:
                yield service


def said_by(number: int) -> dict[str, str]:
    """What this customer says: like no neighbour."""
    scores = {name: str(3 + (number + place) % 3) for place, name in enumerate(QUESTIONS[:5])}
    solved = ("yes", "no", "unsure")[number % 3]
    return {**scores, "solved": solved, "nps": str(number % 11), "remarks": f"第 {number} 位客户说，都挺好"}


async def letters_for(survey: ServiceUnderTest, count: int) -> list[str]:
    """Codes of the links, by number, after their letters have been delivered."""
    for begins in range(0, count, CHUNK):
        numbers = range(begins, min(begins + CHUNK, count))
        refs = [f"customer-{n}" for n in numbers]
        await survey.runtime.vault.keyring(contact=refs, text=refs)  # all at once
        permits = [
            await a_permit(survey, callback=f"many-{n}", ref=f"customer-{n}", phone=f"+86138{n:08d}") for n in numbers
        ]
        await survey.receive(*permits)
    await survey.tick(limit=count)
    delivered = [end.disposition for end in await survey.sent(AttemptClosed)]
    assert delivered == [Disposition.DELIVERED] * count
    return [code_of(survey.settings.secrets.link_key, f"many-{n}", 1) for n in range(count)]


class Browser:
    """What a browser sends, without one: a whole client takes longer than the pages that it asks for."""

    def __init__(self, survey: ServiceUnderTest) -> None:
        self.app = survey.app
        self.cookie = b""

    async def send(self, path: str, **form: str) -> None:
        body = urlencode(form).encode()
        answer: list[Message] = []
        scope = {
            "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "root_path": "",
            "query_string": b"", "http_version": "1.1", "scheme": "http", "server": ("testserver", 80),
            "client": ("127.0.0.1", 1), "headers": [
                (b"host", b"testserver"), (b"content-length", str(len(body)).encode()), (b"cookie", self.cookie),
                (b"content-type", b"application/x-www-form-urlencoded"),
            ],
        }  # fmt: skip

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.append(message)

        await self.app(scope, receive, told)
        assert answer[0]["status"] == 303, f"{path}: {answer[0]['status']}"
        for name, value in answer[0]["headers"]:
            if name == b"set-cookie":
                self.cookie = value.partition(b";")[0]


async def answer(survey: ServiceUnderTest, code: str, number: int, turns: asyncio.Semaphore) -> None:
    async with turns:
        browser = Browser(survey)
        await browser.send(f"/q/{code}", last_four=f"{number:08d}"[-4:])
        for place, (question, value) in enumerate(said_by(number).items(), 1):
            field = "text" if question == "remarks" else "answer"
            await browser.send(f"/q/{code}/{place}", step=f"p1/{question}", do="next", **{field: value})


@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=pytest.mark.slow)])
async def test_of_many_answers_at_once_none_is_lost_and_none_is_anothers(survey: ServiceUnderTest, count: int) -> None:
    codes = await letters_for(survey, count)
    turns = asyncio.Semaphore(AT_ONCE)
    await asyncio.gather(*[answer(survey, code, number, turns) for number, code in enumerate(codes)])
    told = {event.callback_id: event for event in await survey.sent(ResponseRecorded)}
    assert len(told) == count == len(await survey.sent(ResponseRecorded))
    refs = {event.customer_ref for event in told.values()}
    keys = await survey.runtime.vault.keyring(text=refs, facts=[MONTH])
    for number in range(count):
        event = told[f"many-{number}"]
        assert (event.status, event.final, event.revision) == (ResponseStatus.COMPLETE, True, 1)
        assert event.texts is not None
        sheet = AnswerSheet.model_validate(keys.open(event.customer_ref, "answers", event.answers))
        texts = AnswerTexts.model_validate(keys.open(event.customer_ref, "texts", event.texts))
        heard = {one.question_id: one.score or one.likelihood or one.solved for one in sheet.answers}
        expected = said_by(number)
        assert texts.texts == {"remarks": expected.pop("remarks")}
        assert {question: str(heard[question] or 0) for question in expected} == expected
