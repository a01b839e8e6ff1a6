"""The structure that import-linter holds, and a proof that it would notice a breach."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("contracts", "chassis", "services", "launcher")
DRAWERS = {"utils", "helpers", "common", "manager", "service", "misc"}

BREACHES = {
    "a service that imports another": ("services/tagging/store/responses.py", "import services.followup.states"),
    "the chassis that knows a service": ("chassis/outbox.py", "import services.survey.links"),
    "contracts that know the chassis": ("contracts/ids.py", "import chassis.clock"),
    "a service that knows the launcher": ("services/reporting/app.py", "import launcher.main"),
    "a rule that does I/O": ("services/scheduler/planner.py", "import asyncpg"),
}


def lint(directory: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / "lint-imports"
    return subprocess.run([program, "--no-cache"], cwd=directory, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources alone, so that a breach can be planted."""
    directory = tmp_path_factory.mktemp("sources")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, directory / package, ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / "pyproject.toml", directory)
    return directory


def test_the_contracts_of_the_structure_are_kept(copy: Path) -> None:
    assert lint(copy).returncode == 0, lint(copy).stdout


@pytest.mark.parametrize("breach", BREACHES)
def test_a_planted_import_is_noticed(breach: str, copy: Path) -> None:
    name, line = BREACHES[breach]
    file = copy / name
    before = file.read_text(encoding="utf-8")
    file.write_text(f"{before}\n{line}\n", encoding="utf-8")
    try:
        found = lint(copy)
    finally:
        file.write_text(before, encoding="utf-8")
    assert found.returncode != 0
    assert "BROKEN" in found.stdout


def test_no_file_is_a_drawer() -> None:
    found = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if path.stem in DRAWERS]
    assert found == []


def test_no_two_packages_of_tests_have_one_name() -> None:
    """A file would be taken for its namesake, and its own tests would never run."""
    packages = sorted((ROOT / "tests").rglob("__init__.py"))
    names = [_package(file.parent) for file in packages]
    assert len(names) == len(set(names)), names


def _package(folder: Path) -> str:
    parent = folder.parent
    return f"{_package(parent)}.{folder.name}" if (parent / "__init__.py").exists() else folder.name
