"""The topics of the contracts' table on the broker."""

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from chassis.kafka_login import ADMIN, client_arguments
from chassis.settings import Settings
from contracts.topics import PARTITIONS, TOPICS, Topic

MAXIMUM_RECORD_BYTES = 4 * 1024 * 1024
"""A dead letter holds a whole refused record, sealed and in base64."""


class MissingTopic(Exception):
    """The broker lacks a topic and will not make it."""


async def create_topics(settings: Settings) -> None:
    """Make the topics of the contracts and their dead-letter topics; existing ones are left as they are."""
    admin = AIOKafkaAdminClient(**client_arguments(settings, ADMIN))
    await admin.start()
    try:
        existing = set(await admin.list_topics())
        both = [t for topic in TOPICS for t in (_new(topic, settings), _new_dead_letters(topic, settings))]
        wanted = [topic for topic in both if topic.name not in existing]
        if not wanted:
            return
        response = await admin.create_topics(wanted)
        for name, code, *message in response.topic_errors:
            error = for_code(code)
            if code and error is not TopicAlreadyExistsError:
                raise MissingTopic(f"topic {name} could not be made: {error.__name__} {message}")
    finally:
        await admin.close()


def _new(topic: Topic, settings: Settings) -> NewTopic:
    retention = topic.retention.total_seconds()
    config = {"retention.ms": "-1" if retention < 0 else str(int(retention * 1000)), **_common(settings)}
    if topic.intake:
        # Plain personal data: the broker's own time counts, and segments are short so that deletion really deletes.
        config |= {"message.timestamp.type": "LogAppendTime", "segment.ms": str(6 * 3600 * 1000)}
    return NewTopic(topic.name, PARTITIONS, settings.kafka_replication, topic_configs=config)


def _new_dead_letters(topic: Topic, settings: Settings) -> NewTopic:
    # Sealed under a key that lives 30 days; kept no longer than it.
    config = {"retention.ms": str(30 * 24 * 3600 * 1000), **_common(settings)}
    return NewTopic(topic.dead_letters, 1, settings.kafka_replication, topic_configs=config)


def _common(settings: Settings) -> dict[str, str]:
    return {
        "max.message.bytes": str(MAXIMUM_RECORD_BYTES),
        "min.insync.replicas": str(settings.kafka_min_insync),
    }
