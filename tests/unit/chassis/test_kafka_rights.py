from chassis.kafka_login import ADMIN, principal_of
from chassis.kafka_rights import Operation, Pattern, Resource, Right, rights
from contracts.topics import CRM, DEPARTMENTS, SERVICES, TOPICS

ALL = rights("aftercall")


def may(participant: str, operation: Operation) -> set[str]:
    """Topics."""
    return {
        right.name
        for right in ALL
        if right.principal == principal_of(participant)
        and right.operation is operation
        and right.resource is Resource.TOPIC
    }


def test_a_service_reads_and_writes_what_the_table_says_and_sets_aside_what_it_reads() -> None:
    for service in SERVICES:
        read = {topic.name for topic in TOPICS if service in topic.consumers}
        written = {topic.name for topic in TOPICS if service in topic.producers}
        assert may(service, Operation.READ) == read
        assert may(service, Operation.WRITE) == written | {f"{name}.dlq" for name in read}


def test_a_crm_writes_the_intake_topics_and_reads_nothing() -> None:
    assert may(CRM, Operation.WRITE) == {topic.name for topic in TOPICS if topic.intake}
    assert not may(CRM, Operation.READ)


def test_departments_read_their_topics_and_write_nothing() -> None:
    assert may(DEPARTMENTS, Operation.READ) == {topic.name for topic in TOPICS if DEPARTMENTS in topic.consumers}
    assert not may(DEPARTMENTS, Operation.WRITE)


def test_only_the_reader_of_an_intake_topic_deletes_there() -> None:
    assert may("scheduler", Operation.DELETE) == {topic.name for topic in TOPICS if topic.intake}
    assert {right.principal for right in ALL if right.operation is Operation.DELETE} == {"aftercall-scheduler"}


def test_the_auditor_reads_all_topics_with_their_dead_letters_and_writes_none() -> None:
    assert may("auditor", Operation.READ) == {n for topic in TOPICS for n in (topic.name, topic.dead_letters)}
    assert not may("auditor", Operation.WRITE)


def test_each_service_has_its_own_group_that_the_auditor_sees_and_departments_a_prefix() -> None:
    groups = {right for right in rights("rebuild") if right.resource is Resource.GROUP}
    assert groups == {
        *(Right(principal_of(s), Resource.GROUP, f"rebuild-{s}", Operation.READ) for s in SERVICES),
        *(Right("aftercall-auditor", Resource.GROUP, f"rebuild-{s}", Operation.DESCRIBE) for s in SERVICES),
        Right("aftercall-departments", Resource.GROUP, "rebuild-departments", Operation.READ, Pattern.PREFIXED),
    }


def test_no_right_is_for_everybody_or_for_the_administrator() -> None:
    assert not {right for right in ALL if right.principal in {"*", ADMIN} or right.name == "*"}
