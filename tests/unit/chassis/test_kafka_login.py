from pathlib import Path

import pytest

from chassis.kafka_login import ADMIN, broker_security, client_arguments, principal_of
from chassis.settings import Secrets, Settings, SettingsError, load_settings

SURVEY = principal_of("survey")


def settings_with(**given: object) -> Settings:
    return load_settings(
        kafka="broker:9092",
        database_url="postgresql://database/aftercall",
        secrets=Secrets.fresh(["aftercall_survey"], [SURVEY]),
        **given,
    )


def test_without_any_setting_nobody_logs_in() -> None:
    arguments = client_arguments(settings_with(), SURVEY)
    assert arguments == {"bootstrap_servers": "broker:9092", "security_protocol": "PLAINTEXT"}


@pytest.mark.parametrize("protocol", ["SASL_PLAINTEXT", "SASL_SSL"])
def test_a_client_logs_in_as_its_own_principal(protocol: str) -> None:
    settings = settings_with(kafka_security=protocol)
    arguments = client_arguments(settings, SURVEY)
    assert arguments["security_protocol"] == protocol
    assert arguments["sasl_mechanism"] == "SCRAM-SHA-512"
    assert arguments["sasl_plain_username"] == "aftercall-survey"
    assert arguments["sasl_plain_password"] == settings.secrets.kafka_passwords["aftercall-survey"]
    assert ("ssl_context" in arguments) == (protocol == "SASL_SSL")


def test_tls_checks_the_name_of_the_broker() -> None:
    assert client_arguments(settings_with(kafka_security="SSL"), SURVEY)["ssl_context"].check_hostname


@pytest.mark.parametrize("protocol", ["PLAINTEXT", "SASL_PLAINTEXT", "SASL_SSL", "SSL"])
def test_the_subscriber_logs_in_like_every_other_client(protocol: str) -> None:
    from faststream.kafka.security import parse_security

    settings = settings_with(kafka_security=protocol)
    asked = client_arguments(settings, SURVEY)
    told = parse_security(broker_security(settings, SURVEY))
    for name in ("security_protocol", "sasl_mechanism", "sasl_plain_username", "sasl_plain_password"):
        assert told.get(name) == asked.get(name)
    assert (told["ssl_context"] is None) == ("ssl_context" not in asked)


def test_a_principal_without_password_is_named() -> None:
    with pytest.raises(SettingsError, match=r"aftercall-admin.*kafka_passwords.*AFTERCALL_KAFKA_PASSWORDS"):
        client_arguments(settings_with(kafka_security="SASL_SSL"), ADMIN)


def test_a_ca_file_that_is_none_is_named(tmp_path: Path) -> None:
    for file in (tmp_path / "absent.pem", tmp_path / "empty.pem"):
        (tmp_path / "empty.pem").write_text("")
        with pytest.raises(SettingsError, match=rf"AFTERCALL_KAFKA_CA_FILE.*{file.name}"):
            client_arguments(settings_with(kafka_security="SSL", kafka_ca_file=file), SURVEY)


def test_an_unknown_protocol_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match="AFTERCALL_KAFKA_SECURITY"):
        settings_with(kafka_security="TLS")


def test_more_replicas_in_sync_than_there_are_is_refused() -> None:
    with pytest.raises(SettingsError, match="AFTERCALL_KAFKA_REPLICATION"):
        settings_with(kafka_min_insync=2)
    assert settings_with(kafka_replication=3, kafka_min_insync=2).kafka_min_insync == 2


def test_kafka_passwords_of_the_environment_go_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "secrets.json"
    file.write_text(Secrets.fresh([], [SURVEY, ADMIN]).model_dump_json())
    file.chmod(0o600)
    monkeypatch.setenv("AFTERCALL_KAFKA_PASSWORDS", '{"aftercall-survey": "word"}')
    found = load_settings(
        kafka="broker:9092", database_url="postgresql://database/aftercall", secrets_file=file
    ).secrets
    assert found.kafka_password_of(SURVEY) == "word"
    assert found.kafka_password_of(ADMIN) != "word"
