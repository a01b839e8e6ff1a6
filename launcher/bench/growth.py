"""The same hop beside few rows and beside many: tagging's tables and inbox filled up with copies of one row each."""

from collections.abc import Mapping

from launcher.bench.servers import Bed

# What makes a copy another row, by table; sealed columns stay empty, or a million would be gigabytes.
_OTHER: Mapping[str, str] = {
    "tagging.response": """jsonb_build_object('response_id', $2::text || n, 'customer_ref', $2::text || n,
        'answers', NULL, 'texts', NULL, 'tags', NULL)""",
    "tagging.item": "jsonb_build_object('item_id', $2::text || n)",
    "tagging.inbox": """jsonb_build_object('event_id',
        overlay(event_id::text placing left(md5($2::text || n), 12) from 25))""",
}
_COPY = """INSERT INTO {table} SELECT copy.*
    FROM (SELECT * FROM {table} LIMIT 1) AS original, generate_series(1, $1::int) AS n,
    jsonb_populate_record(NULL::{table}, to_jsonb(original) || {other}) AS copy ON CONFLICT DO NOTHING"""
STEP = 100_000


async def grow(bed: Bed, rows: int) -> int:
    """So many rows more in each table; returns how many responses tagging holds now. Planner statistics are fresh."""
    for table, other in _OTHER.items():
        for first in range(0, rows, STEP):
            copy = _COPY.format(table=table, other=other)
            await bed.owner.execute(copy, min(STEP, rows - first), f"{rows}-{first}-")
        await bed.owner.execute(f"ANALYZE {table}")
    return int(await bed.owner.fetchval("SELECT count(*) FROM tagging.response"))
