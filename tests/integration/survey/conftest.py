from collections.abc import AsyncIterator

import pytest

from chassis.testing.harness import ServiceUnderTest, running
from chassis.testing.infra import Infra
from services.survey.app import SERVICE
from tests.integration.survey.builders import NOW
from tests.integration.survey.mailbox import Mailbox, a_mailbox


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    async with a_mailbox() as box:
        yield box


@pytest.fixture
async def survey(infra: Infra, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ServiceUnderTest]:
    monkeypatch.setenv("AFTERCALL_SMTP_PORT", str(mailbox.port))
    async with running(SERVICE, infra, now=NOW) as service:
        yield service
