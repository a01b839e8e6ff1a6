"""What the one process of `aftercall up` holds when nothing is to be done."""

import asyncio
import sys
import tempfile
from pathlib import Path

from launcher.bench.stage import BenchError
from launcher.bench.usage import resident

START_SECONDS = 180.0


async def idle_memory(settle: float) -> int:
    """Bytes resident in the process of all services, pages included, `settle` seconds after it serves."""
    with tempfile.TemporaryDirectory(prefix="aftercall-idle-", ignore_cleanup_errors=True) as place:
        ready = Path(place) / "ready.json"
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "launcher", "up", "--data", f"{place}/data", "--port", "0",
            "--ready-file", str(ready),
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            async with asyncio.timeout(START_SECONDS):
                while not ready.exists():
                    if process.returncode is not None:
                        raise BenchError("the stack whose memory was to be measured did not start")
                    await asyncio.sleep(0.2)
            await asyncio.sleep(settle)
            return resident(process.pid)
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()
