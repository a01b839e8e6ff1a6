"""Customers by sipp (the package sip-tester): another telephone than our own, many calls at once."""

import asyncio
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from launcher.telephony import found

SCENARIO = Path(__file__).with_name("rate.xml")
WITHIN = 150.0


def program() -> str:
    """Fails where calls are demanded and there is no sipp; leaves the test out where they are not."""
    if os.environ.get(found.REQUIRED) != "required":
        pytest.skip(f"NOT TESTED: calls by sipp; {found.REQUIRED}=required runs them")
    sipp = shutil.which("sipp")
    assert sipp is not None, "sipp is missing: apt-get install sip-tester"
    return sipp


async def rate(exchange: int, customers: Sequence[tuple[str, str]], folder: Path) -> None:
    """All of these customers (number, key) call the port of the exchange at once and stay until it hangs up."""
    listed = folder / "customers.csv"
    listed.write_text("SEQUENTIAL\n" + "".join(f"{number};{key}\n" for number, key in customers))
    many = str(len(customers))
    arguments = [
        program(), f"127.0.0.1:{exchange}", "-sf", str(SCENARIO), "-inf", str(listed), "-i", "127.0.0.1",
        "-mi", "127.0.0.1", "-m", many, "-l", many, "-r", many, "-nostdin", "-trace_err",
        "-error_file", str(folder / "errors"), "-timeout", f"{WITHIN:.0f}", "-timeout_error",
    ]  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        *arguments, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        async with asyncio.timeout(WITHIN + 10):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    errors = (folder / "errors").read_text() if (folder / "errors").exists() else ""
    assert process.returncode == 0, f"{said.decode(errors='replace')[-3000:]}\n{errors[-3000:]}"
