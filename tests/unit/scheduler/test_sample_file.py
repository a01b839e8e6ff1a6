import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from contracts.events.scheduler import (
    CellCount,
    PolicyEdition,
    SamplingPeriodClosed,
    SamplingPeriodOpened,
    StratumRate,
    StratumShortfall,
)
from contracts.vocabulary import Cell, Scenario
from launcher.sampling import verify_sample
from services.scheduler import sampling
from services.scheduler.policy_files import load_policies
from services.scheduler.policy_versions import content_of, policy_set
from services.scheduler.rules import SINCE_EVER, Edition
from services.scheduler.sample_check import SampleCheck
from services.scheduler.sample_file import Sample, SampleFault, SampleRow, read_sample, write_sample
from services.scheduler.sampling import LedgerEntry

BEGINS = datetime(2026, 9, 30, 16, tzinfo=UTC)
CHANGED = BEGINS + timedelta(days=10)
CLOSED = BEGINS + timedelta(days=61)
SECRET = bytes(range(32))
FIRST = load_policies()
_usage = FIRST.scenarios[Scenario.USAGE]
SECOND = policy_set(
    FIRST.house,
    [
        *(policy for policy in FIRST.scenarios.values() if policy is not _usage),
        _usage.model_copy(update={"sampling": _usage.sampling.model_copy(update={"ratio": Decimal("0.3")})}),
    ],
)
EDITIONS = [Edition(FIRST, SINCE_EVER), Edition(SECOND, CHANGED)]
RATES = sampling.rates_over(EDITIONS, BEGINS + timedelta(days=31), {"usage/other": 500, "after_sale/other": 200})


def a_row(number: int) -> SampleRow:
    """Usage, after-sale, VIP and complaint in turn, over the month."""
    scenario, level = [("usage", None), ("after_sale", None), ("usage", "VIP2"), ("complaint", None)][number % 4]
    completed = BEGINS + timedelta(hours=number)
    policies = SECOND if completed >= CHANGED else FIRST
    policy = policies.scenarios[Scenario(scenario)]
    stratum = sampling.stratum(policies, policy, service_type=None, level=level)
    rate = sampling.rate_at([rate for rate in RATES if rate.stratum == stratum], completed)
    assert rate is not None
    draw = sampling.draw(SECRET, source="crm", service_id=f"S-{number:04d}", thousandths=rate.thousandths)
    drawn = "certainty" if rate.certainty else "drawn"
    return SampleRow(
        source="crm", service_id=f"S-{number:04d}", verdict="selected" if draw.selected else "not_drawn",
        reason=drawn if draw.selected else "not_drawn", scenario=scenario, service_type=None, level=level,
        stratum=stratum, rate_version=rate.version, cell="first", thousandths=rate.thousandths, draw=draw.value,
        policy_version=policies.versions[Scenario(scenario)], completed_at=completed,
        accepted_at=completed + timedelta(minutes=5), erased=number == 3,
    )  # fmt: skip


def a_sample() -> Sample:
    rows = [a_row(number) for number in range(600)]
    late = rows[0].model_copy(update={
        "service_id": "S-late", "verdict": "out_of_frame", "reason": "older_than_look_back", "stratum": "",
        "rate_version": 0, "thousandths": 0, "draw": None, "accepted_at": rows[0].completed_at + timedelta(days=40),
    })  # fmt: skip
    frame = [
        LedgerEntry("crm", r.service_id, r.stratum, r.rate_version, "first", r.thousandths / 1000,
                    r.verdict == "selected") for r in rows
    ]  # fmt: skip
    keys = sorted({(entry.stratum, entry.rate_version) for entry in frame})
    cells = [
        CellCount(
            stratum=stratum, rate_version=version, cell=Cell.FIRST,
            accepted=sum((e.stratum, e.rate_version) == (stratum, version) for e in frame),
            selected=sum((e.stratum, e.rate_version) == (stratum, version) and e.selected for e in frame),
        )
        for stratum, version in keys
    ]  # fmt: skip
    told = tuple(
        StratumRate(
            stratum=r.stratum, rate_version=r.version, rate=r.probability, expected=r.expected, certainty=r.certainty,
            valid_from=r.valid_from,
        )
        for r in RATES
    )  # fmt: skip
    editions = (PolicyEdition(version=FIRST.version), PolicyEdition(version=SECOND.version, valid_from=CHANGED))
    opened = SamplingPeriodOpened(
        period="2026-10", secret_digest=sampling.secret_digest(SECRET), rates=told, policy_digest=FIRST.version,
        opened_at=BEGINS, editions=editions,
    )  # fmt: skip
    missed = sampling_shortfalls(frame)
    closed = SamplingPeriodClosed(
        period="2026-10", secret=SECRET.hex(), cells=tuple(cells), out_of_frame=1,
        ledger_digest=sampling.ledger_digest(frame), closed_at=CLOSED, shortfalls=missed,
    )  # fmt: skip
    policies = tuple((one.version, content_of(one)) for one in (FIRST, SECOND))
    return Sample("2026-10", "Asia/Shanghai", policies, (opened,), closed, (*rows, late))


