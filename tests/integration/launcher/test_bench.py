"""The bench runs through and gives whole figures. How fast it is, is never asserted."""

from dataclasses import replace
from pathlib import Path

import pytest

from launcher.bench import command, figures
from launcher.bench.command import QUICK, Part
from launcher.bench.reporting.measure import Amounts
from launcher.bench.stage import Hop
from launcher.bench.usage import Usage

TINY = replace(
    QUICK, raw=2_000, usual=20, hop=60, journeys=40, latency_seconds=1.0, growth=(100, 300), pending=(40, 90),
    released=40, late_rate=40, late_seconds=1.0, plans=200, texts=50, page_rate=20, page_seconds=2.0,
    reporting=Amounts(raw=2_000, month=40, stored=300, rate=5.0, seconds=2.0),
)  # fmt: skip


async def test_a_run_gives_positive_and_whole_figures(tmp_path: Path) -> None:
    findings = await command.bench(only=None, sizes=TINY)
    found = findings.as_json()
    assert found["raw_per_second"][0] > found["usual_per_second"][0] > 0
    hops = {hop["name"]: hop for hop in found["hops"]}
    assert {"service-completed → scheduler", "callback-due → survey", "response-recorded → tagging"} <= set(hops)
    assert {"low-score-flagged → followup", "response-tagged → reporting"} <= set(hops)
    assert all(value > 0 for hop in hops.values() for value in (hop["records"], hop["rate"], hop["wal_bytes"]))
    assert {journey["processes"]: journey["journeys"] for journey in found["journeys"]} == {1: 40, 2: 40, 5: 40}
    assert found["case_visible"]["cases"] > 0
    assert 0 < found["case_visible"]["median"] <= found["case_visible"]["p99"]
    small, large = found["growth"]
    assert large["rows"] >= small["rows"] + 300
    assert [(one["pending"], one["count"]) for one in found["releases"]] == [(40, 40), (90, 40)]
    assert [(one["pending"], one["count"]) for one in found["pgqueuer"]] == [(40, 40), (90, 40)]
    assert all(one["per_second"] > 0 for one in found["releases"] + found["pgqueuer"])
    assert found["lateness"]["count"] == 40
    assert 0 <= found["lateness"]["median"] <= found["lateness"]["p99"]
    assert found["plans"]["slots"] > 0
    assert found["texts"]["responses"] < found["texts"]["scans"]
    assert found["pages"]["requests"] == 40
    assert all(
        0 < found["pages"][of]["median"] <= found["pages"][of]["p95"] for of in ("every", "shown", "taken", "bare")
    )
    assert found["idle_bytes"] > 0
    assert found["reporting"]["rebuilt_events"] >= found["reporting"]["events"] > 40 * 5 * 4
    assert found["reporting"]["documents"]["answers"] == 40
    assert found["reporting"]["looks"]["stored"] >= 300
    table = figures.markdown(findings)
    assert table.count("| ") > 60
    assert len(findings.bars()) == 14


def test_hops_are_held_against_the_yardsticks_of_their_own_round() -> None:
    found = figures.Findings(raw=[1000.0, 100.0, 10.0], usual=[10.0, 1.0, 0.1])
    found.hops = [[a_hop(300.0)], [a_hop(30.0)], [a_hop(1.0)]]
    [row] = found.rows()
    assert (row.rate, row.of_raw, row.of_usual) == (30.0, 0.3, 30.0)
    assert [passed for _, _, passed in found.bars()] == [True, True]


def test_the_table_takes_the_place_between_the_marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "performance.md"
    page.write_text("# Speed\n\n<!-- measured: begin -->\nold\n<!-- measured: end -->\nafter\n")
    monkeypatch.setattr(command, "PAGE", page)
    command.publish(figures.Findings(idle_bytes=300_000_000), file=tmp_path / "f.json", write=True)
    text = page.read_text()
    assert "old" not in text
    assert text.startswith("# Speed\n")
    assert text.endswith("<!-- measured: end -->\nafter\n")
    assert "300 MB" in text
    assert '"idle_bytes": 300000000' in (tmp_path / "f.json").read_text()


def test_there_is_a_part_for_each_word_of_the_command_line() -> None:
    from launcher.main import BenchPart

    assert [part.value for part in BenchPart] == [part.value for part in Part]


def a_hop(rate: float) -> Hop:
    return Hop("a → b", 300, 300, Usage(seconds=300 / rate, python=0.1, postgres=0.1, kafka=0.1, wal=1000))
