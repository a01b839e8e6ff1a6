"""One survey with its pages and one browser for all tests of the agents' pages."""

from collections.abc import AsyncIterator

import pytest

from chassis.testing.harness import running
from chassis.testing.infra import Infra
from services.survey.app import SERVICE
from tests.e2e.agents.scene import Desk, a_desk
from tests.integration.survey.builders import NOW
from tests.integration.survey.mailbox import a_mailbox


@pytest.fixture(scope="module")
async def desk(infra: Infra) -> AsyncIterator[Desk]:
    with pytest.MonkeyPatch.context() as environment:
        async with a_mailbox() as mailbox:
            environment.setenv("AFTERCALL_SMTP_PORT", str(mailbox.port))
            async with running(SERVICE, infra, now=NOW) as survey, a_desk(survey, mailbox) as opened:
                yield opened
