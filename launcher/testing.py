"""Everything that the continuous integration runs, in one command."""

import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from pathlib import Path

from launcher.terminal import complain, say

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("lint-imports",),
)
FAULTS = "--faults"
WORKERS = ("-n", "2", "--dist", "loadfile")


def run(arguments: Sequence[str]) -> int:
    """With `--faults [all|ROW,...] [--seed N]` the fault table, else all checks and tests; the exit code."""
    if FAULTS not in arguments:
        return run_checks(arguments)
    place = arguments.index(FAULTS)
    command = [sys.executable, "-m", "tests.faults", *arguments[:place], *arguments[place + 1 :]]
    return subprocess.run(command, cwd=ROOT, check=False).returncode  # noqa: S603


def run_checks(pytest_arguments: Sequence[str]) -> int:
    """The exit code: 0 when all checks and all tests passed. The last line is `N passed, N failed`."""
    failed = [check for check in CHECKS if not _passes(check)]
    passed, broken, code = _run_tests(pytest_arguments)
    for check in failed:
        complain(f"failed: {' '.join(check)}")
    say(f"{passed + len(CHECKS) - len(failed)} passed, {broken + len(failed)} failed")
    return 1 if failed or broken or code else 0


def _passes(check: Sequence[str]) -> bool:
    say(f"== {' '.join(check)}")
    return subprocess.run([str(BIN / check[0]), *check[1:]], cwd=ROOT, check=False).returncode == 0  # noqa: S603


def _run_tests(arguments: Sequence[str]) -> tuple[int, int, int]:
    """Tests that passed, tests that failed or broke, pytest's exit code."""
    say(f"== pytest {' '.join(arguments)}".rstrip())
    workers = () if any(word == "-n" or word.startswith(("-n=", "--numprocesses")) for word in arguments) else WORKERS
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory) / "junit.xml"
        command = [sys.executable, "-m", "pytest", *workers, f"--junitxml={report}", *arguments]
        code = subprocess.run(command, cwd=ROOT, check=False).returncode  # noqa: S603
        if not report.exists():
            return 0, 1, code
        return *counts(report), code


def counts(report: Path) -> tuple[int, int]:
    suites = list(ElementTree.parse(report).getroot().iter("testsuite"))  # noqa: S314 - written by pytest just now
    broken = sum(int(suite.get("failures", 0)) + int(suite.get("errors", 0)) for suite in suites)
    idle = sum(int(suite.get("skipped", 0)) for suite in suites)
    return sum(int(suite.get("tests", 0)) for suite in suites) - broken - idle, broken
