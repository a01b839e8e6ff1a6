"""What each principal may do on the broker, made from the contracts' topic table. What is not here is denied."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from chassis.kafka_login import principal_of
from contracts.topics import CRM, DEPARTMENTS, SERVICES, TOPICS, Topic

AUDITOR = "auditor"
"""Reads every topic and writes none; belongs to no group, and sees how far those of the services are."""
PARTICIPANTS = (*SERVICES, CRM, DEPARTMENTS, AUDITOR)


class Resource(IntEnum):
    """Numbers of Kafka's protocol, as in the two below."""

    TOPIC = 2
    GROUP = 3


class Pattern(IntEnum):
    LITERAL = 3
    PREFIXED = 4


class Operation(IntEnum):
    READ = 3
    WRITE = 4
    DELETE = 6
    DESCRIBE = 8


@dataclass(frozen=True, order=True)
class Right:
    """Each of the operations includes to see that the thing exists and where its ends are."""

    principal: str
    resource: Resource
    name: str
    operation: Operation
    pattern: Pattern = Pattern.LITERAL


def rights(group: str) -> frozenset[Right]:
    """Of all participants; `group` is the first part of the consumer groups' names."""
    return frozenset((*_on_topics(), *_on_groups(group)))


def _on_topics() -> Iterator[Right]:
    for topic in TOPICS:
        for producer in topic.producers:
            yield _right(producer, topic.name, Operation.WRITE)
        for consumer in topic.consumers:
            yield from _of_a_consumer(consumer, topic)
        for name in (topic.name, topic.dead_letters):
            yield _right(AUDITOR, name, Operation.READ)


def _of_a_consumer(consumer: str, topic: Topic) -> Iterator[Right]:
    yield _right(consumer, topic.name, Operation.READ)
    if consumer in SERVICES:
        yield _right(consumer, topic.dead_letters, Operation.WRITE)  # who cannot use a record sets it aside
    if topic.intake:
        yield _right(consumer, topic.name, Operation.DELETE)  # documents that were read are deleted by their reader


def _on_groups(group: str) -> Iterator[Right]:
    for service in SERVICES:
        yield Right(principal_of(service), Resource.GROUP, f"{group}-{service}", Operation.READ)
        yield Right(principal_of(AUDITOR), Resource.GROUP, f"{group}-{service}", Operation.DESCRIBE)
    outside = principal_of(DEPARTMENTS)
    yield Right(outside, Resource.GROUP, f"{group}-{DEPARTMENTS}", Operation.READ, Pattern.PREFIXED)


def _right(participant: str, topic: str, operation: Operation) -> Right:
    return Right(principal_of(participant), Resource.TOPIC, topic, operation)
