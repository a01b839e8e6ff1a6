"""Writes the published contracts: one JSON Schema per topic, and the AsyncAPI 3 document.

`python -m contracts.publish` refuses to overwrite a schema incompatibly; a breaking change needs a new major version.
"""

import json
import sys
from importlib import resources
from pathlib import Path
from typing import Any

from contracts.compatibility import incompatibilities
from contracts.envelope import Event, type_of
from contracts.topics import PARTITIONS, TOPICS, Topic

SCHEMAS = Path(str(resources.files("contracts"))) / "schemas"
ASYNCAPI = "asyncapi.json"


def schema_of(model: type[Event]) -> dict[str, Any]:
    return {"$id": f"{model.topic}.v{model.version}", **model.model_json_schema(mode="validation")}


def schema_file(topic: Topic) -> str:
    return f"{topic.name}.v{topic.model.version}.json"


def asyncapi() -> dict[str, Any]:
    """AsyncAPI 3.0.0: a channel and a message per topic, an operation per (service, topic)."""
    operations: dict[str, Any] = {}
    for topic in TOPICS:
        reference = {"$ref": f"#/channels/{topic.name}"}
        for service in topic.producers:
            operations[f"{service}-sends-{topic.name}"] = {"action": "send", "channel": reference, "summary": service}
        for service in topic.consumers:
            operations[f"{service}-reads-{topic.name}"] = {
                "action": "receive",
                "channel": reference,
                "summary": service,
            }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Aftercall", "version": "1", "description": "After-service callbacks over Apache Kafka."},
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": operations,
        "components": {"messages": {topic.name: _message(topic) for topic in TOPICS}},
    }


def _channel(topic: Topic) -> dict[str, Any]:
    return {
        "address": topic.name,
        "messages": {"event": {"$ref": f"#/components/messages/{topic.name}"}},
        "bindings": {"kafka": {"topic": topic.name, "partitions": PARTITIONS, "bindingVersion": "0.5.0"}},
    }


def _message(topic: Topic) -> dict[str, Any]:
    headers = {
        name: {"type": "string"}
        for name in ("ce_specversion", "ce_id", "ce_source", "ce_time", "ce_correlationid", "ce_causationid")
    }
    headers["ce_type"] = {"type": "string", "const": type_of(topic.model)}
    schema = json.loads(
        json.dumps(schema_of(topic.model)).replace("#/$defs/", f"#/components/messages/{topic.name}/payload/$defs/")
    )
    return {
        "name": topic.name,
        "contentType": "application/json",
        "headers": {"type": "object", "properties": headers},
        "payload": {key: value for key, value in schema.items() if key != "$id"},
    }


def publish(directory: Path) -> list[str]:
    """Write all files; returns the incompatibilities found, in which case nothing was written."""
    broken = []
    for topic in TOPICS:
        path = directory / schema_file(topic)
        if path.exists():
            found = incompatibilities(json.loads(path.read_text()), schema_of(topic.model))
            broken += [f"{topic.name}{reason}" for reason in found]
    if broken:
        return broken
    for topic in TOPICS:
        (directory / schema_file(topic)).write_text(_json(schema_of(topic.model)))
    (directory / ASYNCAPI).write_text(_json(asyncapi()))
    return []


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    problems = publish(SCHEMAS)
    sys.exit("\n".join(problems) if problems else 0)
