"""Which faults blame the record, which the moment, and which nobody knows yet."""

from uuid import UUID

import aiokafka.errors
import asyncpg

# connection lost (08), out of connections, memory or disk (53), server going down or coming up (57P0)
_TRANSIENT_CLASSES = ("08", "53", "57P0")
_TRANSIENT_STATES = ("40001", "40P01")  # serialization failure, deadlock
# these are about a file of ours, not about a peer that is away: trying again mends nothing
_LASTING = (FileNotFoundError, FileExistsError, PermissionError, IsADirectoryError, NotADirectoryError)


class InvalidEvent(Exception):
    """A record that breaks a rule for good: it becomes a dead letter, its neighbours go on.

    `field` is a path and `rule` a sentence; neither ever holds the value itself.
    """

    def __init__(self, event_id: UUID, field: str, rule: str) -> None:
        super().__init__(f"event {event_id}: {field}: {rule}")
        self.event_id = event_id
        self.field = field
        self.rule = rule


def cannot_be_kept(error: BaseException) -> bool:
    """True for what came from outside and fits no column: a NUL or half a sign in a text, a number too large."""
    wrong = isinstance(error.__cause__, UnicodeEncodeError | OverflowError)
    return isinstance(error, asyncpg.CharacterNotInRepertoireError) or (wrong and "query argument" in str(error))


def is_transient(error: BaseException) -> bool:
    """True when the same work may succeed later without anybody changing anything: database or broker away, deadlock.

    A slow statement (transaction timeout) is not transient: it would be tried forever.
    """
    if isinstance(error, BaseExceptionGroup):
        return all(is_transient(inner) for inner in error.exceptions)
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        return state.startswith(_TRANSIENT_CLASSES) or state in _TRANSIENT_STATES
    if isinstance(error, asyncpg.InternalClientError):
        # what the driver says when the server dies in the middle of an answer; it closes that connection
        return True
    if isinstance(error, asyncpg.InterfaceError):
        # the driver uses this type for wrong arguments too; only its text tells a lost connection
        return "connection is closed" in str(error)
    if isinstance(error, aiokafka.errors.KafkaError):
        lost = isinstance(error, aiokafka.errors.KafkaConnectionError | aiokafka.errors.KafkaTimeoutError)
        return lost or bool(error.retriable)
    return isinstance(error, OSError) and not isinstance(error, _LASTING)
