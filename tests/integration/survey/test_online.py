"""A customer answers behind the link, with nothing but forms and redirects."""

from typing import Any

import httpx
import pytest

from chassis.testing.harness import ServiceUnderTest
from contracts.answers import AnswerSheet, AnswerTexts
from contracts.events.survey import AttemptClosed, OptOutRequested, ResponseRecorded
from contracts.vocabulary import AnswerState, Dimension, NotAttempted, ResponseStatus
from tests.integration.survey.builders import EMAIL, HOUR, NAME, NOW, REF, a_part, a_permit, closed
from tests.integration.survey.mailbox import Mailbox
from tests.integration.survey.statements import asked, listening

GOOD = {
    "overall": "5", "response_speed": "4", "competence": "5", "attitude": "5", "clarity": "4", "solved": "yes",
    "nps": "10", "remarks": "师傅很准时",
}  # fmt: skip
SECRET_WORDS = (NAME, "13800138000", EMAIL, "JSQ30", "不出热水")


class Customer:
    """A browser without JavaScript."""

    def __init__(self, browser: httpx.AsyncClient, code: str) -> None:
        self.browser = browser
        self.code = code
        self.seen: list[httpx.Response] = []

    async def get(self, path: str = "") -> httpx.Response:
        return await self._follow(await self.browser.get(f"/q/{self.code}{path}"))

    async def post(self, path: str = "", **form: str) -> httpx.Response:
        return await self._follow(await self.browser.post(f"/q/{self.code}{path}", data=form))

    async def _follow(self, answer: httpx.Response) -> httpx.Response:
        while answer.status_code == 303:
            answer = await self.browser.get(answer.headers["location"])
        self.seen.append(answer)
        return answer

    async def prove(self) -> httpx.Response:
        return await self.post(last_four="8000")

    async def answer(self, page: httpx.Response, **answers: str) -> httpx.Response:
        """Fills the form on the page: the answer to its question, else skips it."""
        n = page.url.path.rpartition("/")[2]
        step = page.text.split('name="step" value="')[1].split('"')[0]
        question = step.rpartition("/")[2]
        form = {"step": step, "do": "next" if question in answers else "skip"}
        name = "text" if "<textarea" in page.text else "answer"
        return await self.post(f"/{n}", **form, **({name: answers[question]} if question in answers else {}))

    async def fill(self, **answers: str) -> httpx.Response:
        page = await self.prove()
        for _ in range(20):
            if "<form" not in page.text:
                return page
            page = await self.answer(page, **answers)
        raise AssertionError("the questionnaire never ends")


@pytest.fixture
async def customer(survey: ServiceUnderTest, mailbox: Mailbox) -> Customer:
    return await arriving(survey, mailbox)


async def arriving(survey: ServiceUnderTest, mailbox: Mailbox, **given: Any) -> Customer:
    await survey.receive(await a_permit(survey, **given))
    await survey.tick()
    return Customer(await survey.client(), mailbox.codes()[-1])


async def opened(survey: ServiceUnderTest, event: ResponseRecorded) -> tuple[AnswerSheet, AnswerTexts]:
    keys = await survey.runtime.vault.keyring(text=[event.customer_ref], facts=["2026-10"])
    sheet = AnswerSheet.model_validate(keys.open(event.customer_ref, "answers", event.answers))
    if event.texts is None:
        return sheet, AnswerTexts()
    return sheet, AnswerTexts.model_validate(keys.open(event.customer_ref, "texts", event.texts))


async def test_satisfied_customer_gives_one_complete_final_response(
    survey: ServiceUnderTest, customer: Customer
) -> None:
    page = await customer.fill(**GOOD)
    assert page.url.path.endswith("/thanks")
    assert "接下来" not in page.text
    (told,) = await survey.sent(ResponseRecorded)
    sheet, texts = await opened(survey, told)
    assert (told.status, told.final, told.revision, told.permit_no) == (ResponseStatus.COMPLETE, True, 1, 1)
    assert told.in_design
    assert sheet.score(Dimension.RESPONSE_SPEED) == 4
    assert texts.texts == {"remarks": "师傅很准时"}
    states = {answer.question_id: answer.state for answer in sheet.answers}
    assert states["reason"] is states["callback"] is AnswerState.NOT_ASKED


