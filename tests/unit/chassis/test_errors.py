from uuid import uuid4

import aiokafka.errors
import asyncpg
import pytest

from chassis.errors import InvalidEvent, is_transient


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.DeadlockDetectedError("deadlock"),
        asyncpg.SerializationError("serialize"),
        asyncpg.AdminShutdownError("shutdown"),
        asyncpg.CannotConnectNowError("starting"),
        asyncpg.ConnectionDoesNotExistError("closed in the middle"),
        asyncpg.TooManyConnectionsError("too many"),
        asyncpg.InterfaceError("connection is closed"),
        aiokafka.errors.KafkaConnectionError("away"),
        aiokafka.errors.NotLeaderForPartitionError(),
        ConnectionRefusedError(),
        TimeoutError(),
        ExceptionGroup("both", [ConnectionResetError(), TimeoutError()]),
    ],
)
def test_a_database_or_broker_that_is_away_may_be_there_later(error: BaseException) -> None:
    assert is_transient(error)


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.UniqueViolationError("twice"),
        asyncpg.QueryCanceledError("too slow"),
        asyncpg.InterfaceError("the server expects 1 argument"),
        aiokafka.errors.MessageSizeTooLargeError(),
        FileNotFoundError(),
        ValueError(),
        ExceptionGroup("mixed", [TimeoutError(), ValueError()]),
        InvalidEvent(uuid4(), "answers.0", "has no such question"),
    ],
)
def test_trying_again_mends_nothing_else(error: BaseException) -> None:
    assert not is_transient(error)
