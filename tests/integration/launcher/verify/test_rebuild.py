"""The read model made once more from the topics has the same digests."""

from chassis.settings import Settings
from launcher.catalog import load_services
from launcher.verify.auditor import auditing
from launcher.verify.readmodel import READ_MODEL, compare_digests
from launcher.verify.watermark import watermark


async def test_a_rebuild_has_the_digest_of_every_table(told: Settings) -> None:
    service = {one.name: one for one in load_services()}["reporting"]
    async with auditing(told) as auditor:
        check, digests = await compare_digests(auditor, await watermark(auditor), service)
    assert check.clean, check.defects
    assert {one.table: one.equal for one in digests} == dict.fromkeys((table.name for table in READ_MODEL), True)
    assert sum(one.rows for one in digests) == check.looked_at > 10
    sums = {one.live.hexdigest() for one in digests if one.rows}
    assert len(sums) == sum(1 for one in digests if one.rows)