async def test_dissatisfied_customer_is_asked_why_and_told_by_when_to_hear(
    survey: ServiceUnderTest, customer: Customer
) -> None:
    page = await customer.fill(**GOOD | {"response_speed": "2", "reason": "等了三天没人来"})
    assert "接下来" in page.text
    assert "10 月 22 日" in page.text  # two working days after 20 October 2026, a Tuesday
    (told,) = await survey.sent(ResponseRecorded)
    _, texts = await opened(survey, told)
    assert texts.texts["reason"] == "等了三天没人来"


async def test_no_page_names_customer_product_or_problem_or_can_be_kept(customer: Customer) -> None:
    await customer.get()
    await customer.fill(**GOOD | {"overall": "1", "reason": "很失望"})
    await customer.get()
    assert len(customer.seen) > 8
    for page in customer.seen:
        assert not any(word in page.text for word in SECRET_WORDS)
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"


async def test_reading_pages_changes_nothing(survey: ServiceUnderTest, customer: Customer) -> None:
    for path in ("", "/1", "/3", "/thanks", "/stop", "/privacy"):
        assert (await customer.browser.get(f"/q/{customer.code}{path}")).status_code in (200, 303)
    assert await survey.query("SELECT * FROM interview") == []
    await survey.run_until(NOW + 80 * HOUR)
    assert await survey.sent(ResponseRecorded) == []


async def test_three_wrong_proofs_lock_the_link_for_good(customer: Customer) -> None:
    assert "还可以再试 2 次" in (await customer.post(last_four="1111")).text
    assert "还可以再试 1 次" in (await customer.post(last_four="2222")).text
    assert (await customer.post(last_four="3333")).status_code == 423
    page = await customer.prove()
    assert page.status_code == 423
    assert "链接已锁定" in page.text


async def test_customer_known_by_address_only_says_yes(survey: ServiceUnderTest, mailbox: Mailbox) -> None:
    customer = await arriving(survey, mailbox, phone=None)
    assert "后四位" not in (await customer.get()).text
    page = await customer.post(confirm="yes")
    assert page.url.path.endswith("/1")


async def test_nobody_answers_without_the_session_of_the_link(survey: ServiceUnderTest, customer: Customer) -> None:
    await customer.prove()
    stranger = Customer(await survey.client(), customer.code)
    page = await stranger.post("/1", step="p1/overall", do="next", answer="1")
    assert "确认身份" in page.text
    assert await survey.query("SELECT jsonb_object_keys(answers) FROM interview") == []


async def test_leaving_and_coming_back_goes_on_where_it_was(customer: Customer) -> None:
    page = await customer.prove()
    page = await customer.answer(page, overall="4")
    page = await customer.answer(page, response_speed="4")
    assert (await customer.get()).url.path.endswith("/3")
    back = await customer.get("/1")
    assert 'value="4" checked' in back.text
    changed = await customer.answer(back, overall="5")
    assert changed.url.path.endswith("/2")


async def test_later_question_can_not_be_answered_before_its_turn(survey: ServiceUnderTest, customer: Customer) -> None:
    await customer.prove()
    page = await customer.post("/4", step="p1/attitude", do="next", answer="1")
    assert page.url.path.endswith("/1")
    assert await survey.query("SELECT jsonb_object_keys(answers) FROM interview") == []


async def test_a_page_that_showed_another_question_answers_none(survey: ServiceUnderTest, customer: Customer) -> None:
    await customer.prove()
    page = await customer.post("/1", step="p1/attitude", do="next", answer="1")
    assert page.url.path.endswith("/1")
    assert await survey.query("SELECT jsonb_object_keys(answers) FROM interview") == []


