import asyncio
from datetime import timedelta

import asyncpg
import pytest

from chassis.clock import business_now
from chassis.settings import SettingsError
from chassis.testing.two_services import Database
from chassis.vault import ERASED, Vault

MONTH = "2026-10"


@pytest.fixture
def vault(database: Database) -> Vault:
    return Vault(database.alpha, database.settings)


@pytest.fixture
def other_process(database: Database) -> Vault:
    return Vault(database.beta, database.settings)


async def test_a_customer_has_one_reference_whoever_asks_and_in_which_order(vault: Vault) -> None:
    identities = [("crm", f"C-{number}") for number in range(50)]
    first, second = await asyncio.gather(vault.customer_refs(identities), vault.customer_refs(identities[::-1]))
    assert first == second[::-1]
    assert len(set(first)) == 50
    assert await vault.customer_refs([("crm", "C-7"), ("other", "C-7"), ("crm", "C-7")]) == [
        first[7],
        (await vault.customer_refs([("other", "C-7")]))[0],
        first[7],
    ]
    assert (await vault.customer_refs([("crm", "C-7")]))[0] != (await vault.customer_refs([("other", "C-7")]))[0]


async def test_what_one_process_seals_another_opens(vault: Vault, other_process: Vault) -> None:
    ref = (await vault.customer_refs([("crm", "C-100")]))[0]
    rings = await asyncio.gather(
        vault.keyring(text=[ref], facts=[MONTH]), other_process.keyring(text=[ref], facts=[MONTH])
    )
    for one, two in (rings, rings[::-1]):
        assert two.open(ref, "answer", one.seal_text(ref, "answer", "还是漏水")) == "还是漏水"
        assert two.open(ref, "score", one.seal_facts(MONTH, ref, "score", 2)) == 2


async def test_a_class_without_the_right_is_refused(other_process: Vault) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await other_process.keyring(contact=["anybody"])
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await other_process.customer_refs([("crm", "C-1")])
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await other_process.erase("anybody")


async def test_erasure_is_for_good_and_leaves_the_figures(vault: Vault, database: Database) -> None:
    ref, neighbour = await vault.customer_refs([("crm", "C-200"), ("crm", "C-201")])
    ring = await vault.keyring(contact=[ref, neighbour], facts=[MONTH])
    phone, score = ring.seal_contact(ref, "phone", "+8613800138000"), ring.seal_facts(MONTH, ref, "score", 1)
    kept = ring.seal_contact(neighbour, "phone", "+8613900139000")
    for _ in range(2):
        await vault.erase(ref)

    for reader in (vault, Vault(database.alpha, database.settings)):
        ring = await reader.keyring(contact=[ref, neighbour], text=[ref], facts=[MONTH])
        assert ring.open(ref, "phone", phone) is ERASED
        assert ring.open(ref, "note", ring.seal_text(ref, "note", "late")) is ERASED
        assert ring.open(ref, "score", score) == 1
        assert ring.open(neighbour, "phone", kept) == "+8613900139000"
    assert await vault.customer_refs([("crm", "C-200")]) == [ref]


async def test_a_stored_key_opens_nothing_under_another_scope(
    vault: Vault, database: Database, owner: asyncpg.Connection
) -> None:
    victim, thief = await vault.customer_refs([("crm", "C-300"), ("crm", "C-301")])
    await vault.keyring(text=[victim, thief])
    await owner.execute(
        "UPDATE vault.key AS mine SET wrapped = theirs.wrapped FROM vault.key AS theirs"
        " WHERE mine.scope = $1 AND theirs.scope = $2 AND mine.class = 'text' AND theirs.class = 'text'",
        thief,
        victim,
    )
    with pytest.raises(SettingsError, match="AFTERCALL_MASTER_KEY"):
        await Vault(database.alpha, database.settings).keyring(text=[thief])


async def test_the_database_holds_no_number_address_or_name(vault: Vault, owner: asyncpg.Connection) -> None:
    await vault.customer_refs([("crm", "C-plain-400")])
    rows = await owner.fetch(
        "SELECT customer::text AS line FROM vault.customer UNION ALL SELECT key::text FROM vault.key"
    )
    assert rows
    assert not any("C-plain-400" in row["line"] for row in rows)
    assert vault.phone_index("+8613800138000") != vault.email_index("+8613800138000")
    assert vault.email_index(" Customer-A@Example.com") == vault.email_index("customer-a@example.com")


async def test_letter_keys_go_thirty_days_after_their_week(vault: Vault, owner: asyncpg.Connection) -> None:
    now = await business_now(owner)
    old, young = (f"{day:%G-W%V}" for day in (now - timedelta(days=45), now - timedelta(days=25)))
    ring = await vault.keyring(letter=[old, young])
    sealed = {week: ring.seal_letter(week, "record", b"bytes") for week in (old, young)}
    assert await vault.destroy_old_letter_keys() == [old]
    ring = await vault.keyring(letter=[old, young])
    assert ring.open_letter("record", sealed[old]) is ERASED
    assert ring.open_letter("record", sealed[young]) == b"bytes"


async def test_a_key_is_found_by_its_index_before_the_table_was_ever_analyzed(owner: asyncpg.Connection) -> None:
    read = "SELECT sum(idx_tup_read)::bigint FROM pg_stat_user_indexes WHERE schemaname = 'vault' AND relname = 'key'"
    before = await _statistics(owner, read)
    for number in range(400):
        await owner.fetch("SELECT * FROM vault.contact_keys($1, $2)", [f"grown-{number}"], [b"wrapped"])
    assert await _statistics(owner, read) - before < 4_000  # 80,000 and more where each call reads the whole class


async def _statistics(owner: asyncpg.Connection, query: str) -> int:
    await owner.execute("SELECT pg_stat_force_next_flush()")
    await owner.execute("SELECT pg_stat_clear_snapshot()")
    return int(await owner.fetchval(query) or 0)
