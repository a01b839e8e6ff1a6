"""What an exchange recorded of calls, as the tests look at it."""

import asyncio
import base64
from typing import Any

import httpx

from launcher.telephony.rtp import FRAME, LINEAR, strength
from services.survey.store.call_recordings import SOUND
from tests.integration.telephony.stack import Stack


def records(stack: Stack) -> None:
    """A worker that records every call."""
    stack.work(stack.settings.model_copy(update={"record": ("*",)}))


async def settled(stack: Stack, name: str) -> dict[str, Any]:
    """The row of its recording, once nothing of it lies at the exchange any more."""
    async with asyncio.timeout(60):
        while True:
            found = await rows(stack, name)
            if found and not found[0]["at_exchange"]:
                return found[0]
            await asyncio.sleep(0.05)


async def rows(stack: Stack, name: str) -> list[dict[str, Any]]:
    found = await stack.survey.query("SELECT * FROM call_recording WHERE callback_id = $1", name)
    return [dict(row) for row in found]


async def sound_of(stack: Stack, row: dict[str, Any]) -> bytes:
    """A-law samples."""
    keys = await stack.survey.runtime.vault.keyring(text=[row["customer_ref"]])
    return base64.b64decode(str(keys.open(row["customer_ref"], SOUND, row["sealed"])))


def seconds_of(sound: bytes, frequency: float) -> float:
    """How long this tone is in it, also below another one."""
    frames = [sound[at : at + FRAME] for at in range(0, len(sound) - FRAME, FRAME)]
    return sum(strength([LINEAR[code] for code in frame], frequency) > 0.3 for frame in frames) * 0.02


async def files_at_exchange(stack: Stack) -> list[str]:
    """Recordings that lie there."""
    login = (stack.settings.user, stack.settings.password)
    async with httpx.AsyncClient(auth=login, trust_env=False) as client:
        answer = await client.get(f"{stack.exchange.url}/ari/recordings/stored")
    return [one["name"] for one in answer.json()]
