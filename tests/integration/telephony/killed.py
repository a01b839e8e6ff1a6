"""A worker in a process of its own, killed when a tune is to begin."""

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

from chassis.testing.infra import Infra
from tests.integration.telephony.stack import Stack

ROOT = Path(__file__).parents[3]


async def kill_at_the_tune(stack: Stack, infra: Infra, **telephony: Any) -> None:
    """Returns when it is dead; `telephony`: settings that are other than the stack's."""
    told = {
        "settings": {"kafka": infra.kafka, "database_url": stack.survey.settings.database_url},
        "secrets": str(infra.secrets),
        "telephony": stack.settings.model_dump(mode="json") | telephony,
    }
    program = [sys.executable, "-m", "tests.integration.telephony.worker_program", json.dumps(told)]
    process = await asyncio.create_subprocess_exec(*program, cwd=ROOT)
    try:
        async with asyncio.timeout(90):
            assert await process.wait() == -signal.SIGKILL
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
