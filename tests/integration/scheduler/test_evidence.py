import json
from datetime import timedelta
from pathlib import Path

import pytest

from chassis.testing.harness import ServiceUnderTest
from services.scheduler.handlers.exporting import NotExportable, sample_of
from services.scheduler.sample_check import SampleCheck
from services.scheduler.sample_file import read_sample, write_sample
from tests.integration.scheduler.builders import NOW, a_completion

CLOSED = NOW + timedelta(days=50)


async def a_closed_month(scheduler: ServiceUnderTest) -> None:
    strange = a_completion(scenario="never heard of")
    late = a_completion(completed_at=NOW - timedelta(days=31))
    ordinary = [a_completion(scenario="usage", customer={"level": "VIP1" if n % 5 == 0 else None}) for n in range(60)]
    await scheduler.receive(a_completion(), *ordinary, strange, late)
    await scheduler.run_until(CLOSED)


async def test_the_export_of_a_closed_month_is_verified_without_a_database(
    scheduler: ServiceUnderTest, tmp_path: Path
) -> None:
    await a_closed_month(scheduler)
    file = tmp_path / "2026-10.jsonl"
    write_sample(file, await sample_of(scheduler.runtime, "2026-10"))
    check = SampleCheck(read_sample(file))
    assert check.differences() == []
    assert {line["stratum"] for line in check.strata()} == {"complaint", "usage/other", "vip"}
    assert sum(row.in_frame for row in check.sample.rows) == 61
    assert json.loads(file.read_text(encoding="utf-8").splitlines()[0])["period"] == "2026-10"


async def test_a_row_changed_in_the_database_after_the_close_is_named(scheduler: ServiceUnderTest) -> None:
    await a_closed_month(scheduler)
    (row,) = await scheduler.query(
        "UPDATE completion SET verdict = 'not_drawn', reason = 'not_drawn' WHERE service_id = "
        "(SELECT min(service_id) FROM completion WHERE verdict = 'selected') RETURNING service_id"
    )
    differences = SampleCheck(await sample_of(scheduler.runtime, "2026-10")).differences()
    assert any(row["service_id"] in difference for difference in differences)
    assert any(difference.startswith("ledger: its digest") for difference in differences)


async def test_an_open_period_keeps_its_secret(scheduler: ServiceUnderTest) -> None:
    await scheduler.receive(a_completion())
    with pytest.raises(NotExportable, match="is open until 2026-12-01"):
        await sample_of(scheduler.runtime, "2026-10")
    with pytest.raises(NotExportable, match="no sampling period 2031-01"):
        await sample_of(scheduler.runtime, "2031-01")


async def test_a_customer_whose_data_were_destroyed_is_listed_as_erased(scheduler: ServiceUnderTest) -> None:
    await a_closed_month(scheduler)
    (row,) = await scheduler.query("SELECT customer_ref, service_id FROM completion WHERE stratum = 'complaint'")
    await scheduler.runtime.vault.erase(row["customer_ref"])
    sample = await sample_of(scheduler.runtime, "2026-10")
    assert [one.service_id for one in sample.rows if one.erased] == [row["service_id"]]
    assert SampleCheck(sample).differences() == []
