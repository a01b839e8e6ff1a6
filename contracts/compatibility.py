"""May the new schema of a topic replace the published one? Events only grow."""

from typing import Any

Schema = dict[str, Any]


def incompatibilities(published: Schema, proposed: Schema) -> list[str]:
    """Reasons, with their paths, why a consumer or a stored event of `published` would break under `proposed`.

    Allowed: new optional fields, new definitions, changed descriptions. Refused: a field that vanished or changed its
    type, a new required field, an enumeration that lost a value, a constraint that became tighter.
    """
    return list(_compare("", published, proposed, published, proposed))


def _resolve(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


def _compare(path: str, old: Schema, new: Schema, old_root: Schema, new_root: Schema) -> list[str]:
    old, new = _resolve(old, old_root), _resolve(new, new_root)
    found = [*_types(path, old, new), *_required(path, old, new)]
    for name, field in old.get("properties", {}).items():
        if name not in new.get("properties", {}):
            found.append(f"{path}/{name}: field removed")
        else:
            found += _compare(f"{path}/{name}", field, new["properties"][name], old_root, new_root)
    if isinstance(old.get("items"), dict) and isinstance(new.get("items"), dict):
        found += _compare(f"{path}[]", old["items"], new["items"], old_root, new_root)
    found += _alternatives(path, old, new, old_root, new_root)
    return found


def _types(path: str, old: Schema, new: Schema) -> list[str]:
    found = []
    if "type" in old and old["type"] != new.get("type", old["type"]):
        found.append(f"{path}: type {old['type']} became {new['type']}")
    values: list[object] = old.get("enum", [])
    lost = set(values) - set(new.get("enum", values))
    if lost:
        found.append(f"{path}: values removed: {sorted(map(str, lost))}")
    for word in ("pattern", "maxLength", "maximum", "minLength", "minimum", "format"):
        if word in new and new[word] != old.get(word):
            found.append(f"{path}: {word} {old.get(word)} became {new[word]}")
    return found


def _required(path: str, old: Schema, new: Schema) -> list[str]:
    added = set(new.get("required", [])) - set(old.get("required", []))
    return [f"{path}/{name}: newly required" for name in sorted(added)]


def _alternatives(path: str, old: Schema, new: Schema, old_root: Schema, new_root: Schema) -> list[str]:
    """Every alternative of the old schema must still be accepted by one of the new."""
    if "anyOf" not in old:
        return []
    offered = new.get("anyOf", [new])
    return [
        f"{path}: alternative {one.get('type', one.get('$ref'))} removed"
        for one in old["anyOf"]
        if not any(
            not _compare(path, one, other, old_root, new_root) and _kind(one, old_root) == _kind(other, new_root)
            for other in offered
        )
    ]


def _kind(schema: Schema, root: Schema) -> object:
    resolved = _resolve(schema, root)
    return resolved.get("type"), resolved.get("title")