async def test_a_question_is_shown_with_one_statement_and_its_answer_kept_with_two(
    survey: ServiceUnderTest, customer: Customer
) -> None:
    await customer.prove()
    form = {"step": "p1/overall", "do": "next", "answer": "5"}
    seen = await listening(survey)
    assert (await customer.browser.get(f"/q/{customer.code}/1")).status_code == 200
    assert len(asked(seen)) == 1, seen
    seen.clear()
    assert (await customer.browser.post(f"/q/{customer.code}/1", data=form)).status_code == 303
    # who it is; the answer under the customer's lock, for the interview as it was seen
    assert len(asked(seen)) == 2, seen


@pytest.mark.parametrize("bad", [{}, {"answer": "6"}, {"answer": "0"}, {"answer": "x"}, {"answer": "５"}])
async def test_answer_that_is_not_offered_keeps_the_page_and_says_so(
    survey: ServiceUnderTest, customer: Customer, bad: dict[str, str]
) -> None:
    await customer.prove()
    page = await customer.post("/1", step="p1/overall", do="next", **bad)
    assert page.status_code == 422
    assert "请选择一项" in page.text
    assert await survey.query("SELECT jsonb_object_keys(answers) FROM interview") == []


async def test_used_link_is_kind_and_shows_no_answer(survey: ServiceUnderTest, customer: Customer) -> None:
    await customer.fill(**GOOD)
    again = Customer(await survey.client(), customer.code)
    page = await again.get()
    assert page.status_code == 410
    assert "已经用过" in page.text
    assert "师傅很准时" not in page.text
    assert (await customer.get()).url.path.endswith("/thanks")


async def test_quiet_interview_is_told_after_ten_minutes_and_once_more_when_finished(
    survey: ServiceUnderTest, customer: Customer
) -> None:
    page = await customer.prove()
    await customer.answer(page, overall="3")
    await survey.run_until(NOW + HOUR)
    (first,) = await survey.sent(ResponseRecorded)
    assert (first.status, first.final, first.revision) == (ResponseStatus.PARTIAL, False, 1)
    await customer.fill(**GOOD)
    _, second = await survey.sent(ResponseRecorded)
    assert (second.status, second.final, second.revision) == (ResponseStatus.COMPLETE, True, 2)


async def test_answers_behind_a_link_that_dies_are_told_for_the_last_time(
    survey: ServiceUnderTest, customer: Customer
) -> None:
    page = await customer.prove()
    await customer.answer(page, overall="3")
    await survey.run_until(NOW + 73 * HOUR)
    told = await survey.sent(ResponseRecorded)
    assert [(event.revision, event.final) for event in told] == [(1, False), (2, True)]
    page = await customer.get("/2")
    assert page.status_code in (200, 410)
    assert "<form" not in page.text


async def test_expired_link_is_kind(survey: ServiceUnderTest, customer: Customer) -> None:
    await survey.step_to(NOW + 72 * HOUR)
    page = await customer.get()
    assert page.status_code == 410
    assert "已过期" in page.text


async def test_unknown_code_is_not_found(survey: ServiceUnderTest) -> None:
    page = await (await survey.client()).get("/q/0000000000000000", headers={"accept": "text/html"})
    assert page.status_code == 404
    assert "没有找到这个链接" in page.text


async def test_opting_out_stops_every_permit_and_link_of_the_number_at_once(
    survey: ServiceUnderTest, mailbox: Mailbox
) -> None:
    customer = await arriving(survey, mailbox)
    neighbour = await arriving(survey, mailbox, callback="cb-2", ref="customer-2", email="b@example.com")
    await survey.receive(await a_permit(survey, callback="cb-3", ref="customer-3", channel="phone"))
    assert "确认" in (await customer.get("/stop")).text
    page = await customer.post("/stop")
    assert "我们不会" in page.text
    (wish,) = await survey.sent(OptOutRequested)
    assert (wish.customer_ref, wish.scope) == (REF, "all")
    assert (await survey.sent(AttemptClosed))[-1].not_attempted is NotAttempted.SUPPRESSED
    assert "已停用" in (await neighbour.get()).text
    await survey.receive(await a_permit(survey, callback="cb-4", ref="customer-3", channel="phone"))
    assert (await survey.sent(AttemptClosed))[-1].not_attempted is NotAttempted.SUPPRESSED
    await customer.post("/stop")
    assert len(await survey.sent(OptOutRequested)) == 1


