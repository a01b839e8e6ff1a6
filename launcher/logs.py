"""The log of a process: one JSON object a line, and never the message of an exception.

Messages of exceptions can hold values of the documents that caused them; type and places are enough to find a defect.
"""

import json
import logging
import logging.handlers
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

FILE_NAME = "aftercall.log"
LIMIT = 20 * 2**20


class _Line(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            **(record.msg if isinstance(record.msg, dict) else {"event": record.getMessage()}),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["exception"] = places(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


class _Sparing(logging.Filter):
    """A library that says the same over and over, as clients do while a server is away, is heard once in a while."""

    def __init__(self, prefix: str, seconds: float) -> None:
        super().__init__()
        self._prefix = prefix
        self._seconds = seconds
        self._heard: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith(self._prefix):
            return True
        words = str(record.msg)
        if record.created - self._heard.get(words, 0.0) < self._seconds:
            return False
        self._heard[words] = record.created
        return True


def places(error: BaseException) -> list[str]:
    """The exception and its causes by type, each with where it came from, innermost place last; no messages."""
    found: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        frames = traceback.extract_tb(cause.__traceback__)
        way = " > ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)
        found.append(f"{type(cause).__name__}: {way}")
        cause = cause.__cause__ or cause.__context__
    return found


def log_to(directory: Path | None) -> None:
    """To `<directory>/aftercall.log`, readable by its owner only; without a directory to standard error."""
    handler: logging.Handler = logging.StreamHandler(sys.stderr)
    if directory is not None:
        file = directory / FILE_NAME
        file.touch(mode=0o600)
        handler = logging.handlers.RotatingFileHandler(file, maxBytes=LIMIT, backupCount=3, encoding="utf-8")
    handler.setFormatter(_Line())
    handler.addFilter(_Sparing("aiokafka", seconds=10))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for ours in ("chassis", "services", "launcher"):
        logging.getLogger(ours).setLevel(logging.INFO)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, structlog.contextvars.merge_contextvars, _to_record],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _to_record(_logger: object, _method: str, event: structlog.typing.EventDict) -> Any:
    exception = event.pop("exc_info", None)
    return (dict(event),), {"exc_info": exception} if exception else {}
