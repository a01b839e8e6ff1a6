"""Every door under /survey/api is described: what it does, and what it answers."""

from typing import Any

import httpx
import pytest

from chassis.settings import Secrets, load_settings
from chassis.testing.visitors import EmptyRuntime, visitor
from chassis.web.app import create_app
from chassis.web.walk import routes
from services.survey.app import SERVICE

SETTINGS = load_settings(kafka="127.0.0.1:1", database_url="postgresql://x@127.0.0.1:1/x", secrets=Secrets.fresh([]))
APP = create_app([SERVICE], {SERVICE.name: EmptyRuntime(SERVICE.name)}, SETTINGS, identify=visitor)
PREFIX = "/survey"
DOORS = sorted(
    (path.removeprefix(PREFIX), method) for method, path, _ in routes(APP) if path.startswith(f"{PREFIX}/api/v1")
)
BARE = {"/api/v1/imports/templates/{questionnaire}"}  # answers a workbook


@pytest.fixture(scope="module")
async def described() -> dict[str, Any]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=APP), base_url="http://testserver") as client:
        found: dict[str, Any] = (await client.get(f"{PREFIX}/openapi.json")).json()
    return found


def test_there_are_doors() -> None:
    assert len(DOORS) > 40


@pytest.mark.parametrize(("path", "method"), DOORS)
async def test_a_door_is_described(described: dict[str, Any], path: str, method: str) -> None:
    operation = described["paths"][path][method.lower()]
    good = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
    assert len(good) == 1
    answers_something = "204" not in operation["responses"] and path not in BARE
    assert not answers_something or good[0]["content"]["application/json"]["schema"], "its answer has a form"
