"""Kafka: one producer and one batch subscriber per service.

FastStream runs the consumer; the chassis decides what is settled and when offsets are committed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from copy import copy
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import (
    CommitFailedError,
    IllegalGenerationError,
    IllegalStateError,
    UnknownMemberIdError,
)
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage

from chassis import inbox, locks
from chassis.consumer import Consumer, Halted
from chassis.errors import is_transient
from chassis.kafka_connections import tell_broken_connections
from chassis.kafka_login import broker_security, client_arguments, principal_of
from chassis.kafka_topics import MAXIMUM_RECORD_BYTES
from chassis.offsets import OffsetNotes
from chassis.partition_ends import PartitionEnds
from chassis.runtime import Runtime
from chassis.settings import Settings
from contracts.topics import read_by

# About half a second of work at most: all services of a process share its loop, a transaction ends when its session is
# idle for 10 s, and until then it holds back every relay.
BATCH_RECORDS = 500
ANSWER_SECONDS = 8
"""A broker that is silent for so long is asked again on another connection: half-open ones never end by themselves."""

log = structlog.get_logger(__name__)
tell_broken_connections()


async def open_producer(settings: Settings, participant: str, *, client: str) -> AIOKafkaProducer:
    """Under the principal of the participant; `client` is the name in the broker's logs."""
    producer = AIOKafkaProducer(
        **client_arguments(settings, principal_of(participant)),
        client_id=client,
        acks="all",
        enable_idempotence=True,
        linger_ms=5,
        max_batch_size=256 * 1024,
        max_request_size=MAXIMUM_RECORD_BYTES,
        request_timeout_ms=ANSWER_SECONDS * 1000,
    )
    await producer.start()
    return producer


async def tolerant_parser(raw: tuple[Any, ...], original: Callable[[Any], Awaitable[KafkaMessage]]) -> KafkaMessage:
    """FastStream decodes every header and loses a whole batch over a bad one: show it one record without headers.

    All that is used of its message are the untouched records.
    """
    shown = copy(raw[0])
    shown.headers = []
    message = await original((shown,))
    message.raw_message = raw
    return message


async def raw_decoder(message: KafkaMessage) -> list[bytes]:
    return [record.value or b"" for record in message.raw_message]


