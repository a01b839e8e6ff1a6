import errno

import asyncpg
from aiokafka.errors import KafkaConnectionError

from chassis.embedded.errors import EmbeddedError
from chassis.settings import SettingsError
from launcher.faults import StartError, sentence_of


def test_faults_that_a_person_can_mend_have_their_own_sentence() -> None:
    for fault in (StartError("Say this."), EmbeddedError("Say this."), SettingsError("Say this.")):
        assert sentence_of(fault) == "Say this."


def test_a_full_disk_is_named_with_its_place() -> None:
    full = OSError(errno.ENOSPC, "No space left on device", "/data/secrets.json")
    assert sentence_of(full) == "No disk space for /data/secrets.json."


def test_a_refused_login_says_what_to_check() -> None:
    assert "AFTERCALL_DATABASE_URL" in str(sentence_of(asyncpg.InvalidPasswordError("password authentication failed")))


def test_a_broker_that_is_away_is_a_sentence() -> None:
    assert "Kafka does not answer" in str(sentence_of(KafkaConnectionError("no node")))


def test_the_first_mendable_fault_of_a_group_is_told() -> None:
    group = BaseExceptionGroup("two", [ValueError("defect"), StartError("Say this.")])
    assert sentence_of(group) == "Say this."


def test_a_defect_of_the_program_has_no_sentence() -> None:
    assert sentence_of(KeyError("x")) is None


def test_a_database_that_ends_or_has_no_room_is_told_in_one_sentence() -> None:
    full = sentence_of(asyncpg.DiskFullError("could not extend file"))
    assert full == "No disk space for PostgreSQL (could not extend file): make room and start again."
    gone = asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
    assert "PostgreSQL ended in the middle of the work" in str(sentence_of(gone))
