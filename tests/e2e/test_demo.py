"""The demo as a user starts it: a small month through the whole product, with one planted defect."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from launcher.demo.defects import DEFECTS, VARIABLE
from launcher.demo.reports import NAME
from launcher.demo.score import FACTS

ROOT = Path(__file__).parents[2]
SHARE = "0.15"
LIMIT_SECONDS = 900


@pytest.mark.e2e
def test_a_planted_defect_turns_exactly_its_line_red_and_ends_with_1() -> None:
    """All the other lines are green: the rest of the month was found as it was planted."""
    found = subprocess.run(
        [sys.executable, "-m", "launcher", "demo", "--headless", "--port", "0", "--share", SHARE],
        cwd=ROOT,
        env={**os.environ, VARIABLE: "department", "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=LIMIT_SECONDS,
        check=False,
    )
    marks = {line[2:].partition("：")[0]: line[0] for line in found.stdout.splitlines() if line[:2] in ("✓ ", "✗ ")}
    assert list(marks) == [*FACTS, NAME], found.stdout + found.stderr
    assert [name for name, mark in marks.items() if mark == "✗"] == [DEFECTS["department"].line], found.stdout
    assert found.returncode == 1


def test_an_unknown_defect_is_refused_in_one_sentence() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "launcher", "demo", "--headless"],
        cwd=ROOT,
        env={**os.environ, VARIABLE: "gremlins"},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert found.returncode == 1
    assert found.stdout == ""
    assert len(found.stderr.strip().splitlines()) == 1
    assert "gremlins" in found.stderr
