"""The published schemas are the code's, and a breaking change cannot slip in."""

import json
from typing import ClassVar

import pytest

from contracts.compatibility import incompatibilities
from contracts.envelope import Event
from contracts.publish import ASYNCAPI, SCHEMAS, asyncapi, publish, schema_file, schema_of
from contracts.topics import BY_NAME, SERVICES, TOPICS, Topic


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_published_schema_is_the_model(topic: Topic) -> None:
    assert json.loads((SCHEMAS / schema_file(topic)).read_text()) == schema_of(topic.model)


def test_published_asyncapi_is_made_from_the_topic_table() -> None:
    assert json.loads((SCHEMAS / ASYNCAPI).read_text()) == asyncapi()


def test_nothing_published_is_left_over() -> None:
    assert {p.name for p in SCHEMAS.glob("*.json")} == {schema_file(t) for t in TOPICS} | {ASYNCAPI}


def test_every_service_is_reached_by_some_topic() -> None:
    assert {service for topic in TOPICS for service in topic.consumers} >= set(SERVICES)


class _Published(Event):
    topic: ClassVar[str] = "example"
    kept: str
    optional: int | None = None


class _Grown(_Published):
    added: str = ""


class _Demanding(_Published):
    added: str


class _Shrunk(Event):
    topic: ClassVar[str] = "example"
    kept: str


class _Retyped(Event):
    topic: ClassVar[str] = "example"
    kept: int
    optional: int | None = None


class _NoLongerOptional(Event):
    topic: ClassVar[str] = "example"
    kept: str
    optional: int = 0


def test_a_new_field_with_a_default_is_compatible() -> None:
    assert incompatibilities(schema_of(_Published), schema_of(_Grown)) == []


@pytest.mark.parametrize("model", [_Demanding, _Shrunk, _Retyped, _NoLongerOptional])
def test_a_breaking_change_is_named(model: type[Event]) -> None:
    assert incompatibilities(schema_of(_Published), schema_of(model)) != []


def test_a_lost_enumeration_value_is_named() -> None:
    old = schema_of(BY_NAME["attempt-closed"].model)
    new = json.loads(json.dumps(old))
    new["$defs"]["Disposition"]["enum"].remove("busy")
    assert incompatibilities(old, new) == ["/disposition: values removed: ['busy']"]


def test_publishing_an_incompatible_schema_writes_nothing(tmp_path) -> None:  # type: ignore[no-untyped-def]
    publish(tmp_path)
    path = tmp_path / schema_file(BY_NAME["customer-erased"])
    schema = json.loads(path.read_text())
    schema["properties"]["vanished"] = {"type": "string"}
    path.write_text(json.dumps(schema))
    assert publish(tmp_path) == ["customer-erased/vanished: field removed"]
    assert json.loads(path.read_text()) == schema
