"""The product's own ledger (`aftercall verify`), asked after each row."""

from chassis.settings import Settings
from launcher.verify import verify


async def ledger_defects(settings: Settings) -> tuple[int, int, str]:
    """(lost, twice or wrong, sentence)."""
    try:
        verdict = await verify(settings)
    except NotImplementedError:
        return 0, 0, ""
    lost = sum(check.lost for check in verdict.checks)
    twice = sum(check.twice + check.wrong for check in verdict.checks)
    named = [defect.sentence for check in verdict.checks for defect in check.defects]
    return lost, twice, "; ".join(named[:5])
