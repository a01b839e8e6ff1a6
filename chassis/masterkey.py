"""The key that wraps all others and is never in the database."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.keycache import KeyMaterial
from chassis.settings import SettingsError

KEY_BYTES = 32
NONCE_BYTES = 12


class MasterKey:
    """Wraps data keys with AES-256-GCM, bound to their class and scope: a stored key serves in no other place."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def wrapped_fresh(self, key_class: str, scope: str) -> bytes:
        """A new random key, wrapped."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secrets.token_bytes(KEY_BYTES), _place(key_class, scope))

    def unwrap(self, key_class: str, scope: str, wrapped: bytes | None) -> KeyMaterial:
        """None for a destroyed key. Raises `SettingsError` when another master key wrapped it."""
        if wrapped is None:
            return None
        try:
            return self._cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _place(key_class, scope))
        except (InvalidTag, ValueError):
            raise SettingsError(
                f"AFTERCALL_MASTER_KEY does not open the {key_class} key of {scope}: "
                "it is not the master key that this database was made with."
            ) from None


def _place(key_class: str, scope: str) -> bytes:
    return f"{key_class}\x00{scope}".encode()
