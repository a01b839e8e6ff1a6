import json
import stat
from pathlib import Path

import pytest

from chassis.kafka_rights import PARTICIPANTS
from chassis.settings import Secrets
from contracts.topics import SERVICES
from launcher.faults import StartError
from launcher.secret_file import make_secrets, share


def a_file(folder: Path) -> Path:
    file = folder / "admin" / "secrets.json"
    file.parent.mkdir(parents=True)
    make_secrets(file)
    return file


def test_a_new_file_has_a_password_for_every_role_and_principal(tmp_path: Path) -> None:
    found = Secrets.read(a_file(tmp_path))
    assert {"aftercall_owner", "aftercall_auditor", "aftercall_survey"} <= found.database_passwords.keys()
    assert found.kafka_passwords.keys() == {"aftercall-admin", *(f"aftercall-{name}" for name in PARTICIPANTS)}


def test_an_existing_file_is_never_replaced(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="exists"):
        make_secrets(a_file(tmp_path))


def test_a_service_gets_the_keys_and_its_own_passwords_only(tmp_path: Path) -> None:
    file = a_file(tmp_path)
    share(file, tmp_path)
    whole = Secrets.read(file)
    for service in SERVICES:
        own = Secrets.read(tmp_path / service / "secrets.json")
        assert own.master_key == whole.master_key
        assert own.database_passwords == {f"aftercall_{service}": whole.password_of(f"aftercall_{service}")}
        assert own.kafka_passwords == {f"aftercall-{service}": whole.kafka_password_of(f"aftercall-{service}")}


def test_a_server_gets_one_password_and_no_key(tmp_path: Path) -> None:
    file = a_file(tmp_path)
    share(file, tmp_path)
    whole = Secrets.read(file)
    assert (tmp_path / "database" / "password").read_text() == whole.password_of("aftercall_owner")
    assert (tmp_path / "kafka" / "password").read_text() == whole.kafka_password_of("aftercall-admin")
    assert sorted(p.name for name in ("database", "kafka") for p in (tmp_path / name).iterdir()) == ["password"] * 2


def test_sharing_again_changes_nothing_and_adds_what_a_newer_program_needs(tmp_path: Path) -> None:
    file = a_file(tmp_path)
    content = json.loads(file.read_text())
    del content["kafka_passwords"]["aftercall-crm"]
    file.write_text(json.dumps(content))
    share(file, tmp_path)
    first = Secrets.read(file)
    share(file, tmp_path)
    assert Secrets.read(file) == first
    assert first.kafka_passwords.keys() > content["kafka_passwords"].keys()
    assert first.kafka_passwords | content["kafka_passwords"] == first.kafka_passwords
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
