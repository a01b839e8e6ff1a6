"""Every door under /survey/api/v1 held against its own description, with data that schemathesis invents.

The same data in every run: what is found here is found again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from chassis.access.roles import Role
from chassis.testing.harness import WEB_URL, ServiceUnderTest, running
from chassis.testing.infra import Infra
from services.survey.app import SERVICE
from tests.integration.survey.builders import NOW, a_permit
from tests.integration.survey.calls import API, AgentAt, a_call_waits
from tests.integration.survey.mailbox import a_mailbox
from tests.integration.survey.test_batch_door import an_interview
from tests.integration.survey.test_imports import a_row, a_workbook, accepted, upload
from tests.unit.survey.doors import ACCESS, DOORS, PREFIX

EXAMPLES = 8
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
BEFORE = {"claim": 0, "release": 1, "dial": 1, "connected": 2, "identity": 3, "consent": 4}
STEPS = ("claim", "dial", "connected", "identity", "consent")
RUN = settings(
    max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
ASKED = (Role.AGENT, Role.SUPERVISOR, Role.CRM, Role.ADMIN)


@dataclass(frozen=True)
class World:
    """`known`: names that exist, for doors whose address holds one."""

    survey: ServiceUnderTest
    schema: Any
    callers: Mapping[Role | None, httpx.AsyncClient]
    known: Mapping[str, Any]


@pytest.fixture(scope="module")
async def world(infra: Infra) -> AsyncIterator[World]:
    with pytest.MonkeyPatch.context() as environment:
        async with a_mailbox() as mailbox:
            environment.setenv("AFTERCALL_SMTP_PORT", str(mailbox.port))
            async with running(SERVICE, infra, now=NOW) as survey:
                await survey.receive(await a_permit(survey, callback="letter", ref="customer-of-letter"))
                await survey.tick()
                callers = {role: await survey.client(role, source="crm") for role in (None, *ASKED)}
                document = (await callers[None].get(f"{PREFIX}/openapi.json")).json()
                known = await names_in(survey, callers) | {"code": mailbox.codes()[0]}
                yield World(survey, schemathesis.openapi.from_dict(document), callers, known)


async def names_in(survey: ServiceUnderTest, callers: Mapping[Role | None, httpx.AsyncClient]) -> dict[str, Any]:
    """A recorded response, a table that was uploaded, a subscription."""
    await a_call_waits(survey, callback="told", ref="customer-of-told")
    taken = (await callers[Role.CRM].post(f"{API}/interviews", json=[an_interview("told")])).json()
    assert taken["verdicts"][0]["verdict"] == "recorded"
    await accepted(survey, "uploaded")
    table = await upload(callers[Role.SUPERVISOR], a_workbook(a_row("uploaded")))
    wish = {"url": "https://crm.invalid/aftercall", "kinds": ["record.recorded"]}
    made = (await callers[Role.CRM].post(f"{API}/webhooks", json=wish)).json()
    return {
        "response_id": taken["verdicts"][0]["response_id"], "import_id": table["import_id"], "permit_no": 1,
        "questionnaire": "after_sale", "part_id": "p1", "question_id": "overall",
        "subscription_id": made["subscription_id"], "tune_id": "small_brook",
    }  # fmt: skip


async def a_call_at(world: World, path: str, method: str) -> tuple[httpx.AsyncClient, dict[str, Any]]:
    """An agent of its own for each door, who is as far as the door needs."""
    step = path.split("/{callback_id}")[1].strip("/").split("/")[0]
    callback = f"call-{DOORS.index((path, method))}"
    await a_call_waits(world.survey, callback=callback, ref=f"customer-of-{callback}")
    agent = AgentAt(await world.survey.client(Role.AGENT), callback)
    done = STEPS[: BEFORE.get(step, len(STEPS))]
    if done:
        await agent.steps(*done)
    return agent.client, {**world.known, "callback_id": callback}


def fuzzed(operation: Any, mode: GenerationMode, fixed: Mapping[str, Any], send: Callable[[Case], Any]) -> None:
    """Sends what is invented for this operation; the first answer that it does not describe is a failure."""

    @RUN
    @given(case=operation.as_strategy(mode, path_parameters=dict(fixed) or None))
    def tried(case: Case) -> None:
        case.validate_response(send(case), checks=CHECKS)

    tried()


@pytest.mark.parametrize(("path", "method"), DOORS)
async def test_a_door_answers_as_it_says_whatever_comes(world: World, path: str, method: str) -> None:
    access = ACCESS[path, method]
    role = next((role for role in ASKED if role in access.roles), None)
    client, known = world.callers[role], dict(world.known)
    if role is Role.AGENT and "{callback_id}" in path:
        client, known = await a_call_at(world, path, method)
    named = {name: value for name, value in known.items() if f"{{{name}}}" in path}
    operation = world.schema[path][method]
    runs: list[tuple[GenerationMode, Mapping[str, Any]]] = [(GenerationMode.POSITIVE, named)]
    if list(operation.body) or list(operation.query):  # else there is nothing to break
        runs.append((GenerationMode.NEGATIVE, named))
    if named:
        runs.append((GenerationMode.POSITIVE, {}))
    for mode, fixed in runs:
        await asyncio.to_thread(fuzzed, operation, mode, fixed, a_sender(client))


def a_sender(client: httpx.AsyncClient) -> Callable[[Case], httpx.Response]:
    """From another thread, through the client of this loop."""
    loop = asyncio.get_running_loop()

    def send(case: Case) -> httpx.Response:
        asked = requests.Request(**case.as_transport_kwargs(base_url=f"{WEB_URL}{PREFIX}")).prepare()
        headers, content = dict(asked.headers), cast(bytes | str | None, asked.body)
        sent = client.request(asked.method or "", asked.url or "", headers=headers, content=content)
        return asyncio.run_coroutine_threadsafe(sent, loop).result(timeout=60)

    return send


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/callbacks/a%00b"), ("GET", "/callbacks/a%00b/record"), ("GET", "/imports/%00"), ("GET", "/links/%00"),
        ("POST", "/quality/%00"), ("PUT", "/callbacks/%00/contacts/1/recording"),
        ("DELETE", "/callbacks/a/contacts/99999999999/recording"), ("GET", "/quality?offset=99999999999999999999"),
    ],
)  # fmt: skip
async def test_what_no_database_takes_is_refused(world: World, method: str, path: str) -> None:
    body = (
        {"decision": "keep"} if path.startswith("/quality/") else {"url": "https://a.invalid/x", "notice_given": True}
    )
    sent = None if method in ("GET", "DELETE") else body
    answer = await world.callers[Role.SUPERVISOR].request(method, f"{API}{path}", json=sent)
    assert 400 <= answer.status_code < 500, answer.text
