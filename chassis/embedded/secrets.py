"""The secrets of one data directory: made at the first start, kept for good, readable by their owner only."""

import base64
import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chassis.embedded.errors import EmbeddedError

KEYS = ("master_key", "index_key", "link_key", "session_key")
KEY_BYTES = 32
FILE_NAME = "secrets.json"


def ensure_secrets(data: Path, roles: Sequence[str]) -> Path:
    """Writes `<data>/secrets.json` with every key and a password for each database role, mode 0600.

    What the file already has never changes: a lost key is lost data. Keys or roles it lacks are added.
    """
    path = data / FILE_NAME
    known = _read(path)
    wanted = {name: known.get(name) or _new_key() for name in KEYS}
    passwords = known.get("database_passwords") or {}
    for role in roles:
        passwords.setdefault(role, secrets.token_urlsafe(24))
    complete = {**known, **wanted, "database_passwords": passwords}
    if complete != _read(path):
        write_private(path, json.dumps(complete, indent=2) + "\n")
    return path


def database_password(path: Path, role: str) -> str:
    return str(_read(path)["database_passwords"][role])


def write_private(path: Path, text: str) -> None:
    """Writes the file whole or not at all, with mode 0600 from its first byte."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise EmbeddedError(f"The file {path} cannot be written: {error.strerror}.") from error


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise EmbeddedError(f"The secrets file {path} cannot be read: {error}.") from error
    if not isinstance(content, dict):
        raise EmbeddedError(f"The secrets file {path} is not a JSON object.")
    return content


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
