"""A broken connection to the broker is told as one under uvloop too.

To write on a connection that is closed raises RuntimeError under uvloop. aiokafka 0.14 expects OSError only
(aio-libs/aiokafka#1038): the task that reads, or sends, for a client then ended for good while its process lived on.
"""

from functools import wraps
from typing import Any

from aiokafka.conn import AIOKafkaConnection, CloseReason
from aiokafka.errors import KafkaConnectionError, KafkaError

_MENDED = ("send", "_send_sasl_token")


def tell_broken_connections() -> None:
    """For all clients of this process; again changes nothing."""
    for name in _MENDED:
        given = getattr(AIOKafkaConnection, name)
        if not hasattr(given, "__wrapped__"):
            setattr(AIOKafkaConnection, name, _telling(given))


def _telling(send: Any) -> Any:
    @wraps(send)
    def telling(connection: AIOKafkaConnection, *arguments: Any, **named: Any) -> Any:
        try:
            return send(connection, *arguments, **named)
        except KafkaError:  # a RuntimeError too, but one that is understood
            raise
        except RuntimeError as error:
            connection.close(reason=CloseReason.CONNECTION_BROKEN)
            raise KafkaConnectionError(f"Connection at {connection.host}:{connection.port} broken: {error}") from error

    return telling
