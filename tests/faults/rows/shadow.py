"""The read model made again from the topics, beside the one in use."""

import time

from launcher.verify import verify
from tests.faults.trial import Row, Trial

REBUILD = "read model"


async def rebuilt(trial: Trial) -> float:
    """Under load, into a schema of its own; what it must equal is checked by the product's own ledger."""
    verdict = await verify(trial.cluster.settings)
    checks = [check for check in verdict.checks if REBUILD in check.name]
    assert checks and all(check.clean for check in checks), [check.name for check in verdict.checks]
    trial.note(f"{sum(check.looked_at for check in checks)} rows of a rebuild compared")
    return time.monotonic()


ROWS = (Row("rebuild", "full replay of all topics into a shadow of the read model", rebuilt),)
