"""What the ledger keeps of a record."""

from dataclasses import dataclass, field
from uuid import UUID

import pytest

from contracts.ids import intake_id
from contracts.topics import BY_NAME, SERVICES
from launcher.verify.records import Subject, line_of
from launcher.verify.trails import TRAILS

EVENT = UUID("01927f0a-0000-7000-8000-000000000001")
CAUSE = UUID("01927f0a-0000-7000-8000-000000000002")


@dataclass(frozen=True)
class Record:
    value: bytes | None = b'{"case_id": "AC-1", "revision": 3}'
    headers: list[tuple[str, bytes | None]] = field(default_factory=list)
    key: bytes | None = b"ref"
    topic: str = "case-changed"
    partition: int = 4
    offset: int = 7
    timestamp: int = 1_760_000_000_000


def test_an_event_is_known_by_its_headers_and_its_subject_by_its_body() -> None:
    headers = [("ce_id", str(EVENT).encode()), ("ce_source", b"/aftercall/followup")]
    record = Record(headers=[*headers, ("ce_causationid", str(CAUSE).encode())])
    line = line_of(record, intake=False, subject=TRAILS["case-changed"].subject)
    assert (line.event_id, line.cause, line.producer) == (EVENT, CAUSE, "followup")
    assert (line.subject, line.revision) == ("AC-1", 3)


def test_on_intake_the_place_is_the_identity_whatever_the_headers_say() -> None:
    record = Record(headers=[("ce_id", str(EVENT).encode())])
    line = line_of(record, intake=True, subject=None)
    assert line.event_id == intake_id("case-changed", 4, 7, 1_760_000_000_000)
    assert (line.producer, line.cause) == ("", None)


@pytest.mark.parametrize("value", [None, b"", b"null", b"[1]", b"{", b"\xff", b'{"case_id": "AC-1"}', b"[" * 100_000])
def test_a_body_that_cannot_be_read_names_nothing(value: bytes | None) -> None:
    line = line_of(Record(value=value), intake=False, subject=TRAILS["case-changed"].subject)
    assert (line.subject, line.revision) == (None, 0)


def test_bytes_that_no_database_takes_are_replaced() -> None:
    record = Record(key=b"a\x00\xff", headers=[("ce_source", b"x/\x00y"), ("ce_id", None)])
    line = line_of(record, intake=False, subject=Subject(lambda _: "one\x00two"))
    assert line.key == "a\ufffd\ufffd"
    assert (line.producer, line.subject) == ("y", "onetwo")


def test_trails_name_only_producers_and_consumers_of_their_topics() -> None:
    for name, trail in TRAILS.items():
        assert set(trail.told) <= set(BY_NAME[name].producers), name
        assert set(trail.left) <= set(BY_NAME[name].consumers) & set(SERVICES), name
