"""The read model made once more from the topics has the same digests."""

import asyncpg

from chassis.database import connect, role_of
from chassis.settings import Settings
from chassis.testing.infra import Infra
from launcher.catalog import load_services
from launcher.verify.auditor import auditing
from launcher.verify.filling import Filling
from launcher.verify.readmodel import READ_MODEL, compare_digests, fill
from launcher.verify.watermark import watermark
from tests.integration.launcher.verify.world import as_owner, copied


async def test_a_rebuild_has_the_digest_of_every_table(told: Settings) -> None:
    service = {one.name: one for one in load_services()}["reporting"]
    async with auditing(told) as auditor:
        check, digests = await compare_digests(auditor, await watermark(auditor), service)
    assert check.clean, check.defects
    assert {one.table: one.equal for one in digests} == dict.fromkeys((table.name for table in READ_MODEL), True)
    assert sum(one.rows for one in digests) == check.looked_at > 10
    sums = {one.live.hexdigest() for one in digests if one.rows}
    assert len(sums) == sum(1 for one in digests if one.rows)


OLDER = (
    "UPDATE reporting.contact_attempt SET transferred = NOT transferred, agent = 'somebody'",
    "UPDATE reporting.response SET flags = '{odd}', started_at = started_at - interval '1 year'",
    "DELETE FROM reporting.callback",
    "DELETE FROM reporting.month_change",
    "UPDATE reporting.completion SET inclusion_probability = 0.125",
)


async def test_an_older_read_model_is_filled_from_the_topics_while_nothing_else_is_touched(
    infra: Infra, told: Settings
) -> None:
    settings = await copied(infra, told)
    for statement in OLDER:
        await as_owner(settings, statement)
    before = await _own(settings)
    filling = await _filled(settings)
    assert set(filling.filled) == {"contact_attempt", "response", "callback", "month_change", "completion"}
    assert not filling.moved
    assert await _own(settings) == before
    assert not (await _filled(settings)).filled
    service = {one.name: one for one in load_services()}["reporting"]
    async with auditing(settings) as auditor:
        check, digests = await compare_digests(auditor, await watermark(auditor), service)
    assert check.clean, check.defects
    assert all(one.equal for one in digests)


async def test_a_row_that_moved_on_since_it_was_compared_is_left_alone(infra: Infra, told: Settings) -> None:
    settings = await copied(infra, told)
    connection = await connect(settings, role=role_of("reporting"), schema="reporting", seconds=10)
    filling = Filling(connection, "reporting")
    was = await connection.fetchval("SELECT to_jsonb(r) FROM response AS r ORDER BY response_id LIMIT 1")
    await connection.execute("UPDATE response SET agent = 'later' WHERE response_id = $1", was["response_id"])
    await filling.add("response", ("response_id",), (), was, {**was, "agent": "from the topics"})
    await filling.write("response", ("response_id",), ())
    held = await connection.fetchval("SELECT agent FROM response WHERE response_id = $1", was["response_id"])
    await connection.close()
    assert (held, filling.moved, filling.filled["response"]) == ("later", 1, 0)


async def _filled(settings: Settings) -> Filling:
    service = {one.name: one for one in load_services()}["reporting"]
    connection = await connect(settings, role=role_of("reporting"), schema="reporting", seconds=10)
    filling = Filling(connection, "reporting")
    try:
        async with auditing(settings) as auditor:
            await fill(auditor, await watermark(auditor), service, filling)
    finally:
        await connection.close()
    return filling


async def _own(settings: Settings) -> list[int]:
    """Rows of what reporting did itself, and of its inbox and outbox."""
    owner = await asyncpg.connect(settings.database_url)
    tables = ("report", "report_seen", "verification_request", "inbox", "outbox", "customer_tags", "verbatim")
    found = [await owner.fetchval(f"SELECT count(*) FROM reporting.{name}") for name in tables]  # noqa: S608
    await owner.close()
    return found
