"""An answer behind a link is one statement: it waits for whoever has the customer in hand, and nothing overtakes it."""

import asyncio
from importlib import resources

import asyncpg
import pytest

from chassis.testing.harness import ServiceUnderTest
from contracts.events.scheduler import CustomerErased
from contracts.events.survey import ResponseRecorded
from contracts.vocabulary import CustomerRef
from services.survey import guest, recording, telling
from services.survey.guest import Guest, LinkClosed
from services.survey.interview import Given, Interview, Step
from tests.integration.survey.builders import MONTH, NOW, REF
from tests.integration.survey.mailbox import Mailbox
from tests.integration.survey.test_online import GOOD, arriving, opened

WAIT = 20
_BEFORE = """
CREATE TABLE answer (
    callback_id  text NOT NULL,
    part_id      text NOT NULL,
    question_id  text NOT NULL,
    customer_ref text NOT NULL,
    sealed       text NOT NULL,
    said         text,
    elapsed_ms   integer,
    answered_at  timestamptz NOT NULL,
    PRIMARY KEY (callback_id, part_id, question_id)
);
INSERT INTO answer
    SELECT callback_id, split_part(place, '/', 1), split_part(place, '/', 2), customer_ref, kept ->> 0, said ->> place,
        (kept ->> 1)::integer, heard_at
    FROM interview CROSS JOIN LATERAL jsonb_each(answers) AS each (place, kept);
ALTER TABLE interview DROP COLUMN answers, DROP COLUMN said;
"""


@pytest.fixture
async def code(survey: ServiceUnderTest, mailbox: Mailbox) -> str:
    """Of a customer who has proved who they are."""
    customer = await arriving(survey, mailbox)
    await customer.prove()
    return customer.code


async def say(survey: ServiceUnderTest, seen: Guest, question: str, value: int) -> Interview:
    """By the page as it was seen."""

    def told(interview: Interview) -> tuple[Step, Given]:
        step = next(step for step in interview.steps() if step.question.id == question)
        return step, Given(value=value, elapsed_ms=1200)

    return await guest.answer(survey.runtime, seen, told)


async def heard(survey: ServiceUnderTest, code: str) -> dict[str, int | None]:
    interview = (await guest.look(survey.runtime, code)).interview
    assert interview is not None
    return {name: answer.score for name, answer in interview.parts[0].answers.items()}


async def test_of_two_browsers_that_saw_the_same_page_both_are_heard(survey: ServiceUnderTest, code: str) -> None:
    first, second = await guest.look(survey.runtime, code), await guest.look(survey.runtime, code)
    await say(survey, first, "overall", 4)
    changed = await say(survey, second, "overall", 5)
    assert changed.parts[0].answers["overall"].score == 5
    await say(survey, await guest.look(survey.runtime, code), "response_speed", 3)
    assert await heard(survey, code) == {"overall": 5, "response_speed": 3}


async def test_an_answer_waits_while_the_record_is_told_and_is_refused_when_it_ended(
    survey: ServiceUnderTest, code: str
) -> None:
    await say(survey, await guest.look(survey.runtime, code), "overall", 4)
    seen = await guest.look(survey.runtime, code)
    callback_id = seen.link.callback_id
    async with survey.runtime.transaction(customers=[REF]) as tx:
        interview = await recording.interview_of(tx.connection, tx.vault, callback_id)
        assert interview is not None
        late = asyncio.create_task(say(survey, seen, "response_speed", 1))
        done, _ = await asyncio.wait([late], timeout=0.5)
        assert not done
        await telling.conclude(tx, interview, final=True)
    with pytest.raises(LinkClosed):
        await asyncio.wait_for(late, WAIT)
    [event] = await survey.sent(ResponseRecorded)
    sheet, _ = await opened(survey, event)
    assert {answer.question_id for answer in sheet.answers if answer.score is not None} == {"overall"}
    assert await heard(survey, code) == {"overall": 4}


async def test_a_link_that_died_meanwhile_takes_no_answer(survey: ServiceUnderTest, code: str) -> None:
    seen = await guest.look(survey.runtime, code)
    await survey.query("UPDATE link SET state = 'stopped'")
    with pytest.raises(LinkClosed):
        await say(survey, seen, "overall", 4)
    assert await heard(survey, code) == {}


async def test_an_answer_left_out_later_takes_its_words_with_it(survey: ServiceUnderTest, mailbox: Mailbox) -> None:
    customer = await arriving(survey, mailbox)
    page = await customer.prove()
    for question, value in GOOD.items():
        if question == "remarks":
            break
        page = await customer.answer(page, **{question: value})
    place = page.url.path.rpartition("/")[2]
    await customer.post(f"/{place}", step="p1/remarks", do="skip")
    assert (await survey.query("SELECT said FROM interview"))[0]["said"] == {}


async def test_words_of_an_erased_customer_go_and_the_scores_stay(survey: ServiceUnderTest, mailbox: Mailbox) -> None:
    customer = await arriving(survey, mailbox)
    await customer.fill(**GOOD)
    [before] = await survey.query("SELECT answers, said FROM interview")
    assert list(before["said"]) == ["p1/remarks"]
    await survey.receive(CustomerErased(customer_ref=CustomerRef(REF), erased_at=NOW))
    [after] = await survey.query("SELECT answers, said FROM interview")
    assert (after["answers"], after["said"]) == (before["answers"], {})


async def test_answers_of_before_are_found_where_the_new_ones_lie(survey: ServiceUnderTest, mailbox: Mailbox) -> None:
    customer = await arriving(survey, mailbox)
    await customer.fill(**GOOD)
    callback_id = (await guest.look(survey.runtime, customer.code)).link.callback_id
    async with survey.runtime.reading() as connection:
        before = await recording.interview_of(connection, survey.runtime.vault, callback_id)
    script = (resources.files("services.survey") / "migrations" / "0010_answers_in_place.sql").read_text("utf-8")
    owner = await asyncpg.connect(survey.settings.database_url, server_settings={"search_path": "survey"})
    try:
        await owner.execute(_BEFORE)
        await owner.execute(script)
    finally:
        await owner.close()
    async with survey.runtime.reading() as connection:
        await connection.reload_schema_state()
        after = await recording.interview_of(connection, survey.runtime.vault, callback_id)
    assert before is not None
    assert after == before
    assert after.parts[0].texts == {"remarks": GOOD["remarks"]}
    assert after.callback.month == MONTH
