"""A million responses in the read model: copies of the months that were told, under months long past.

Sealed strings are copied as they are: of the right size, and opened by nobody, since nobody looks at those months.
"""

from collections.abc import Mapping

from launcher.bench.servers import Bed

_TABLES: Mapping[str, tuple[str, ...]] = {
    "completion": ("completion_ref", "service_id"),
    "contact_attempt": ("attempt_id", "callback_id", "completion_ref"),
    "response": ("response_id", "callback_id", "completion_ref"),
    "response_tags": ("response_id", "completion_ref"),
    "callback": ("callback_id", "completion_ref", "response_id"),
}
_COPY = """INSERT INTO reporting.{table} SELECT copy.* FROM reporting.{table} AS original,
    jsonb_populate_record(original, {other}) AS copy
    WHERE original.completion_ref LIKE $2 || '-%'"""
_MONTHS_APART = "12 years"
_OPEN = """CREATE TABLE public.bench_answer AS
    SELECT completion.period, completion.stratum, completion.rate_version, completion.cell,
        (hashtext(response.response_id) & 3) + 2 AS overall
    FROM reporting.response JOIN reporting.completion USING (completion_ref)"""
_GROUPED = """SELECT stratum, rate_version, cell, count(*), avg(overall), var_samp(overall)
    FROM public.bench_answer WHERE period = $1 GROUP BY stratum, rate_version, cell ORDER BY 1, 2, 3"""


async def fill(bed: Bed, pattern: str, responses: int) -> int:
    """Copies of the month `pattern` until there are so many responses; returns how many there are."""
    held = int(await bed.owner.fetchval("SELECT count(*) FROM reporting.response"))
    copy = 0
    while held < responses:
        copy += 1
        for table, names in _TABLES.items():
            await bed.owner.execute(_copying(table, names), f"c{copy}-", pattern)
        held = int(await bed.owner.fetchval("SELECT count(*) FROM reporting.response"))
    for table in _TABLES:
        await bed.owner.execute(f"VACUUM ANALYZE reporting.{table}")
    return held


def _copying(table: str, names: tuple[str, ...]) -> str:
    other = [f"'{name}', $1 || original.{name}" for name in names]
    if table == "completion":
        other += ["'period', 'past ' || $1", f"'completed_at', original.completed_at - interval '{_MONTHS_APART}'"]
    return _COPY.format(table=table, other=f"jsonb_build_object({', '.join(other)})")


async def open_answers(bed: Bed) -> int:
    """The same responses in a table that hides nothing, for the reference query; returns its rows."""
    await bed.owner.execute(_OPEN)
    await bed.owner.execute("CREATE INDEX ON public.bench_answer (period)")
    await bed.owner.execute("VACUUM ANALYZE public.bench_answer")
    return int(await bed.owner.fetchval("SELECT count(*) FROM public.bench_answer"))


async def grouped(bed: Bed, period: str) -> int:
    """Means by stratum as one plain query; returns the number of groups."""
    return len(await bed.owner.fetch(_GROUPED, period))
