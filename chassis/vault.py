"""Personal data sealed under keys that can be destroyed, references of customers, and blind indexes.

A sealed string tells what opens it: "s1.<class letter>.<month or week, else nothing>.<base64url of nonce, ciphertext>".
AES-256-GCM binds it to (reference, field, class), so it can not be moved to another customer or field.
Wrapped keys lie in schema `vault`; the master key that opens them comes from the settings.
"""

import base64
import hmac
import json
import os
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum, StrEnum
from typing import Any, Final, TypeVar

import asyncpg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel
from pydantic_core import to_json

from chassis.keycache import KeyCache, KeyId, KeyMaterial
from chassis.masterkey import NONCE_BYTES, MasterKey
from chassis.settings import Settings
from contracts.vocabulary import Sealed

Json = Any
"""What `json.loads` gives; a model may be sealed as it is, without the fields that are None."""
M = TypeVar("M", bound=BaseModel)


class KeyClass(StrEnum):
    CONTACT = "contact"
    TEXT = "text"
    FACTS = "facts"
    LETTER = "letter"


class Erased(Enum):
    """What opening gives when the key was destroyed; never an error."""

    ERASED = "erased"


ERASED: Final = Erased.ERASED
FUNCTIONS: Final[Mapping[KeyClass, str]] = {key_class: f"vault.{key_class.value}_keys" for key_class in KeyClass}
_OF_LETTER: Final = {key_class.value[0]: key_class for key_class in KeyClass}

sealed_count: Counter[tuple[str, str]] = Counter()
"""Values sealed in this process, by service and class of key; `opened_count` likewise."""
opened_count: Counter[tuple[str, str]] = Counter()
found_count: Counter[tuple[str, str]] = Counter()
"""Keys asked for, by service and place: `cache` or `database`."""


class UnknownSeal(Exception):
    """Not a sealed string, or sealed for another reference or field, or damaged."""


class KeyNotHeld(Exception):
    """The keyring was asked for without this customer, month or week."""


def vault_rights(*classes: KeyClass, customers: bool = False) -> tuple[str, ...]:
    """The vault's functions that a service with these key classes executes; `customers`: it names and erases them."""
    letters = ("vault.destroy_old_letter_keys",) if KeyClass.LETTER in classes else ()
    naming = ("vault.customer_refs", "vault.erase") if customers else ()
    return (*(FUNCTIONS[key_class] for key_class in classes), *letters, *naming)


