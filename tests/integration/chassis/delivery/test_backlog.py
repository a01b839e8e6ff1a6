"""A backlog of many transactions: numbers of transactions are compared as numbers, also where they grow by a digit."""

from collections.abc import Sequence

from aiokafka import TopicPartition

from chassis.host import Host
from chassis.runtime import Runtime
from chassis.settings import Settings
from chassis.testing.infra import Infra
from contracts.topics import BY_NAME, PARTITIONS
from launcher.recover import _tell_again
from tests.integration.chassis.delivery.conftest import Told, everything, settled

TOLD = "opt-out-requested"
TRANSACTIONS = 2_600
"""More than one batch of the relay; from one digit to four."""
CUSTOMERS = 7

_FILL = """
INSERT INTO outbox (xid, event_id, topic, key, headers, payload)
SELECT n::text::xid8, id, $1, 'customer-' || n % $3, convert_to(json_build_array(json_build_array('ce_id', id))::text,
    'UTF8'), convert_to(json_build_object('reason', n::text)::text, 'UTF8')
FROM (SELECT n, gen_random_uuid() AS id FROM generate_series(1, $2::int) AS n ORDER BY n) AS told
"""


async def test_the_relay_sends_a_backlog_whole_once_and_in_order(infra: Infra, runtime: Runtime) -> None:
    await _filled(runtime)
    async with Host(runtime) as host:
        await settled(host)
    _whole_and_in_order(await everything(infra.kafka, TOLD))


async def test_a_topic_is_filled_again_whole_once_and_in_order(
    infra: Infra, settings: Settings, runtime: Runtime
) -> None:
    await _filled(runtime)
    async with runtime.reading() as connection:
        await connection.execute("UPDATE outbox_cursor SET (xid, position) = (SELECT xid, position FROM outbox"
                                 " ORDER BY xid DESC LIMIT 1)")  # fmt: skip
    starts = {TopicPartition(TOLD, number): 0 for number in range(PARTITIONS)}
    assert await _tell_again(settings, runtime, BY_NAME[TOLD], starts) == TRANSACTIONS
    _whole_and_in_order(await everything(infra.kafka, TOLD))


async def _filled(runtime: Runtime) -> None:
    async with runtime.reading() as connection:
        await connection.execute(_FILL, TOLD, TRANSACTIONS, CUSTOMERS)


def _whole_and_in_order(told: Sequence[Told]) -> None:
    for number in range(CUSTOMERS):
        said = [int(one.said) for one in told if one.key == f"customer-{number}"]
        assert said == [n for n in range(1, TRANSACTIONS + 1) if n % CUSTOMERS == number]
