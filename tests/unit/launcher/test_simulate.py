import json
import stat
from datetime import date
from pathlib import Path

import pytest

from launcher import simulate as command
from launcher.faults import StartError
from services.scheduler.pages.simulated import document
from services.scheduler.simulate.comparison import compare
from services.scheduler.simulate.figures import as_json
from services.scheduler.simulate.regimes import Proposed
from tests.unit.scheduler.simulated import lived, rules_with


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        ("2026-13-01", "2026-10-31", "--from 2026-13-01 is no day"),
        ("2026-10-01", "yesterday", "--to yesterday is no day: write it as 2026-10-01"),
        ("2026-10-02", "2026-10-01", "--from 2026-10-02 lies after --to 2026-10-01"),
    ],
)
async def test_a_span_that_is_none_is_refused_before_anything_is_opened(first: str, last: str, why: str) -> None:
    with pytest.raises(StartError, match=why):
        await command.simulate(
            Path("nowhere"), first, last, seed=1, score_sd=1.0, json_file=None, chart=None, data=Path("nowhere")
        )


def test_everything_is_printed_and_written_for_its_owner_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules, fewer = rules_with(), rules_with(2)
    history, as_it_was = lived(rules, 300)
    found = compare(history, as_it_was, Proposed(fewer, as_it_was.named), seed=7, score_sd=1.0)
    command._tell(found, rules, fewer)
    told = capsys.readouterr().out
    for words in ("300 services", "seed 7", "0 differences", "missed windows", "general: busiest calls per hour"):
        assert words in told, words
    file = tmp_path / "found.json"
    command._write(file, json.dumps(as_json(found)))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text())["before"]["frame"] == 300


def test_the_chart_is_one_file_in_english_that_needs_nothing_else() -> None:
    rules = rules_with()
    history, as_it_was = lived(rules, 300)
    found = compare(history, as_it_was, Proposed(rules_with(2), as_it_was.named), seed=1, score_sd=1.0)
    page = document(found, first=date(2026, 10, 1), last=date(2026, 10, 31), zone=rules.operator_zone)
    assert "<svg" in page and "What if" in page
    assert not any("一" <= letter <= "鿿" for letter in page)
    for outside in ("http://", "https://", "src=", "<script", "<link"):
        assert outside not in page, outside