class Keyring:
    """Seals and opens with the keys it was made with: pure computation, no database. Short-lived: do not keep it.

    Sealing under a destroyed key gives a mark that opens as ERASED.
    """

    def __init__(self, keys: Mapping[KeyId, KeyMaterial], service: str = "") -> None:
        self._keys = keys
        self._service = service
        self._ciphers: dict[KeyId, AESGCM] = {}

    def seal_contact(self, ref: str, field: str, value: Json) -> Sealed:
        return self._seal(KeyClass.CONTACT, scope=ref, owner=ref, field=field, plain=_content(value))

    def seal_text(self, ref: str, field: str, value: Json) -> Sealed:
        return self._seal(KeyClass.TEXT, scope=ref, owner=ref, field=field, plain=_content(value))

    def seal_facts(self, month: str, ref: str, field: str, value: Json) -> Sealed:
        return self._seal(KeyClass.FACTS, scope=month, owner=ref, field=field, plain=_content(value))

    def seal_letter(self, week: str, field: str, content: bytes) -> Sealed:
        return self._seal(KeyClass.LETTER, scope=week, owner=week, field=field, plain=content)

    def open(self, ref: str, field: str, sealed: str) -> Json | Erased:
        """The value of a contact, text or facts string. Raises `UnknownSeal`, `KeyNotHeld`."""
        plain = self.open_json(ref, field, sealed)
        return plain if plain is ERASED else json.loads(plain)

    def open_json(self, ref: str, field: str, sealed: str) -> str | Erased:
        """As `open`, the value as it was sealed: JSON, for whoever reads many at once."""
        key_class, scope, body = _parts(sealed)
        if key_class is KeyClass.LETTER:
            raise UnknownSeal(f"{field} holds a letter: use open_letter")
        plain = self._open(key_class, scope=scope or ref, owner=ref, field=field, body=body)
        return plain if plain is ERASED else plain.decode()

    def open_as(self, model: type[M], ref: str, field: str, sealed: str) -> M | Erased:
        """As `open`, read as this model. Raises what its validation raises besides."""
        key_class, scope, body = _parts(sealed)
        plain = self._open(key_class, scope=scope or ref, owner=ref, field=field, body=body)
        return plain if plain is ERASED else model.model_validate_json(plain)

    def open_letter(self, field: str, sealed: str) -> bytes | Erased:
        """The bytes of a dead letter. Raises `UnknownSeal`, `KeyNotHeld`."""
        key_class, week, body = _parts(sealed)
        if key_class is not KeyClass.LETTER:
            raise UnknownSeal(f"{field} holds no letter")
        return self._open(key_class, scope=week, owner=week, field=field, body=body)

    def _seal(self, key_class: KeyClass, *, scope: str, owner: str, field: str, plain: bytes) -> Sealed:
        shown_scope = scope if key_class in (KeyClass.FACTS, KeyClass.LETTER) else ""
        head = f"s1.{key_class[0]}.{shown_scope}."
        cipher = self._cipher(key_class, scope)
        if cipher is None:
            return Sealed(head)
        sealed_count[self._service, key_class.value] += 1
        nonce = os.urandom(NONCE_BYTES)
        body = nonce + cipher.encrypt(nonce, plain, _binding(owner, field, key_class))
        return Sealed(head + base64.urlsafe_b64encode(body).rstrip(b"=").decode())

    def _open(self, key_class: KeyClass, *, scope: str, owner: str, field: str, body: bytes) -> bytes | Erased:
        cipher = self._cipher(key_class, scope) if body else None
        if cipher is None:
            return ERASED
        opened_count[self._service, key_class.value] += 1
        try:
            return cipher.decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], _binding(owner, field, key_class))
        except (InvalidTag, ValueError):
            raise UnknownSeal(f"{field} does not open as {key_class.value} of {owner}") from None

    def _cipher(self, key_class: KeyClass, scope: str) -> AESGCM | None:
        key_id = (key_class, scope)
        if key_id in self._ciphers:
            return self._ciphers[key_id]
        if key_id not in self._keys:
            raise KeyNotHeld(f"no {key_class.value} key of {scope} in this keyring")
        material = self._keys[key_id]
        if material is None:
            return None
        return self._ciphers.setdefault(key_id, AESGCM(material))