async def test_submitting_ends_the_open_permits_of_the_callback_as_answered(
    survey: ServiceUnderTest, customer: Customer
) -> None:
    await survey.receive(await a_permit(survey, number=2, channel="phone"))
    await customer.fill(**GOOD)
    assert (await survey.sent(AttemptClosed))[-1].not_attempted is NotAttempted.ALREADY_ANSWERED


async def test_each_part_of_a_callback_gives_its_own_response(survey: ServiceUnderTest, mailbox: Mailbox) -> None:
    progress = a_part(part_id="p2", purpose="progress", round=2, questionnaire="progress", about={"case_id": "AC-1"})
    customer = await arriving(survey, mailbox, parts=[a_part(), progress])
    page = await customer.fill(**GOOD | {"callback": "5"})
    assert page.url.path.endswith("/thanks")
    first, second = await survey.sent(ResponseRecorded)
    assert (first.purpose, second.purpose) == ("survey", "progress")
    assert second.about is not None
    assert second.about.case_id == "AC-1"
    assert first.response_id != second.response_id


async def test_closing_by_scheduler_tells_what_was_heard_for_the_last_time(
    survey: ServiceUnderTest, customer: Customer
) -> None:
    page = await customer.prove()
    await customer.answer(page, overall="3")
    permit = await a_permit(survey)
    await survey.receive(closed(permit, "withdrawn"))
    (told,) = await survey.sent(ResponseRecorded)
    assert (told.final, told.status) == (True, ResponseStatus.PARTIAL)
    assert "已停用" in (await customer.get()).text


async def test_english_is_one_click_away(customer: Customer) -> None:
    page = await customer.prove()
    english = await customer.browser.get(f"{page.url.path}?lang=en")
    assert "how satisfied are you" in english.text
    assert "Skip this question" in english.text


async def test_nothing_that_was_said_lies_open_in_the_database(survey: ServiceUnderTest, customer: Customer) -> None:
    await customer.fill(**GOOD | {"attitude": "1", "reason": "planted words"})
    for table in (
        "interview",
        "response",
        "permit",
        "callback",
        "link",
        "message",
        "outbox",
        "contact_attempt",
    ):
        rows = await survey.query(f"SELECT * FROM {table}")  # noqa: S608
        dump = str([dict(row) for row in rows])
        assert not any(word in dump for word in (*SECRET_WORDS, "planted words", customer.code))


async def test_program_answers_through_the_same_doors(survey: ServiceUnderTest, customer: Customer) -> None:
    api, base = customer.browser, f"/survey/api/v1/links/{customer.code}"
    assert (await api.get(base)).json()["questions"] == []
    assert (await api.put(f"{base}/answers/overall", json={"value": 5})).status_code == 401
    assert (await api.post(f"{base}/identity", json={"last_four": "1234"})).status_code == 403
    session = (await api.post(f"{base}/identity", json={"last_four": "8000"})).json()["session"]
    api.headers["X-Link-Session"] = session
    refused = await api.put(f"{base}/answers/overall", json={"value": 6})
    assert refused.status_code == 422
    assert refused.json()["errors"] == [{"field": "answers.overall", "rule": "must be a whole number from 1 to 5"}]
    assert (await api.put(f"{base}/answers/nps", json={"value": 9})).status_code == 409
    assert (await api.post(f"{base}/submit")).status_code == 409
    state = (await api.get(base)).json()
    while (question := state["next"]) is not None:
        words = {"text": GOOD[question]} if question == "remarks" else {"value": _value(GOOD[question])}
        state = (await api.put(f"{base}/answers/{question}", json={**words, "elapsed_ms": 4000})).json()
    receipt = await api.post(f"{base}/submit")
    assert receipt.json()["reference"].startswith("HF-")
    (told,) = await survey.sent(ResponseRecorded)
    assert (told.status, told.final, told.flags) == (ResponseStatus.COMPLETE, True, ())


def _value(text: str) -> int | str:
    return int(text) if text.isdecimal() else text
