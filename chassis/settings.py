"""What a process is told from outside: addresses, logins, secrets, zone, language."""

import base64
import binascii
import json
import os
import secrets as randomness
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "AFTERCALL_"
KEY_BYTES = 32  # AES-256 and HMAC-SHA256


class SettingsError(Exception):
    """One sentence for the person who starts the program: which setting is wrong and what it wants."""


def _key(given: object) -> object:
    if not isinstance(given, str):
        return given
    try:
        return base64.b64decode(given, validate=True)
    except binascii.Error as error:
        raise ValueError("is not base64") from error


Key = Annotated[
    bytes,
    BeforeValidator(_key),
    Field(min_length=KEY_BYTES, max_length=KEY_BYTES, repr=False),
    PlainSerializer(lambda key: base64.b64encode(key).decode(), return_type=str, when_used="json"),
]


class Secrets(BaseModel):
    """The keys that are never in the database. In JSON and in the environment a key is 32 bytes in base64."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    master_key: Key
    index_key: Key
    link_key: Key
    session_key: Key
    database_passwords: dict[str, str] = Field(default_factory=dict, repr=False)
    kafka_passwords: dict[str, str] = Field(default_factory=dict, repr=False)

    @classmethod
    def fresh(cls, roles: Iterable[str], principals: Iterable[str] = ()) -> Self:
        """New random keys and one password for each database role and each Kafka principal."""
        keys = {name: randomness.token_bytes(KEY_BYTES) for name in KEY_NAMES}
        return cls(
            **keys,
            database_passwords={role: randomness.token_urlsafe(24) for role in roles},
            kafka_passwords={principal: randomness.token_urlsafe(24) for principal in principals},
        )

    @classmethod
    def read(cls, file: Path) -> Self:
        """Raises `SettingsError` when the file is missing, readable for others, or not whole."""
        return cls.model_validate(_file_content(file))

    def password_of(self, role: str) -> str:
        if role not in self.database_passwords:
            raise SettingsError(
                f"No password for the database role {role}: add it to database_passwords "
                f"in the secrets file or in {PREFIX}DATABASE_PASSWORDS (a JSON object)."
            )
        return self.database_passwords[role]

    def kafka_password_of(self, principal: str) -> str:
        if principal not in self.kafka_passwords:
            raise SettingsError(
                f"No password for the Kafka principal {principal}: add it to kafka_passwords "
                f"in the secrets file or in {PREFIX}KAFKA_PASSWORDS (a JSON object)."
            )
        return self.kafka_passwords[principal]


KEY_NAMES = ("master_key", "index_key", "link_key", "session_key")


class Settings(BaseSettings):
    """From the environment, `AFTERCALL_` before each name in capitals. Use `load_settings` to get readable errors."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="ignore", frozen=True, env_ignore_empty=True, hide_input_in_errors=True
    )

    kafka: str
    kafka_group: str = "aftercall"  # first part of the consumer groups; a rebuild reads under another
    kafka_session_ms: int = Field(default=10_000, ge=1_000)  # how long a silent consumer keeps its partitions
    kafka_stall_seconds: float = Field(default=60.0, ge=1)  # records wait so long untouched: the process ends
    kafka_security: Literal["PLAINTEXT", "SASL_PLAINTEXT", "SASL_SSL", "SSL"] = "PLAINTEXT"
    kafka_ca_file: Path | None = None  # authorities that the broker's certificate may come from; else the system's
    kafka_grants: bool = True  # whether `migrate` sets principals and rights; false where somebody else does
    kafka_replication: int = Field(default=1, ge=1)  # of the topics that `migrate` makes
    kafka_min_insync: int = Field(default=1, ge=1)
    database_url: str = Field(repr=False)
    secrets_file: Path | None = None
    secrets: Secrets
    data_dir: Path | None = None
    web_url: str = "http://127.0.0.1:8080"
    operator_zone: str = "Asia/Shanghai"
    language: str = "zh-CN"
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 1025
    smtp_from: str = "aftercall@localhost"
    sms_url: str = ""  # where text messages are handed over; empty: there is no gateway
    sms_token: str = Field(default="", repr=False)
    sms_sender: str = ""
    recording_days: int = Field(default=90, ge=1, le=3650)  # how long recordings of calls stay linked
    webhook_allow: str = ""  # hosts, or host:port, with commas: of the own network, they may be http and private
    calendar_country: str = "CN"
    calendar_overrides: Path | None = None

    @model_validator(mode="before")
    @classmethod
    def _gather_secrets(cls, given: dict[str, Any]) -> dict[str, Any]:
        if given.get("secrets") is not None:
            return given
        return {**given, "secrets": _secrets(given.get("secrets_file"))}

    @model_validator(mode="after")
    def _fill_in_password(self) -> Self:
        """An address with a user and no password takes the one of the secrets."""
        address = urlsplit(self.database_url)
        known = self.secrets.database_passwords
        if address.username in known and address.password is None:
            place = address.netloc.removeprefix(f"{address.username}@")
            login = f"{address.username}:{quote(known[address.username], safe='')}@{place}"
            # a validator may not hand back another model: this one is not yet in anybody's hands
            object.__setattr__(self, "database_url", urlunsplit(address._replace(netloc=login)))
        return self

    @field_validator("kafka_min_insync")
    @classmethod
    def _not_more_than_replicas(cls, given: int, info: ValidationInfo) -> int:
        if given > info.data.get("kafka_replication", given):
            raise ValueError("more replicas in sync than AFTERCALL_KAFKA_REPLICATION makes: nothing could be written")
        return given

    @property
    def webhook_hosts(self) -> frozenset[str]:
        return frozenset(host.strip().lower() for host in self.webhook_allow.split(",") if host.strip())

    @property
    def kafka_uses_login(self) -> bool:
        return self.kafka_security.startswith("SASL")

    @property
    def kafka_uses_tls(self) -> bool:
        return self.kafka_security.endswith("SSL")