class Vault:
    """Hands out keyrings and customer references. Give it a pool that no open transaction waits for.

    `service`: under whose name its work is counted.
    """

    def __init__(self, pool: asyncpg.Pool, settings: Settings, service: str = "") -> None:
        self._pool = pool
        self._service = service
        self._master = MasterKey(settings.secrets.master_key)
        self._index_key = settings.secrets.index_key
        self._cache = KeyCache()

    async def customer_refs(self, identities: Sequence[tuple[str, str]]) -> list[str]:
        """The reference of each (source, customer_id), in their order; new customers get one, erased ones keep it."""
        indexes = [self._index("identity", *identity) for identity in identities]
        asked = sorted(set(indexes))
        fresh = [secrets.token_hex(16) for _ in asked]
        rows = await self._pool.fetch(
            "SELECT identity_index, customer_ref FROM vault.customer_refs($1::text[], $2::text[])", asked, fresh
        )
        found = {row["identity_index"]: row["customer_ref"] for row in rows}
        return [found[index] for index in indexes]

    def phone_index(self, e164: str) -> str:
        """Tells equal numbers from others without telling the number."""
        return self._index("phone", e164)

    def email_index(self, address: str) -> str:
        """As `phone_index`; the case of letters makes no difference."""
        return self._index("email", address.strip().casefold())

    async def keyring(
        self,
        *,
        contact: Iterable[str] = (),
        text: Iterable[str] = (),
        facts: Iterable[str] = (),
        letter: Iterable[str] = (),
    ) -> Keyring:
        """Keys of customers (`contact`, `text`), months "2026-10" (`facts`) and weeks "2026-W42" (`letter`).

        One round trip for each class that the cache does not hold whole, and one more where there was no key yet. Makes
        what is missing, not what was destroyed.
        A key that was destroyed less than 60 s ago may still be in it. Raises `SettingsError` for a wrong master key.
        """
        wanted = {KeyClass.CONTACT: contact, KeyClass.TEXT: text, KeyClass.FACTS: facts, KeyClass.LETTER: letter}
        held: dict[KeyId, KeyMaterial] = {}
        for key_class, scopes in wanted.items():
            held |= await self._keys(key_class, set(scopes))
        return Keyring(held, self._service)

    async def erase(self, ref: str) -> None:
        """Destroys the contact and text keys of a customer for good. May run twice."""
        await self._pool.execute("SELECT vault.erase($1)", ref)
        self._cache.forget(KeyClass.CONTACT, ref)
        self._cache.forget(KeyClass.TEXT, ref)

    async def destroy_old_letter_keys(self) -> list[str]:
        """Destroys the keys of dead letters of weeks that ended 30 days ago; returns these weeks."""
        rows = await self._pool.fetch("SELECT week FROM vault.destroy_old_letter_keys() AS week")
        weeks = [row["week"] for row in rows]
        for week in weeks:
            self._cache.forget(KeyClass.LETTER, week)
        return weeks

    async def _keys(self, key_class: KeyClass, scopes: set[str]) -> dict[KeyId, KeyMaterial]:
        held = self._cache.held(key_class, scopes)
        missing = sorted(scope for scope in scopes if (key_class, scope) not in held)
        found_count[self._service, "cache"] += len(held)
        found_count[self._service, "database"] += len(missing)
        if not missing:
            return held
        fetched = await self._stored(key_class, missing, [])
        new = [scope for scope in missing if (key_class, scope) not in fetched]
        if new:
            offered = [self._master.wrapped_fresh(key_class.value, scope) for scope in new]
            fetched |= await self._stored(key_class, new, offered)
        self._cache.put(fetched)
        return held | fetched

    async def _stored(
        self, key_class: KeyClass, scopes: Sequence[str], offered: Sequence[bytes]
    ) -> dict[KeyId, KeyMaterial]:
        """The keys of these scopes; one without a key takes the one offered for it, if one is."""
        rows = await self._pool.fetch(
            f"SELECT scope, wrapped FROM {FUNCTIONS[key_class]}($1::text[], $2::bytea[])",  # noqa: S608  our own constant
            scopes,
            offered,
        )
        return {
            (key_class, row["scope"]): self._master.unwrap(key_class.value, row["scope"], row["wrapped"])
            for row in rows
        }

    def _index(self, kind: str, *words: str) -> str:
        return hmac.digest(self._index_key, to_json([kind, *words]), "sha256").hex()


def scope_of(sealed: str) -> str:
    """The month or week whose key opens a sealed string; empty for a customer's own key. Raises `UnknownSeal`."""
    return _head(sealed)[1]


def _content(value: Json) -> bytes:
    if isinstance(value, BaseModel):
        return value.__pydantic_serializer__.to_json(value, exclude_none=True)
    return to_json(value, inf_nan_mode="null")


def _parts(sealed: str) -> tuple[KeyClass, str, bytes]:
    key_class, scope, body = _head(sealed)
    try:
        return key_class, scope, base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise UnknownSeal("not a sealed string of version s1") from None


def _head(sealed: str) -> tuple[KeyClass, str, str]:
    """Class, month or week, and what is sealed, still in base64."""
    version, letter, scope, body = [*sealed.split(".", 3), "", "", ""][:4]
    if version != "s1" or letter not in _OF_LETTER:
        raise UnknownSeal("not a sealed string of version s1")
    return _OF_LETTER[letter], scope, body


def _binding(owner: str, field: str, key_class: KeyClass) -> bytes:
    return "\x00".join((owner, field, key_class)).encode()
