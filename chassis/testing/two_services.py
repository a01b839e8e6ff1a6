"""Two services without code, for tests of what the database promises to any service."""

from dataclasses import dataclass

import asyncpg

from chassis.migrations import DELIVERY, Schema
from chassis.settings import Settings
from chassis.vault import KeyClass, vault_rights

ALPHA = Schema("alpha", (DELIVERY,), vault_rights(*KeyClass, customers=True))
BETA = Schema("beta", (DELIVERY,), vault_rights(KeyClass.TEXT, KeyClass.FACTS))


@dataclass(frozen=True)
class Database:
    """Pools of alpha, which has all rights of the vault, and beta, which has text and facts."""

    settings: Settings
    alpha: asyncpg.Pool
    beta: asyncpg.Pool
