from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest, running
from chassis.testing.infra import Infra
from services.followup.app import SERVICE
from tests.integration.followup.builders import TEXT, a_flag, a_response, a_suggestion
from tests.integration.followup.conftest import NOW
from tests.integration.survey.mailbox import Mailbox, a_mailbox

DUE = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
THURSDAY_830 = datetime(2026, 11, 19, 0, 30, tzinfo=UTC)
MONDAY_9 = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
ADDRESS = "repair@house.example"


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    async with a_mailbox() as box:
        yield box


@pytest.fixture
async def followup(infra: Infra, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ServiceUnderTest]:
    monkeypatch.setenv("AFTERCALL_SMTP_PORT", str(mailbox.port))
    async with running(SERVICE, infra, now=NOW) as service:
        yield service


async def addressed(service: ServiceUnderTest, scope: str, address: str = ADDRESS) -> None:
    supervisor = await service.client(Role.SUPERVISOR)
    answer = await supervisor.post(f"/followup/house/{scope}", data={"addresses": f"{address}\n"})
    assert answer.status_code == 303, answer.text


async def a_case(service: ServiceUnderTest) -> None:
    await service.receive(await a_response(service))
    await service.receive(a_flag())


async def test_the_digest_comes_once_each_working_day_without_a_word_of_the_customer(
    followup: ServiceUnderTest, mailbox: Mailbox
) -> None:
    await addressed(followup, "repair")
    await a_case(followup)
    await followup.run_until(THURSDAY_830 - timedelta(minutes=1))
    assert mailbox.letters == []
    await followup.run_until(THURSDAY_830)
    await followup.run_until(THURSDAY_830 + timedelta(hours=2))
    (letter,) = mailbox.letters
    assert letter["To"] == ADDRESS
    assert letter["Subject"] == "今日案件：逾期 0，今天到期 0"
    await followup.run_until(THURSDAY_830 + timedelta(days=1, minutes=1))
    text = mailbox.letters[-1].get_content()
    assert "AC-1001" in text
    assert TEXT[:6] not in text


async def test_reminder_and_escalation_go_to_whom_the_ladder_names(
    followup: ServiceUnderTest, mailbox: Mailbox
) -> None:
    await addressed(followup, "management", "board@house.example")
    await a_case(followup)
    await followup.receive(a_flag("customer-2"))
    await followup.run_until(DUE + timedelta(days=14))
    (letter,) = mailbox.letters
    assert (letter["To"], letter["Subject"]) == ("board@house.example", "逾期案件升级（2）")
    assert "第 3 级" in letter.get_content()


async def test_a_letter_waits_for_a_mail_server_that_is_away_and_keeps_its_name(
    followup: ServiceUnderTest, mailbox: Mailbox
) -> None:
    await addressed(followup, "repair")
    await a_case(followup)
    mailbox.refusal = "451 try again later"
    await followup.run_until(DUE - timedelta(hours=4))
    (row,) = await followup.query("SELECT mail_id, state, outcome FROM mail WHERE kind = 'reminder'")
    assert (row["state"], row["outcome"]) == ("ready", "the mail server answered 451")
    mailbox.refusal = None
    await followup.run_until(DUE - timedelta(hours=3))
    (letter,) = [one for one in mailbox.letters if one["Subject"].startswith("即将到期")]
    assert letter["Message-ID"] == f"<{row['mail_id']}@localhost>"
    states = await followup.query("SELECT state FROM mail WHERE kind = 'reminder'")
    assert [one["state"] for one in states] == ["sent"]


async def test_an_address_that_does_not_exist_ends_as_refused_and_is_shown(
    followup: ServiceUnderTest, mailbox: Mailbox
) -> None:
    await addressed(followup, "repair")
    await a_case(followup)
    mailbox.refusal = "550 no such user"
    await followup.run_until(DUE - timedelta(hours=4))
    supervisor = await followup.client(Role.SUPERVISOR)
    page = (await supervisor.get("/followup/house", headers={"accept": "text/html"})).text
    assert "未能送达" in page
    assert "the mail server answered 550" in page


async def test_the_list_of_suggestions_comes_as_a_workbook_once_a_week(
    followup: ServiceUnderTest, mailbox: Mailbox
) -> None:
    await addressed(followup, "suggestions_ops", "ops@house.example")
    await followup.receive(await a_response(followup), a_suggestion())
    await followup.run_until(MONDAY_9 + timedelta(days=4))
    (letter,) = mailbox.letters
    assert letter["Subject"] == "建议清单（1）"
    (attachment,) = letter.iter_attachments()
    assert attachment.get_filename() == "suggestions.xlsx"


async def test_an_address_that_is_none_is_refused(followup: ServiceUnderTest) -> None:
    supervisor = await followup.client(Role.SUPERVISOR)
    answer = await supervisor.post("/followup/house/repair", data={"addresses": "not an address"})
    assert answer.status_code == 422
