"""Every door under /survey/api is described: what it does, and what it answers."""

import json
import re
from typing import Any

import httpx
import pytest

from tests.unit.survey.doors import APP, DOORS, PREFIX

# they answer a file
BARE = {
    "/api/v1/imports/templates/{questionnaire}",
    "/api/v1/record-sheets/workbook",
    "/api/v1/tunes/{tune_id}/sound",
}


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


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    named = set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(described)))
    assert {name.rpartition("/")[2] for name in named} <= set(described["components"]["schemas"])
    assert all(name.startswith("#/components/schemas/") for name in named)
