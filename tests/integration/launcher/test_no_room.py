"""A disk without room: one sentence, code 1, no server left behind."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[3]
ROOM = 420
START_SECONDS = 240


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of a size just above what a start asks for."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOM}m", "tmpfs", str(place)], check=False)
    if mounted.returncode != 0:
        pytest.skip("only root may mount a small file system")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def fill(place: Path, *, leave: int = 0) -> None:
    """Takes what is free but `leave` MB."""
    free = os.statvfs(place)
    blocks = free.f_bavail * free.f_frsize - leave * 2**20
    with (place / "filled").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, blocks)


def up(place: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-P", "-m", "launcher", "up", "--data", str(place / "data"), "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def complaint_of(process: subprocess.Popen[str]) -> str:
    words, complaint = process.communicate(timeout=START_SECONDS)
    assert (process.returncode, words, len(complaint.splitlines())) == (1, "", 1), complaint
    return complaint


def servers_in(place: Path) -> list[psutil.Process]:
    return [p for p in psutil.process_iter() if any(str(place) in word for word in _command(p))]


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_a_disk_that_is_too_small_is_refused_before_anything_starts(disk: Path) -> None:
    fill(disk, leave=50)
    assert complaint_of(up(disk)).startswith("aftercall: No disk space: Aftercall needs 400 MB in ")


def test_a_disk_that_fills_up_during_the_start_stops_what_was_started(disk: Path) -> None:
    process = up(disk)
    deadline = time.monotonic() + START_SECONDS
    while not (disk / "data" / "postgres" / "cluster").exists():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    fill(disk)
    assert complaint_of(process).startswith("aftercall: ")
    assert servers_in(disk) == []
