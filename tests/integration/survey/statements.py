"""What a piece of work asks of the database."""

from chassis.testing.harness import ServiceUnderTest


async def listening(survey: ServiceUnderTest) -> list[str]:
    """Every statement that the service's pool is asked for from now on; the driver's own questions about types too."""
    seen: list[str] = []
    pool = survey.runtime.pool
    connections = [await pool.acquire() for _ in range(pool.get_max_size())]
    for connection in connections:
        connection.add_query_logger(lambda query: seen.append(query.query))
    for connection in connections:
        await pool.release(connection)
    return seen


def asked(seen: list[str]) -> list[str]:
    """Without the driver's own questions about types."""
    return [query for query in seen if "pg_catalog" not in query and "jit" not in query]
