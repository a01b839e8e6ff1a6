"""Opaque secrets handed to a browser or a machine; the database only ever sees their hash."""

import hashlib
import secrets


def new_secret() -> str:
    """256 random bits, safe in a cookie and in a header."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """A plain hash is enough: the secret itself is random, there is nothing to guess from."""
    return hashlib.sha256(secret.encode()).digest()
