import secrets

import pytest

from chassis.keycache import SECONDS, KeyCache
from chassis.vault import ERASED, KeyClass, KeyNotHeld, Keyring, UnknownSeal, vault_rights

REF, OTHER, MONTH, WEEK = "aa11", "bb22", "2026-10", "2026-W42"


def a_keyring(*, erased: tuple[str, ...] = ()) -> Keyring:
    scopes = {
        KeyClass.CONTACT: (REF, OTHER),
        KeyClass.TEXT: (REF, OTHER),
        KeyClass.FACTS: (MONTH,),
        KeyClass.LETTER: (WEEK,),
    }
    return Keyring(
        {
            (key_class, scope): None if scope in erased else secrets.token_bytes(32)
            for key_class, of_class in scopes.items()
            for scope in of_class
        }
    )


@pytest.mark.parametrize("value", [None, 5, 4.5, "热水器仍漏水", ["a", 1], {"phone": "+8613800138000", "x": None}])
def test_what_is_sealed_opens_as_it_was(value: object) -> None:
    ring = a_keyring()
    assert ring.open(REF, "f", ring.seal_contact(REF, "f", value)) == value
    assert ring.open(REF, "f", ring.seal_text(REF, "f", value)) == value
    assert ring.open(REF, "f", ring.seal_facts(MONTH, REF, "f", value)) == value


def test_a_letter_keeps_its_bytes() -> None:
    ring = a_keyring()
    assert ring.open_letter("record", ring.seal_letter(WEEK, "record", b"\x00\xff not JSON")) == b"\x00\xff not JSON"


def test_a_sealed_string_tells_its_class_and_shows_nothing_of_its_value() -> None:
    ring = a_keyring()
    sealed = ring.seal_facts(MONTH, REF, "score", "客户甲")
    assert sealed.startswith("s1.f.2026-10.")
    assert ring.seal_contact(REF, "name", "客户甲").startswith("s1.c..")
    assert "客户甲" not in sealed
    assert sealed != ring.seal_facts(MONTH, REF, "score", "客户甲")


def test_it_opens_for_no_other_customer_and_no_other_field() -> None:
    ring = a_keyring()
    for sealed in (ring.seal_text(REF, "f", "x"), ring.seal_facts(MONTH, REF, "f", "x")):
        with pytest.raises(UnknownSeal):
            ring.open(OTHER, "f", sealed)
        with pytest.raises(UnknownSeal):
            ring.open(REF, "g", sealed)


@pytest.mark.parametrize("damaged", ["", "plain text", "s1.q..abcd", "s2.c..abcd", "s1.c..ab*d", "s1.c..AAAA"])
def test_what_is_no_seal_is_refused(damaged: str) -> None:
    with pytest.raises(UnknownSeal):
        a_keyring().open(REF, "f", damaged)


def test_a_key_that_was_not_asked_for_is_named() -> None:
    with pytest.raises(KeyNotHeld, match="cc33"):
        a_keyring().seal_text("cc33", "f", "x")


def test_after_erasure_old_and_new_strings_open_as_erased() -> None:
    before, after = a_keyring(), a_keyring(erased=(REF,))
    assert after.open(REF, "f", before.seal_contact(REF, "f", "x")) is ERASED
    late = after.seal_text(REF, "f", "x")
    assert after.open(REF, "f", late) is ERASED
    assert before.open(REF, "f", late) is ERASED
    assert after.open(REF, "f", after.seal_facts(MONTH, REF, "f", 5)) == 5


def test_rights_name_the_functions_of_the_classes_only() -> None:
    assert vault_rights(KeyClass.FACTS) == ("vault.facts_keys",)
    assert "vault.erase" not in vault_rights(*KeyClass)
    assert {"vault.customer_refs", "vault.erase"} < set(vault_rights(KeyClass.CONTACT, customers=True))


class Seconds:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_kept_key_is_used_for_less_than_a_minute() -> None:
    clock = Seconds()
    cache = KeyCache(clock)
    cache.put({("text", REF): b"k", ("text", OTHER): None})
    clock.now += SECONDS - 1
    assert cache.held("text", [REF, OTHER, "cc33"]) == {("text", REF): b"k", ("text", OTHER): None}
    clock.now += 1
    assert cache.held("text", [REF]) == {}


def test_the_number_of_kept_keys_is_bounded_and_the_oldest_go_first() -> None:
    cache = KeyCache(Seconds(), most=2)
    cache.put({("text", REF): b"1"})
    cache.put({("text", OTHER): b"2", ("text", "cc33"): b"3"})
    assert cache.held("text", [REF, OTHER, "cc33"]) == {("text", OTHER): b"2", ("text", "cc33"): b"3"}
