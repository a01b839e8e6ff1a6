import asyncio
from datetime import UTC, datetime

import asyncpg
import pytest

from chassis.testing.two_services import Database

MILLION = 1_000_000


def an_event_id(instant: datetime, last: int) -> str:
    return f"{int(instant.timestamp() * 1000):012x}7000" + f"{0x8 << 60 | last:016x}"


async def write_outbox(pool: asyncpg.Pool | asyncpg.Connection, rows: int = 1) -> None:
    await pool.execute(
        "INSERT INTO outbox (event_id, topic, key, headers, payload)"
        " SELECT gen_random_uuid(), 't', 'k', '', '' FROM generate_series(1, $1)",
        rows,
    )


async def jump_to(owner: asyncpg.Connection, position: int) -> None:
    await owner.execute("SELECT setval(pg_get_serial_sequence('alpha.outbox', 'position'), $1)", position)


async def test_outbox_partitions_are_added_ahead_and_dropped_behind_the_cursor(
    database: Database, owner: asyncpg.Connection
) -> None:
    pool = database.alpha
    await write_outbox(pool)
    assert await pool.fetchval("SELECT add_outbox_partition()") == 0
    await jump_to(owner, 2 * MILLION + 5)
    await write_outbox(pool)
    assert await pool.fetchval("SELECT add_outbox_partition()") == 2

    assert await pool.fetchval("SELECT drop_outbox_partitions()") == 1, "the middle one is empty and used up"
    await pool.execute(
        "UPDATE outbox_cursor SET (xid, position) = (SELECT xid, position FROM outbox ORDER BY 1, 2 LIMIT 1)"
    )
    first = await pool.fetchrow("SELECT xid, position FROM outbox ORDER BY xid, position LIMIT 1")
    waiting = "INSERT INTO outbox_waiting VALUES ($1::xid8, $2, gen_random_uuid(), 't', 'k', '', '')"
    await pool.execute(waiting, first["xid"], first["position"])
    assert await pool.fetchval("SELECT drop_outbox_partitions()") == 0, "a row of it waits"
    await pool.execute("DELETE FROM outbox_waiting")
    assert await pool.fetchval("SELECT drop_outbox_partitions()") == 1
    assert await pool.fetchval("SELECT count(*) FROM outbox") == 1


async def test_a_writer_under_way_keeps_its_partition(database: Database, owner: asyncpg.Connection) -> None:
    start = await owner.fetchval("SELECT last_value / 1000000 * 1000000 + 999990 FROM alpha.outbox_position_seq")
    await jump_to(owner, start)
    await owner.execute("UPDATE alpha.outbox_cursor SET (xid, position) = (pg_current_xact_id(), $1)", start)
    async with database.alpha.acquire() as writer:
        transaction = writer.transaction()
        await transaction.start()
        await write_outbox(writer)
        await jump_to(owner, start + 20)
        drop = asyncio.create_task(database.alpha.fetchval("SELECT drop_outbox_partitions()"))
        await waits_for_a_lock(owner)
        await transaction.commit()
    await drop
    assert await database.alpha.fetchval("SELECT count(*) FROM outbox WHERE position = $1", start + 1) == 1


async def waits_for_a_lock(owner: asyncpg.Connection) -> None:
    for _ in range(200):
        if await owner.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'"):
            return
        await asyncio.sleep(0.001)
    raise AssertionError("nobody waits for a lock")


async def test_order_is_by_transaction_and_position(database: Database) -> None:
    await write_outbox(database.beta, 3)
    await write_outbox(database.beta, 2)
    rows = await database.beta.fetch(
        "SELECT xid, position FROM outbox WHERE (xid, position) > ($1::xid8, $2) ORDER BY 1, 2", 0, 0
    )
    assert len({row["xid"] for row in rows}) == 2
    assert [row["position"] for row in rows] == sorted(row["position"] for row in rows)


async def test_an_event_id_goes_to_the_month_of_its_time(database: Database) -> None:
    for last, month in enumerate((1, 10, 12)):
        at = datetime(2026, month, 1, tzinfo=UTC)
        await database.alpha.execute(
            "INSERT INTO inbox (event_id, topic, key, outcome) VALUES ($1, 't', 'k', 'done')", an_event_id(at, last)
        )
    rows = await database.alpha.fetch("SELECT tableoid::regclass::text AS part FROM inbox ORDER BY event_id")
    assert [row["part"] for row in rows] == ["inbox_2026_01", "inbox_2026_10", "inbox_2026_12"]


async def test_inbox_months_are_made_with_what_came_before_them_and_dropped_when_settled(database: Database) -> None:
    pool = database.beta
    insert = "INSERT INTO inbox (event_id, topic, key, outcome) VALUES ($1, 't', 'k', $2)"
    early, settled = an_event_id(datetime(2030, 5, 3, tzinfo=UTC), 1), an_event_id(datetime(2026, 2, 1, tzinfo=UTC), 2)
    parked = an_event_id(datetime(2026, 3, 1, tzinfo=UTC), 3)
    for event_id, outcome in ((early, "done"), (settled, "done"), (parked, "parked")):
        await pool.execute(insert, event_id, outcome)

    since, until = datetime(2030, 5, 20, tzinfo=UTC), datetime(2030, 7, 1, tzinfo=UTC)
    assert await pool.fetchval("SELECT add_inbox_partitions($1, $2)", since, until) == 2
    assert await pool.fetchval("SELECT add_inbox_partitions($1, $2)", since, until) == 0
    where = await pool.fetchval("SELECT tableoid::regclass::text FROM inbox WHERE event_id = $1", early)
    assert where == "inbox_2030_05"

    april = datetime(2026, 4, 1, tzinfo=UTC)
    assert await pool.fetchval("SELECT drop_inbox_partitions($1)", april) == 2, "March has a parked row"
    await pool.execute("UPDATE inbox SET outcome = 'done' WHERE event_id = $1", parked)
    assert await pool.fetchval("SELECT drop_inbox_partitions($1)", april) == 1


async def test_the_same_event_id_is_taken_once(database: Database) -> None:
    event_id = an_event_id(datetime(2026, 11, 2, tzinfo=UTC), 9)
    insert = (
        "INSERT INTO inbox (event_id, topic, key, outcome) SELECT id, 't', 'k', 'done' FROM unnest($1::uuid[]) AS id"
        " ON CONFLICT DO NOTHING RETURNING event_id"
    )
    assert len(await database.alpha.fetch(insert, [event_id, event_id])) == 1
    assert await database.alpha.fetch(insert, [event_id]) == []


async def test_a_reason_to_park_is_one_of_the_known(database: Database) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await database.alpha.execute(
            'INSERT INTO parked (event_id, topic, partition, "offset", key, reason, sealed_record, week)'
            " VALUES (gen_random_uuid(), 't', 0, 0, 'k', 'other', '', '')"
        )
