"""The agents' shifts that releases go by, kept with their version and since when."""

from chassis.transaction import Transaction
from services.scheduler.configured import STARTED
from services.scheduler.policy_versions import version_of
from services.scheduler.rules import Rules
from services.scheduler.store import policies


async def remember(tx: Transaction, rules: Rules) -> str:
    """The version of the shifts of this process. Records them where they are others than the newest ones and it started
    after those were recorded: while processes are replaced, an older one does not bring its own back."""
    version = version_of(rules.capacity)
    newest = await policies.newest_capacity(tx.connection)
    if newest is not None and (newest[0] == version or newest[1] > STARTED):
        return version
    content = rules.capacity.model_dump(mode="json", by_alias=True)
    await policies.add_capacity(tx.connection, version=version, content=content, now=tx.now)
    return version
