"""An agent at the API, for tests: short words for the steps of a call."""

from typing import Any

import httpx

from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest
from tests.integration.survey.builders import a_permit

API = "/survey/api/v1"


class AgentAt:
    """One signed-in agent and one callback."""

    def __init__(self, client: httpx.AsyncClient, callback: str = "cb-1") -> None:
        self.client = client
        self.callback = callback

    async def post(self, step: str, **body: Any) -> httpx.Response:
        return await self.client.post(f"{API}/callbacks/{self.callback}/{step}", json=body or None)

    async def put(self, what: str, **body: Any) -> httpx.Response:
        return await self.client.put(f"{API}/callbacks/{self.callback}/{what}", json=body)

    async def sheet(self) -> httpx.Response:
        return await self.client.get(f"{API}/callbacks/{self.callback}")

    async def queue(self) -> dict[str, Any]:
        answer = await self.client.get(f"{API}/queue")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def steps(self, *names: str) -> httpx.Response:
        """Several steps, all of which must succeed; the last answer."""
        for name in names:
            answer = await self.post(name)
            assert answer.status_code in (200, 204), f"{name}: {answer.text}"
        return answer

    async def talking(self) -> None:
        await self.steps("claim", "dial", "connected", "identity", "consent")

    async def answer(self, question: str, value: int | str | None = None, **given: Any) -> httpx.Response:
        return await self.put(f"answers/p1/{question}", value=value, **given)

    async def answer_everything(self, score: int = 5) -> dict[str, Any]:
        """Goes where the interview leads until nothing is left to ask."""
        values: dict[str, dict[str, Any]] = {
            "solved": {"value": "yes"}, "nps": {"value": 9}, "reason": {"text": "等了三天才上门，配件也没带"},
            "remarks": {"state": "not_answered"},
        }  # fmt: skip
        state = (await self.answer("overall", score)).json()
        while state["next"] is not None:
            question = state["next"]["question_id"]
            reply = await self.put(f"answers/p1/{question}", **values.get(question, {"value": score}))
            assert reply.status_code == 200, reply.text
            state = reply.json()
        return dict(state)


async def an_agent(
    survey: ServiceUnderTest, login: str = "lin", *, role: Role = Role.AGENT, callback: str = "cb-1"
) -> AgentAt:
    return AgentAt(await survey.client(role, login=login), callback)


async def a_call_waits(survey: ServiceUnderTest, **given: Any) -> None:
    await survey.receive(await a_permit(survey, channel="phone", **given))
