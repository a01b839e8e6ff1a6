"""The score that a caller pressed is in the report with its tune: from the event over a real call to the report."""

import os

import pytest

from launcher.demo import phone
from launcher.telephony import found


async def test_what_callers_pressed_is_in_the_report_with_its_tune(capsys: pytest.CaptureFixture[str]) -> None:
    if os.environ.get(found.REQUIRED) != "required":
        pytest.skip(f"NOT TESTED: the demo on a real exchange; {found.REQUIRED}=required runs it")
    assert await phone.phone(headless=True, port=0) == 0, capsys.readouterr()
    said = capsys.readouterr().out
    assert "按 1（5 分）" in said
    assert "morning_bells" in said
    assert "按 5（1 分）" in said
    assert "slow_chords" in said


async def test_without_an_exchange_the_demo_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def none() -> found.Program:
        raise found.NoExchange("There is no Asterisk on this machine.")

    monkeypatch.setattr(found, "find", none)
    assert await phone.phone(headless=True, port=0) == 1
    assert "no Asterisk" in capsys.readouterr().err
