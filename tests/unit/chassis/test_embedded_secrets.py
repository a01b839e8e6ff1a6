import base64
import json
from pathlib import Path

import pytest

from chassis.embedded.errors import EmbeddedError
from chassis.embedded.secrets import KEYS, database_password, ensure_secrets, write_private
from chassis.settings import Secrets


def test_the_file_holds_keys_of_32_bytes_and_is_private(tmp_path: Path) -> None:
    path = ensure_secrets(tmp_path, ("aftercall_owner",))
    content = json.loads(path.read_text())
    assert [len(base64.b64decode(content[key])) for key in KEYS] == [32] * len(KEYS)
    assert path.stat().st_mode & 0o777 == 0o600
    assert Secrets.read(path).password_of("aftercall_owner") == database_password(path, "aftercall_owner")


def test_a_later_start_keeps_every_secret_and_adds_new_roles(tmp_path: Path) -> None:
    before = json.loads(ensure_secrets(tmp_path, ("aftercall_owner",)).read_text())
    after = json.loads(ensure_secrets(tmp_path, ("aftercall_owner", "aftercall_new")).read_text())
    assert after["database_passwords"].pop("aftercall_new")
    assert after == before


def test_a_torn_secrets_file_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text('{"master_key": "AAA')
    with pytest.raises(EmbeddedError, match="cannot be read"):
        ensure_secrets(tmp_path, ())
    assert (tmp_path / "secrets.json").read_text() == '{"master_key": "AAA'


def test_a_private_file_replaces_a_readable_one(tmp_path: Path) -> None:
    (tmp_path / "ready.json").write_text("old")
    write_private(tmp_path / "ready.json", "new")
    assert (tmp_path / "ready.json").read_text() == "new"
    assert (tmp_path / "ready.json").stat().st_mode & 0o777 == 0o600
