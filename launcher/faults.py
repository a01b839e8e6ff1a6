"""What goes wrong at a start, as one sentence for the terminal."""

import errno

import asyncpg
from aiokafka.errors import AuthenticationFailedError, KafkaError, SaslAuthenticationFailed

from chassis.embedded.errors import EmbeddedError
from chassis.settings import SettingsError


class StartError(Exception):
    """Why a command cannot do what it was asked for, as one sentence."""


def sentence_of(error: BaseException) -> str | None:
    """The sentence for a fault that a person at the terminal can mend; None for a defect of the program."""
    from chassis.kafka_grants import GrantRefused  # both slow to import, needed only when something went wrong
    from chassis.kafka_topics import MissingTopic

    if isinstance(error, BaseExceptionGroup):
        return next((found for inner in error.exceptions if (found := sentence_of(inner))), None)
    if isinstance(error, StartError | EmbeddedError | SettingsError | MissingTopic | GrantRefused):
        return str(error)
    if isinstance(error, asyncpg.InvalidAuthorizationSpecificationError | asyncpg.InvalidCatalogNameError):
        return (
            f"The database refuses the login ({error}): check AFTERCALL_DATABASE_URL and run ./aftercall migrate once."
        )
    if isinstance(error, asyncpg.DiskFullError):
        return f"No disk space for PostgreSQL ({error.args[0]}): make room and start again."
    if isinstance(error, asyncpg.PostgresConnectionError | asyncpg.InternalClientError):
        return f"PostgreSQL ended in the middle of the work ({error.args[0]}): see its log, then start again."
    if isinstance(error, AuthenticationFailedError | SaslAuthenticationFailed):
        return f"Kafka refuses the login ({error}): check kafka_passwords and run ./aftercall migrate once."
    if isinstance(error, KafkaError):
        return f"Kafka does not answer as it should: {error}."
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"No disk space{f' for {error.filename}' if error.filename else ''}."
    if isinstance(error, OSError):
        return f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}."
    return None
