"""What a department's programs and the operator run beside a live product: the example consumer, the chain's check."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import asyncpg
import httpx
import pytest

from chassis.access.roles import Role
from tests.e2e.conftest import BEGIN, World

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "follow_cases.py"
PATIENCE = 180
COMPLETED = BEGIN - timedelta(hours=1)
DOCUMENT = {
    "source": "crm-east", "service_id": "S-PROGRAMS-1", "scenario": "after_sale", "service_type": "热水器维修",
    "completed_at": COMPLETED.isoformat(), "handled_at": COMPLETED.isoformat(),
    "customer": {"customer_id": "C-PROGRAMS-1", "name": "客户甲", "level": "普通", "email": "programs@example.com"},
    "handler": {"id": "E-77", "name": "工程师乙", "team": "华东维修一组"},
}  # fmt: skip
ANSWERS = {
    "overall": 1, "response_speed": 2, "competence": 3, "attitude": 3, "clarity": 3, "solved": "no", "nps": 2,
    "reason": "配送一拖再拖，比说好的日子晚了五天。",
}  # fmt: skip


@pytest.fixture
async def member(world: World) -> AsyncIterator[httpx.AsyncClient]:
    client = await world.person("e2e-logistics", Role.DEPARTMENT, department="logistics")
    yield client
    await client.aclose()


async def a_case(world: World, member: httpx.AsyncClient) -> str:
    """Of this file's customer, who is asked and answers once; its number."""
    await world.stepper.idle()
    if not (known := await cases_of(member)):
        crm = await world.machine(Role.CRM, source="crm-east")
        await crm.post("/scheduler/api/v1/service-completions", json=DOCUMENT)
        await world.stepper.idle()
        now = await world.stepper.now()
        told = {"service_id": DOCUMENT["service_id"], "answered_at": now.isoformat(), "answers": ANSWERS}
        answer = await crm.post("/survey/api/v1/interviews", json=[told])
        assert answer.json()["verdicts"][0]["verdict"] == "recorded", answer.text
        await crm.aclose()
        await world.stepper.idle()
        known = await cases_of(member)
    (case_id,) = known
    return case_id


async def cases_of(member: httpx.AsyncClient) -> list[str]:
    listed = (await member.get("/followup/api/v1/cases")).json()["cases"]
    return [case["case_id"] for case in listed]


async def verify_chain(world: World) -> tuple[int, str]:
    command = [sys.executable, "-m", "launcher", "verify-chain", "--data", str(world.data)]
    done = await asyncio.to_thread(
        subprocess.run, command, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=120, check=False
    )
    return done.returncode, done.stdout + done.stderr


async def test_the_command_names_the_first_row_that_somebody_changed(world: World, member: httpx.AsyncClient) -> None:
    case_id = await a_case(world, member)
    code, said = await verify_chain(world)
    assert code == 0, said
    assert "0 histories changed" in said
    owner = await asyncpg.connect(world.stack.settings.database_url)
    change = "UPDATE followup.case_history SET actor_name = $2 WHERE case_id = $1 AND sequence = 1"
    name = await owner.fetchval("SELECT actor_name FROM followup.case_history WHERE case_id = $1", case_id)
    try:
        await owner.execute(change, case_id, "somebody else")
        code, said = await verify_chain(world)
        assert code == 1
        assert f"{case_id} row 1 was changed" in said
    finally:
        await owner.execute(change, case_id, name)
        await owner.close()
    assert (await verify_chain(world))[0] == 0


@asynccontextmanager
async def the_example(world: World) -> AsyncIterator[asyncio.StreamReader]:
    """What it prints while it follows the department's cases."""
    environment = {**os.environ, "KAFKA": world.stack.addresses.kafka, "DEPARTMENT": "logistics"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-u", str(EXAMPLE), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    )
    assert process.stdout is not None
    try:
        yield process.stdout
    finally:
        process.kill()
        await process.wait()


async def told_of(lines: asyncio.StreamReader, case_id: str) -> tuple[int, str]:
    """Revision and state that the next line about this case says."""
    while True:
        words = (await asyncio.wait_for(lines.readline(), PATIENCE)).decode().split()
        assert words, "the example ended"
        if words[0] == case_id:
            return int(words[1]), words[2]


async def test_the_example_consumer_prints_each_change_of_a_case(world: World, member: httpx.AsyncClient) -> None:
    case_id = await a_case(world, member)
    shown = (await member.get(f"/followup/api/v1/cases/{case_id}")).json()
    async with the_example(world) as lines:
        heard = [await told_of(lines, case_id)]
        while heard[-1][0] < len(shown["history"]):
            heard.append(await told_of(lines, case_id))
        assert (await member.post(f"/followup/api/v1/cases/{case_id}/start")).status_code == 200
        heard.append(await told_of(lines, case_id))
    assert heard[0] == (1, "open")
    assert heard[-1][1] == "working"
    assert [revision for revision, _ in heard] == sorted({revision for revision, _ in heard})