def load_settings(**given: Any) -> Settings:
    """Settings from the environment, `given` first. Raises `SettingsError` naming every variable that is wrong."""
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError(" ".join(_sentences(error))) from None


def _secrets(file: Path | str | None) -> Secrets:
    found: dict[str, Any] = _file_content(Path(file)) if file else {}
    for name in KEY_NAMES:
        if value := os.environ.get(PREFIX + name.upper()):
            found[name] = value
    for name in ("database_passwords", "kafka_passwords"):
        if passwords := os.environ.get(PREFIX + name.upper()):
            found[name] = {**found.get(name, {}), **_json_object(name, passwords)}
    try:
        return Secrets.model_validate(found)
    except ValidationError as error:
        hint = f"Put it into the environment or name a secrets file in {PREFIX}SECRETS_FILE."
        raise SettingsError(" ".join([*_sentences(error), hint])) from None


def _file_content(file: Path) -> dict[str, Any]:
    try:
        mode, text = file.stat().st_mode, file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The secrets file {file} cannot be read: {error}.") from None
    # group read is left alone: orchestrators mount secrets as 0640 for the group of the process
    if mode & 0o027:
        raise SettingsError(f"The secrets file {file} is open to others: run chmod 600 {file}.")
    try:
        content = json.loads(text)
    except ValueError:
        raise SettingsError(f"The secrets file {file} is not JSON.") from None
    if not isinstance(content, dict):
        raise SettingsError(f"The secrets file {file} holds no JSON object.")
    return content


def _json_object(name: str, text: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise SettingsError(f"{PREFIX}{name.upper()} is not a JSON object of names and passwords.")
    return content


def _sentences(error: ValidationError) -> list[str]:
    return [_sentence([str(step) for step in fault["loc"]], fault["type"], fault["msg"]) for fault in error.errors()]


def _sentence(path: list[str], kind: str, message: str) -> str:
    variable = PREFIX + "_".join(path).upper()
    if kind == "missing":
        return f"{variable} is not set."
    if kind in ("bytes_too_short", "bytes_too_long"):
        return f"{variable} is not {KEY_BYTES} bytes in base64."
    return f"{variable} is wrong: {message}."
