"""How a Kafka client of the project reaches the broker and who it says it is: one principal for each participant."""

import ssl
from typing import Any

from faststream.security import BaseSecurity, SASLScram512

from chassis.settings import Settings, SettingsError

MECHANISM = "SCRAM-SHA-512"
ADMIN = "aftercall-admin"
"""Makes topics, principals and rights; no service works under it."""


def principal_of(participant: str) -> str:
    """Of a service, or of one outside of them: `crm`, `departments`, `auditor`."""
    return f"aftercall-{participant}"


def client_arguments(settings: Settings, principal: str) -> dict[str, Any]:
    """What every aiokafka client gets: `bootstrap_servers`, and login and TLS where the settings ask for them.

    Raises `SettingsError` when the principal's password is missing or the CA file cannot be used.
    """
    arguments: dict[str, Any] = {"bootstrap_servers": settings.kafka, "security_protocol": settings.kafka_security}
    if settings.kafka_uses_tls:
        arguments["ssl_context"] = _trust(settings)
    if settings.kafka_uses_login:
        arguments["sasl_mechanism"] = MECHANISM
        arguments["sasl_plain_username"] = principal
        arguments["sasl_plain_password"] = settings.secrets.kafka_password_of(principal)
    return arguments


def broker_security(settings: Settings, principal: str) -> BaseSecurity:
    """The same for FastStream's broker, in its own words."""
    context = _trust(settings) if settings.kafka_uses_tls else None
    if not settings.kafka_uses_login:
        return BaseSecurity(ssl_context=context)
    return SASLScram512(principal, settings.secrets.kafka_password_of(principal), ssl_context=context)


def _trust(settings: Settings) -> ssl.SSLContext:
    """The host name is checked; without a CA file the system's authorities count."""
    try:
        return ssl.create_default_context(cafile=settings.kafka_ca_file)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(f"AFTERCALL_KAFKA_CA_FILE cannot be used ({settings.kafka_ca_file}): {error}.") from None
