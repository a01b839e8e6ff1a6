"""Kafka's Java archives: downloaded once for each user of the machine, then read from the cache."""

import contextlib
import fcntl
import io
from pathlib import Path

from chassis.embedded.errors import EmbeddedError

KAFKA_VERSION = "4.3.1"
COORDINATE = (
    f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}+org.slf4j:slf4j-simple:1.7.36"  # Kafka brings no logger of its own
)
NEEDED = ("kafka_2.13-", "kafka-clients-", "kafka-server-", "scala-library-", "slf4j-simple-")


def kafka_class_path() -> str:
    """Raises EmbeddedError when the archives are not here and cannot be downloaded."""
    lock = Path.home() / ".cache" / "aftercall-jars.lock"
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        with lock.open("a") as hold:
            fcntl.flock(hold, fcntl.LOCK_EX)  # two processes that fill one cache leave torn files
            archives = _archives(update=False)
            if not _complete(archives):
                archives = _archives(update=True)
    except OSError as error:
        raise _failed(error) from error
    if not _complete(archives):
        raise EmbeddedError(f"Apache Kafka {KAFKA_VERSION} is incomplete in ~/.m2/repository: delete it and try again.")
    return ":".join(str(archive) for archive in archives)


def _archives(*, update: bool) -> list[Path]:
    import jgo  # it reads its configuration files on import

    try:
        with contextlib.redirect_stdout(io.StringIO()):  # the launcher's output is for its own words
            return sorted(Path(archive) for archive in jgo.build(COORDINATE, update=update).all_jars)
    except Exception as error:  # jgo lets the errors of its HTTP library, its parser and the disk through
        raise _failed(error) from error


def _complete(archives: list[Path]) -> bool:
    names = [archive.name for archive in archives if archive.exists() and archive.stat().st_size > 0]
    return all(any(name.startswith(needed) for name in names) for needed in NEEDED)


def _failed(error: Exception) -> EmbeddedError:
    words = str(error).strip().splitlines() or [type(error).__name__]
    return EmbeddedError(
        f"Apache Kafka {KAFKA_VERSION} could not be downloaded from Maven Central: {words[0].rstrip('.')}."
    )