class Subscriber:
    """The one subscriber of a service over all its topics. `halted` says why it stopped for good."""

    def __init__(self, runtime: Runtime, consumer: Consumer) -> None:
        self._runtime = runtime
        self._consumer = consumer
        self.topics = [t.name for t in read_by(runtime.name) if runtime.service.subscription(t.name)]
        principal = principal_of(runtime.name)
        self._broker = KafkaBroker(
            runtime.settings.kafka,
            client_id=principal,
            logger=None,
            # joining a group takes as long as its silent members are waited for
            request_timeout_ms=max(ANSWER_SECONDS * 1000, runtime.settings.kafka_session_ms + 2000),
            security=broker_security(runtime.settings, principal),
        )
        self._handled: dict[TopicPartition, int] = {}
        self.settled_here: dict[tuple[str, int], int] = {}
        self.notes = OffsetNotes(runtime)
        self._ends = PartitionEnds(runtime.settings, principal, self.topics, answer_seconds=ANSWER_SECONDS)
        self.halted: str | None = None
        self._stopping: asyncio.Task[None] | None = None
        subscriber = self._broker.subscriber(
            *self.topics,
            group_id=f"{runtime.settings.kafka_group}-{runtime.name}",
            batch=True,
            ack_policy=AckPolicy.MANUAL,
            auto_offset_reset="earliest",
            max_records=BATCH_RECORDS,
            batch_timeout_ms=15,  # FastStream sleeps as long again after an empty look
            # A fetch returns at once when a record comes. Only a partition whose records nobody has taken for 200 ms is
            # left out of it, and waits for its end. Each fetch names every partition: shorter waits cost idle work.
            fetch_max_wait_ms=500,
            max_partition_fetch_bytes=MAXIMUM_RECORD_BYTES,
            session_timeout_ms=runtime.settings.kafka_session_ms,
            heartbeat_interval_ms=runtime.settings.kafka_session_ms // 3,
            max_poll_interval_ms=15 * 60 * 1000,
            parser=tolerant_parser,
            decoder=raw_decoder,
            listener=_Guard(self),
        )
        self._subscriber = subscriber
        subscriber(self._receive)

    async def start(self) -> None:
        async with self._runtime.reading() as connection:
            self._subscriber.max_records = min(BATCH_RECORDS, await locks.most_at_once(connection))
        await self._broker.start()

    async def stop(self) -> None:
        await self._broker.stop()
        await self._ends.close()
        await self.notes.write()

    async def _receive(self, message: KafkaMessage) -> None:
        """Never raises: FastStream would go on with the next batch and lose this one."""
        if self.halted:
            return
        records = message.raw_message if isinstance(message.raw_message, tuple) else (message.raw_message,)
        try:
            await self._consumer.handle(records)
            await self._commit(records)
        except Halted as halted:
            self._halt(str(halted))
        except Exception as error:
            log.exception("consumer stopped", service=self._runtime.name)
            self._halt(f"{type(error).__name__} outside any record: see the log")

    async def _commit(self, records: Sequence[Any]) -> None:
        offsets: dict[TopicPartition, int] = {}
        for record in records:
            place = TopicPartition(record.topic, record.partition)
            offsets[place] = max(offsets.get(place, 0), record.offset + 1)
        self._handled.update(offsets)
        self.settled_here.update(offsets)
        try:
            await self._kafka.commit(offsets)
            self._consumer.noted.passed(offsets)
            self.notes.add(offsets)
        except (CommitFailedError, IllegalStateError, IllegalGenerationError, UnknownMemberIdError):
            # The group was rebalanced meanwhile: the next owner reads them again and the inbox knows them.
            log.info("offsets not committed after a rebalance", service=self._runtime.name)
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("offsets not committed", service=self._runtime.name, error=repr(error)[:200])

    def _halt(self, reason: str) -> None:
        log.error("receiving halted", service=self._runtime.name, reason=reason)
        self.halted = reason
        self._stopping = asyncio.get_running_loop().create_task(self.stop())

    @property
    def _kafka(self) -> Any:
        return self._subscriber.consumer

    def assigned(self) -> set[tuple[str, int]]:
        return {tuple(place) for place in self._kafka.assignment()} if self._kafka is not None else set()

    async def reasons(self) -> list[str]:
        if self.halted:
            return [f"receiving halted: {self.halted}"]
        if self._kafka is None or not self._kafka.assignment():
            return ["no partitions assigned yet"]
        return []

    def behind(self, written: Mapping[tuple[str, int], int]) -> int:
        """Records of the assigned partitions that are known to be written and were not yet settled here. Asks nobody.

        True only where this process is the group's one member: what others have settled is not known.
        """
        consumer = self._kafka
        assigned = consumer.assignment() if consumer is not None else ()
        return sum(
            end - handled
            for place, end in written.items()
            if end > (handled := self.settled_here.get(TopicPartition(*place), 0)) and place in assigned
        )

    async def lag(self, topics: Collection[str] | None = None) -> int:
        """Records of the assigned partitions (of these topics only) not yet settled."""
        return sum((await self.lag_by_topic(topics)).values())

    async def lag_by_topic(self, topics: Collection[str] | None = None) -> dict[str, int]:
        consumer = self._kafka
        if consumer is None or not consumer.assignment():
            return {}
        places = [place for place in consumer.assignment() if topics is None or place.topic in topics]
        if not places:
            return {}
        ends = {place: end for place, end in (await self._ends.ends(places)).items() if end}
        await self._learn_settled([place for place in ends if place not in self._handled])
        unread = dict.fromkeys((place.topic for place in places), 0)
        for place, end in ends.items():
            unread[place.topic] += max(0, end - self._handled.get(place, end))  # left out: given away meanwhile
        return unread

    async def _learn_settled(self, places: Collection[TopicPartition]) -> None:
        """Up to where partitions were settled before they came here."""
        firsts = await self._ends.firsts(places) if places else {}
        for place in places:
            committed = await self._kafka.committed(place)
            # a batch may have been settled while the broker was asked: what is known by then stays
            self._handled.setdefault(place, firsts[place] if committed is None else max(committed, firsts[place]))

    def forget(self, revoked: Collection[TopicPartition]) -> None:
        self._consumer.noted.given_away(revoked)
        self._handled = {place: offset for place, offset in self._handled.items() if place not in revoked}

    async def check_offsets(self, assigned: Sequence[TopicPartition]) -> None:
        """A group without offsets beside a filled inbox would read everything again, or nothing: stop and say so."""
        async with self._runtime.reading() as connection:
            expected = await inbox.expected_offsets(connection)
        known = [place for place in assigned if (place.topic, place.partition) in expected]
        if not known:
            return
        wanted = {place: expected[place.topic, place.partition] for place in known}
        ends = await self._kafka.end_offsets(known)
        # looked at first, for all: with a topic the broker forgets its offsets too, and some of it may be filled again
        for place, read in wanted.items():
            if ends[place] < read:
                self._halt(f"{place.topic}-{place.partition} ends at {ends[place]}, but {read} was read: re-created?")
                return
        for place, read in wanted.items():
            if read > 0 and await self._kafka.committed(place) is None:
                self._halt(f"the committed offset of {place.topic}-{place.partition} is gone (expected {read})")
                return


class _Guard(ConsumerRebalanceListener):  # type: ignore[misc]
    """Looks at every assignment before it is read."""

    def __init__(self, subscriber: Subscriber) -> None:
        self._subscriber = subscriber

    async def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        self._subscriber.forget(revoked)

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        await self._subscriber.check_offsets(list(assigned))
