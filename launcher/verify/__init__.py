"""The ledger of a running system: everything accepted is accounted for once, or in flight, or named as a defect."""

from chassis.settings import Settings
from launcher.verify.verdict import Verdict


async def verify(settings: Settings) -> Verdict:
    """Looks at database and topics as the auditor, under traffic, and changes nothing.

    Raises `StartError` when the database or the broker does not answer.
    """
    raise NotImplementedError
