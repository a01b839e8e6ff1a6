import base64
import json
from pathlib import Path

import pytest

from chassis.settings import Secrets, Settings, SettingsError, load_settings

KEYS = ("MASTER_KEY", "INDEX_KEY", "LINK_KEY", "SESSION_KEY")
A_KEY = base64.b64encode(b"k" * 32).decode()


@pytest.fixture(autouse=True)
def addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERCALL_KAFKA", "127.0.0.1:9092")
    monkeypatch.setenv("AFTERCALL_DATABASE_URL", "postgresql://owner:hidden-word@127.0.0.1/aftercall")


def a_file(folder: Path, *, mode: int = 0o600) -> Path:
    file = folder / "secrets.json"
    file.write_text(Secrets.fresh(["aftercall_alpha"]).model_dump_json())
    file.chmod(mode)
    return file


def test_secrets_come_whole_from_a_file(tmp_path: Path) -> None:
    settings = load_settings(secrets_file=a_file(tmp_path))
    assert len(settings.secrets.master_key) == 32
    assert settings.secrets.password_of("aftercall_alpha")


def test_a_secret_in_the_environment_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERCALL_MASTER_KEY", A_KEY)
    assert load_settings(secrets_file=a_file(tmp_path)).secrets.master_key == b"k" * 32


def test_secrets_come_from_the_environment_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEYS:
        monkeypatch.setenv(f"AFTERCALL_{name}", A_KEY)
    monkeypatch.setenv("AFTERCALL_DATABASE_PASSWORDS", json.dumps({"aftercall_beta": "word"}))
    assert load_settings().secrets.password_of("aftercall_beta") == "word"


def test_every_missing_key_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERCALL_MASTER_KEY", A_KEY)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert "AFTERCALL_MASTER_KEY is" not in str(refused.value)
    assert "AFTERCALL_LINK_KEY is not set." in str(refused.value)
    assert "AFTERCALL_SECRETS_FILE" in str(refused.value)


@pytest.mark.parametrize("given", ["short", "c2hvcnQ=", "!!!!"])
def test_a_key_that_is_no_key_is_named_and_not_shown(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERCALL_MASTER_KEY", given)
    with pytest.raises(SettingsError, match="AFTERCALL_MASTER_KEY") as refused:
        load_settings()
    assert given not in str(refused.value)


def test_a_missing_address_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AFTERCALL_KAFKA")
    with pytest.raises(SettingsError, match=r"AFTERCALL_KAFKA is not set\."):
        load_settings(secrets_file=a_file(tmp_path))


def test_a_role_without_password_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="aftercall_gamma"):
        load_settings(secrets_file=a_file(tmp_path)).secrets.password_of("aftercall_gamma")


def test_an_address_without_password_takes_the_one_of_its_user(tmp_path: Path) -> None:
    file = a_file(tmp_path)
    word = Secrets.read(file).password_of("aftercall_alpha")
    for given, filled in (
        ("postgresql://aftercall_alpha@db:5432/aftercall", f"postgresql://aftercall_alpha:{word}@db:5432/aftercall"),
        ("postgresql://aftercall_alpha:own@db/aftercall", "postgresql://aftercall_alpha:own@db/aftercall"),
        ("postgresql://stranger@db/aftercall", "postgresql://stranger@db/aftercall"),
        ("postgresql://db/aftercall", "postgresql://db/aftercall"),
    ):
        assert load_settings(database_url=given, secrets_file=file).database_url == filled


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o660])
def test_a_secrets_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(SettingsError, match="chmod 600"):
        load_settings(secrets_file=a_file(tmp_path, mode=mode))


def test_a_missing_secrets_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.json"):
        load_settings(secrets_file=tmp_path / "nowhere.json")


def test_printing_settings_shows_no_secret(tmp_path: Path) -> None:
    settings: Settings = load_settings(secrets_file=a_file(tmp_path))
    shown = f"{settings!r} {settings} {settings.secrets!r}"
    assert "hidden-word" not in shown
    assert settings.secrets.password_of("aftercall_alpha") not in shown
    assert repr(settings.secrets.master_key) not in shown