def sampling_shortfalls(frame: list[LedgerEntry]) -> tuple[StratumShortfall, ...]:
    from dataclasses import asdict

    from services.scheduler.shortfall import shortfalls

    return tuple(StratumShortfall(**asdict(one)) for one in shortfalls(frame, SECOND))


def test_a_true_sample_has_no_difference_also_after_it_was_written_and_read(tmp_path: Path) -> None:
    file = tmp_path / "sample.jsonl"
    write_sample(file, a_sample())
    again = read_sample(file)
    assert SampleCheck(again).differences() == []
    assert again.rows == a_sample().rows
    assert verify_sample(file)


Line = dict[str, Any]


def service(name: str, **changes: Any) -> Callable[[Line], None]:
    def change(line: Line) -> None:
        if line.get("service_id") == name:
            line.update(changes)

    return change


def event(kind: str, change: Callable[[Line], Any]) -> Callable[[Line], None]:
    def changed(line: Line) -> None:
        if line["kind"] == kind:
            change(line)

    return changed


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (service("S-0001", verdict="selected", reason="drawn"), "S-0001"),
        (service("S-0001", draw=0.01), "S-0001"),
        (service("S-0004", stratum="vip"), "S-0004"),
        (service("S-0004", level="VIP"), "S-0004"),
        (service("S-0004", thousandths=999), "S-0004"),
        (service("S-0300", rate_version=1), "S-0300"),
        (service("S-0300", policy_version=FIRST.versions[Scenario.USAGE]), "S-0300"),
        (service("S-0004", service_id="S-9999"), "S-9999"),
        (service("S-0004", completed_at="2026-11-02T00:00:00+08:00"), "S-0004"),
        (service("S-0005", accepted_at="2026-12-20T00:00:00+08:00"), "S-0005"),
        (service("S-late", verdict="not_drawn", reason="not_drawn"), "S-late"),
        (service("S-0007", cell="repeat"), "complaint version 1 cell repeat"),
        (event("sampling-period-closed", lambda e: e.update(secret="00" * 32)), "secret"),
        (event("sampling-period-closed", lambda e: e.update(ledger_digest="0" * 64)), "ledger"),
        (event("sampling-period-closed", lambda e: e.update(out_of_frame=7)), "out of frame"),
        (event("sampling-period-closed", lambda e: e["cells"][0].update(accepted=1)), "told N, n = (1,"),
        (
            event("sampling-period-closed", lambda e: e.update(shortfalls=[
                {"stratum": "usage/other", "accepted": 1, "selected": 0, "floor": 1}])),
            "shortfalls",
        ),
        (event("sampling-period-opened", lambda e: e["rates"][0].update(rate=0.5)), "rate version 1: told 0.5"),
        (event("sampling-period-opened", lambda e: e["rates"].pop(0)), "has no rate"),
        (event("sampling-period-opened", lambda e: e.update(policy_digest="x")), "policy_digest"),
        (event("policies", lambda e: e["content"]["house"]["certainty"].update(levels=[])), "has the digest"),
    ],
)  # fmt: skip
def test_one_planted_change_in_the_file_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: Callable[[Line], None], named: str
) -> None:
    file = tmp_path / "sample.jsonl"
    write_sample(file, a_sample())
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        change(line)
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    assert not verify_sample(file)
    assert named in capsys.readouterr().err


@pytest.mark.parametrize("removed", ["S-0004", "S-0007"])
def test_a_service_left_out_is_noticed(tmp_path: Path, removed: str) -> None:
    file = tmp_path / "sample.jsonl"
    write_sample(file, a_sample())
    kept = [line for line in file.read_text(encoding="utf-8").splitlines() if removed not in line]
    file.write_text("\n".join(kept) + "\n", encoding="utf-8")
    assert any("the ledger has" in difference for difference in SampleCheck(read_sample(file)).differences())


@pytest.mark.parametrize("content", ["", "not json\n", "[]\n", '{"kind": "aftercall-sample", "format": 9}\n'])
def test_a_file_that_is_no_sample_is_refused_with_its_line(tmp_path: Path, content: str) -> None:
    file = tmp_path / "sample.jsonl"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(SampleFault, match=r"sample\.jsonl:1: "):
        read_sample(file)
    assert not verify_sample(file)


def test_a_file_that_is_not_there_is_named_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not verify_sample(tmp_path / "nowhere.jsonl")
    assert "nowhere.jsonl cannot be read: No such file or directory." in capsys.readouterr().err
