import json
from dataclasses import replace

import asyncpg
import pytest

from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest
from launcher.chain_check import check
from services.followup.chain import hash_of
from services.followup.store.cases import history
from tests.integration.followup.test_life_of_a_case import a_solved_case, an_open_case

TAMPERINGS = {
    "AC-1001 row 2 was changed\n": "UPDATE {0} SET actor_name = 'x' WHERE sequence = 2",
    "AC-1001 row 1 was changed\n": "UPDATE {0} SET at = at - interval '1 microsecond' WHERE sequence = 1",
    "AC-1001 row 3 was changed\n": "UPDATE {0} SET note = note || '=' WHERE sequence = 3",
    "AC-1001 row 3 is missing\n": "DELETE FROM {0} WHERE sequence = 3",
    "AC-1001 row 1 is missing\n": "DELETE FROM {0}",
}


async def checked(service: ServiceUnderTest, capsys: pytest.CaptureFixture[str], tampering: str = "") -> str:
    """What the check says of the histories after the owner of the database has changed them."""
    owner = await asyncpg.connect(service.settings.database_url, server_settings={"search_path": "followup"})
    try:
        await owner.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=json.loads)
        if tampering:
            await owner.execute(tampering.format("case_history"))
        whole = await check(owner)
    finally:
        await owner.close()
    said = capsys.readouterr()
    assert whole is not bool(said.err)
    return said.err.removeprefix("aftercall: ")


@pytest.mark.parametrize("named", TAMPERINGS)
async def test_whoever_changes_a_stored_row_is_found_by_its_number(
    followup: ServiceUnderTest, capsys: pytest.CaptureFixture[str], named: str
) -> None:
    member = await followup.client(Role.DEPARTMENT, department="repair")
    await a_solved_case(followup, member)
    assert await checked(followup, capsys) == ""
    assert await checked(followup, capsys, TAMPERINGS[named]) == named


async def test_whoever_rewrites_the_last_row_with_a_hash_that_fits_is_found(
    followup: ServiceUnderTest, capsys: pytest.CaptureFixture[str]
) -> None:
    member = await followup.client(Role.DEPARTMENT, department="repair")
    case_id, _ = await a_solved_case(followup, member)
    async with followup.runtime.reading() as connection:
        last = (await history(connection, case_id))[-1]
    forged = hash_of(replace(last, actor="somebody"))
    tampering = f"UPDATE {{0}} SET actor = 'somebody', hash = '{forged}' WHERE sequence = {last.sequence}"  # noqa: S608
    assert await checked(followup, capsys, tampering) == "AC-1001 row 3 was changed together with its hash\n"


async def test_a_case_set_to_closed_without_a_step_is_found(
    followup: ServiceUnderTest, capsys: pytest.CaptureFixture[str]
) -> None:
    await an_open_case(followup)
    said = await checked(followup, capsys, "UPDATE case_file SET state = 'closed' -- {0}")
    assert said == "AC-1001 row 1 does not lead to the state of its case, closed\n"
