"""A new policy set: stored as a new version, valid for completions from an instant that lies ahead."""

from chassis.transaction import Transaction
from services.scheduler.handlers import periods
from services.scheduler.policy import PolicySet
from services.scheduler.policy_versions import content_of
from services.scheduler.rules import SINCE_EVER, Edition, Rules
from services.scheduler.store import policies as store

BY_FILES = "files"


async def publish(tx: Transaction, rules: Rules, policies: PolicySet, *, by: str) -> None:
    """Nothing of the past changes: completions that were or could have been drawn already keep their rates.

    The caller holds the lock of `store.lock`. Periods that are open get rate versions for what follows.
    """
    ahead = tx.now + policies.house.intake.skew
    valid_from = ahead if rules.editions else SINCE_EVER
    whole = content_of(policies)
    single = [
        (version, scenario.value, {"house": whole["house"], "scenario": whole["scenarios"][scenario.value]})
        for scenario, version in policies.versions.items()
    ]
    await store.store(tx.connection, [(policies.version, None, whole), *single], tx.now)
    await store.add_edition(tx.connection, version=policies.version, valid_from=valid_from, published_by=by, now=tx.now)
    await periods.revise(tx, rules, Edition(policies, valid_from))
