"""A raw Kafka record judged: an event, or a fault that names the field and the rule but never the value."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from contracts.envelope import Event, major_version
from contracts.events.intake import MAXIMUM_DOCUMENT_BYTES
from contracts.ids import intake_id
from contracts.topics import BY_NAME, Topic

UNKNOWN_VERSION = "unknown version"
_READ = frozenset({"ce_id", "ce_type", "ce_time"})


class RawRecord(Protocol):
    """What is used of a consumed record."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]: ...


@dataclass(frozen=True)
class Fault:
    """Why a record can never be handled. `field` is a path, `rule` a sentence; neither holds a value."""

    rule: str
    field: str | None = None
    parks: bool = False
    """A later version of the code may understand it: wait instead of giving up."""
    blocks: bool = False
    """Nobody knows what was wrong: later events of the same topic and customer wait for the replay."""


@dataclass(frozen=True)
class Inbound:
    """One record with its identity. Exactly one of `event` and `fault` is set."""

    raw: RawRecord
    topic: Topic
    event_id: UUID
    key: str
    time: datetime
    event: Event | None = None
    fault: Fault | None = None

    def failed(self, fault: Fault) -> "Inbound":
        return replace(self, event=None, fault=fault)


@lru_cache
def _adapter(model: type[Event]) -> TypeAdapter[Event]:
    return TypeAdapter(model)


def judge(record: RawRecord) -> Inbound:
    """Never raises for anything a record can hold."""
    topic = BY_NAME[record.topic]
    headers = _readable_headers(record.headers)
    if topic.intake:
        # On intake the record's key is ignored: identity is in the document.
        event, fault = _event_of(record, topic, _intake_fault(record, headers))
        return Inbound(record, topic, _place_id(record), "", _received(record), event, fault)
    named, fault = _identity(headers)
    key = (record.key or b"").decode("utf-8", "replace")
    event, fault = _event_of(record, topic, fault or _internal_fault(record, headers, topic))
    if event is not None and event.key() != key:
        event, fault = None, Fault("the record's key is not the key of its body", "key")
    time = _time(headers) or _received(record)
    return Inbound(record, topic, named or _place_id(record), key, time, event, fault)


def once(inbound: Sequence[Inbound]) -> list[Inbound]:
    """The same event twice in one batch counts once."""
    return list({i.event_id: i for i in reversed(inbound)}.values())[::-1]


def by_topic(inbound: Iterable[Inbound]) -> dict[str, list[Inbound]]:
    found: dict[str, list[Inbound]] = {}
    for one in inbound:
        found.setdefault(one.topic.name, []).append(one)
    return found


def judge_document(topic: Topic, body: bytes) -> Event | Fault:
    """The same judgement for a document that came by another road than Kafka."""
    if not body or not body.strip():
        return Fault("the document is empty")
    if topic.intake and len(body) > MAXIMUM_DOCUMENT_BYTES:
        return Fault(f"the document is larger than {MAXIMUM_DOCUMENT_BYTES} bytes")
    try:
        return _adapter(topic.model).validate_json(body)
    except ValidationError as error:
        return _first(error)
    except RecursionError:
        return Fault("the document is nested too deeply")


def _event_of(record: RawRecord, topic: Topic, fault: Fault | None) -> tuple[Event | None, Fault | None]:
    """Exactly one of the two; `fault`: what is known to be wrong before the body is looked at."""
    if fault is not None:
        return None, fault
    judged = judge_document(topic, record.value or b"")
    return (None, judged) if isinstance(judged, Fault) else (judged, None)


def _place_id(record: RawRecord) -> UUID:
    return intake_id(record.topic, record.partition, record.offset, record.timestamp)


def _first(error: ValidationError) -> Fault:
    first: Mapping[str, Any] = error.errors(include_url=False, include_context=False, include_input=False)[0]
    path = ".".join(str(step) for step in first["loc"]) or None
    # The message of a JSON fault may quote the document; its type never does.
    rule = "not valid JSON" if first["type"] == "json_invalid" else _rule(first)
    return Fault(rule, path)


_RULES = {
    "missing": "is required",
    "timezone_aware": "needs an offset from UTC, such as +08:00",
    "datetime_from_date_parsing": "is not a date and time",
    "datetime_parsing": "is not a date and time",
    "string_pattern_mismatch": "does not match the allowed pattern",
    "enum": "is not one of the allowed values",
    "literal_error": "is not one of the allowed values",
}


def _rule(fault: Mapping[str, Any]) -> str:
    return _RULES.get(fault["type"], str(fault["type"]).replace("_", " "))


def _readable_headers(headers: Sequence[tuple[str, bytes | None]]) -> dict[str, str]:
    return {name: value.decode("utf-8", "replace") for name, value in headers if name in _READ and value is not None}


def _intake_fault(record: RawRecord, headers: Mapping[str, str]) -> Fault | None:
    if record.value is None:
        return Fault("the record has no value")
    version = major_version(headers.get("ce_type", ""))
    return None if version in (None, BY_NAME[record.topic].model.version) else Fault(UNKNOWN_VERSION, "ce_type")


def _internal_fault(record: RawRecord, headers: Mapping[str, str], topic: Topic) -> Fault | None:
    if record.value is None:
        return Fault("the record has no value")
    version = major_version(headers.get("ce_type", ""))
    if version is None:
        return Fault("is not a type of this system", "ce_type")
    return None if version == topic.model.version else Fault(UNKNOWN_VERSION, "ce_type", parks=True)


def _identity(headers: Mapping[str, str]) -> tuple[UUID | None, Fault | None]:
    try:
        return UUID(headers["ce_id"]), None
    except (KeyError, ValueError):
        return None, Fault("is missing or no UUID", "ce_id")


def _received(record: RawRecord) -> datetime:
    return datetime.fromtimestamp(max(record.timestamp, 0) / 1000, UTC)


def _time(headers: Mapping[str, str]) -> datetime | None:
    try:
        time = datetime.fromisoformat(headers["ce_time"])
    except (KeyError, ValueError):
        return None
    return time if time.tzinfo else None
