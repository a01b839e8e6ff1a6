"""Follows `case-changed` for one department: prints each change once, in order, also after a restart.

    pip install aiokafka
    KAFKA=localhost:9092 DEPARTMENT=repair python follow_cases.py

With logins on, KAFKA_USER is `aftercall-departments` and KAFKA_PASSWORD its password from the secrets file.
"""

import asyncio
import json
import os
from typing import Any

from aiokafka import AIOKafkaConsumer

TOPIC = "case-changed"


class Newest:
    """The highest revision known of each case. A repeated or older record changes nothing.

    In memory it forgets at a restart: keep the revisions where you keep the cases, in the same transaction.
    """

    def __init__(self) -> None:
        self._revisions: dict[str, int] = {}

    def take(self, change: dict[str, Any]) -> bool:
        if change["revision"] <= self._revisions.get(change["case_id"], 0):
            return False
        self._revisions[change["case_id"]] = change["revision"]
        return True


def arguments() -> dict[str, Any]:
    login = os.environ.get("KAFKA_USER")
    plain: dict[str, Any] = {
        "bootstrap_servers": os.environ.get("KAFKA", "localhost:9092"),
        "group_id": f"aftercall-departments-{os.environ['DEPARTMENT']}",
        "auto_offset_reset": "earliest",
        "enable_auto_commit": False,
    }
    if login is None:
        return plain
    return plain | {
        "security_protocol": os.environ.get("KAFKA_SECURITY", "SASL_SSL"),
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": login,
        "sasl_plain_password": os.environ["KAFKA_PASSWORD"],
    }


async def follow(department: str) -> None:
    newest = Newest()
    consumer = AIOKafkaConsumer(TOPIC, **arguments())
    await consumer.start()
    try:
        async for record in consumer:
            change = json.loads(record.value)
            # the topic carries every department's codes; a case that moves to you comes with its newest revision
            if newest.take(change) and change["department"] == department:
                print(change["case_id"], change["revision"], change["state"], change["due_at"])  # noqa: T201
            # after the work, never before: a crash repeats a record, it loses none
            await consumer.commit()
    finally:
        await consumer.stop()


if __name__ == "__main__":
    asyncio.run(follow(os.environ["DEPARTMENT"]))
