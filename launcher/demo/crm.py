"""The CRMs: they publish what was finished, by a plain Kafka client or over HTTP, and make the usual mistakes."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
from aiokafka import AIOKafkaProducer

from launcher.demo.calendar import at
from launcher.demo.customer import Work
from launcher.demo.population import WEST, Telling

TOPIC = "service-completed"
DOOR = "/scheduler/api/v1/service-completions"
_BAD = (
    b"",
    b"this is not JSON",
    b"\xff\xfe\x00 neither is this",
    b'{"service_id": "S-BAD-1", "scenario": "after_sale", "completed_at": "2026-10-05T10:00:00+08:00"}',
    b'{"service_id": "S-BAD-2", "completed_at": "2026-10-05T10:00:00+08:00", "customer": {"customer_id": "C-BAD"}}',
    b'{"service_id": "S-BAD-3", "scenario": "after_sale", "completed_at": "2026-10-05T10:00:00",'
    b' "customer": {"customer_id": "C-BAD"}}',
    b'{"service_id": "S-BAD-4", "scenario": "after_sale", "completed_at": NaN, "customer": {"customer_id": "C-BAD"}}',
    b"[" * 5_000,
)
BAD_RECORDS = tuple((at(2 + 3 * n, 12), record) for n, record in enumerate(_BAD))
"""When each record that must become a dead letter is published."""


def document(work: Work) -> dict[str, Any]:
    """What the CRM says of a finished piece of work. No opinion is in it."""
    customer = work.customer
    told: dict[str, Any] = {
        "source": work.source,
        "service_id": work.service_id,
        "scenario": work.scenario,
        "service_type": work.service_type,
        "completed_at": work.completed_at.isoformat(),
        "handled_at": work.handled_at.isoformat() if work.handled_at else None,
        "customer": {
            "customer_id": customer.customer_id, "name": customer.name, "phone": customer.phone,
            "email": customer.email, "level": customer.level, "timezone": customer.zone, "language": "zh-CN",
            "registered_at": "2025-03-01T00:00:00+08:00", "registration_channel": "门店",
            "purchases": [{"product": "JSQ30-A", "at": "2025-03-01", "amount": 2999}],
            "history": [{"at": "2026-05-02", "kind": "维修", "summary": "更换点火器，已解决"}],
        },
        "handler": {"id": f"E-{len(work.team):02d}", "name": "工程师乙", "team": work.team},
        "product": "JSQ30-A",
        "channel": "门店",
        "region": work.region,
        "problem_type": work.service_type,
        "progress": "已解决",
        "attributes": {"warranty": "在保"},
    }  # fmt: skip
    if work.scenario == "complaint":
        told["complaint"] = {"level": "二级"}
    return told


@dataclass
class Crm:
    """Publishes everything that is due, each document once per telling."""

    tellings: Sequence[Telling]
    producer: AIOKafkaProducer
    doors: Mapping[str, httpx.AsyncClient]
    """For each source a client that carries its token."""
    written: Callable[[str, int, int], None]
    """Told of each record that Kafka has acknowledged."""
    bad_records: Sequence[tuple[datetime, bytes]] = BAD_RECORDS
    published: int = 0
    refused: list[str] = field(default_factory=list)
    _told: int = 0
    _spoilt: int = 0

    def next_due(self) -> datetime | None:
        waiting = [one.work.told_at for one in self.tellings[self._told : self._told + 1]]
        waiting += [due for due, _ in self.bad_records[self._spoilt : self._spoilt + 1]]
        return min(waiting, default=None)

    async def act(self, now: datetime) -> int:
        """How many documents were published."""
        due = []
        while self._told < len(self.tellings) and self.tellings[self._told].work.told_at <= now:
            due.append(self.tellings[self._told].work)
            self._told += 1
        spoilt = []
        while self._spoilt < len(self.bad_records) and self.bad_records[self._spoilt][0] <= now:
            spoilt.append(self.bad_records[self._spoilt][1])
            self._spoilt += 1
        await self._publish([document(work) for work in due if not work.over_http], spoilt)
        await self._post([document(work) for work in due if work.over_http])
        self.published += len(due)
        return len(due) + len(spoilt)

    async def _publish(self, documents: Sequence[dict[str, Any]], spoilt: Sequence[bytes]) -> None:
        sent = []
        for one in documents:
            body = json.dumps(one, ensure_ascii=False).encode()
            sent.append(await self.producer.send(TOPIC, value=body, key=one["customer"]["customer_id"].encode()))
        sent += [await self.producer.send(TOPIC, value=body, key=b"?") for body in spoilt]
        for acknowledged in sent:
            record = await acknowledged
            self.written(record.topic, record.partition, record.offset)

    async def _post(self, documents: Sequence[dict[str, Any]]) -> None:
        for source in sorted({one["source"] for one in documents}):
            own = [one for one in documents if one["source"] == source]
            response = await self.doors[source].post(DOOR, json=own)
            if response.status_code != httpx.codes.ACCEPTED:
                self.refused.append(f"{source}: {response.status_code}")


def fresh(now: datetime, number: int) -> dict[str, Any]:
    """A piece of work finished a moment ago, of a customer who has an address only: its link is for whoever watches."""
    return {
        "source": WEST,
        "service_id": f"S-NEW-{number}",
        "scenario": "after_sale",
        "service_type": "热水器维修",
        "completed_at": (now - timedelta(minutes=10)).isoformat(),
        "handled_at": (now - timedelta(minutes=20)).isoformat(),
        "customer": {
            "customer_id": f"C-NEW-{number}", "name": f"客户新{number}", "level": "VIP3",
            "email": f"customer-new-{number}@example.com",
        },
        "handler": {"id": "E-77", "name": "工程师乙", "team": "华东维修一组"},
    }  # fmt: skip
