"""What customers and agents do on the telephone."""

import asyncio

from launcher.telephony.rtp import Call
from launcher.telephony.telephone import Behaviour
from tests.integration.telephony.stack import Stack

CUSTOMER_HUMS, AGENT_HUMS = 2650.0, 3050.0
FIRST_NOTE = 523.25
"""Of the cheerful tune, Hz."""


class Customers:
    """What they do once they have taken the call."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.talked: list[str] = []

    def rates(self, *keys: str, together: asyncio.Barrier | None = None) -> Behaviour:
        """Presses these keys at the question, `together`: once that many customers have heard it."""

        async def does(call: Call) -> None:
            await call.hears(self.stack.tones["overall"])
            if together is not None:
                await together.wait()
            for key in keys:
                call.press(key)
            await call.ended()

        return does

    def answers(self, rating: str, number: str) -> Behaviour:
        asked = {"overall": rating, "response_speed": "2", "attitude": "1", "solved": "1", "nps": number}

        async def does(call: Call) -> None:
            for question, keys in asked.items():
                await call.hears(self.stack.tones[question])
                for key in keys:
                    call.press(key)
            await call.ended()

        return does

    def presses_again_and_again(self, *keys: str) -> Behaviour:
        async def does(call: Call) -> None:
            for number, key in enumerate(keys):
                if number:
                    await call.hears(self.stack.tones["again"])
                await call.hears(self.stack.tones["overall"])
                call.press(key)
            await call.ended()

        return does

    async def interrupts(self, call: Call) -> None:
        await call.hears(self.stack.tones["opening"])
        call.press("1")
        await call.ended()

    async def hangs_up_at_once(self, call: Call) -> None:
        await call.hears(self.stack.tones["opening"])
        call.hang_up()

    async def hangs_up_at_the_key(self, call: Call) -> None:
        await call.hears(self.stack.tones["overall"])
        call.press("5")
        await call.keys_sent()
        await asyncio.sleep(0.2)  # the correction time goes on for 2 s
        call.hang_up()

    async def hangs_up_in_the_tune(self, call: Call) -> None:
        await call.hears(self.stack.tones["overall"])
        call.press("1")
        await call.hears(FIRST_NOTE)
        call.hang_up()

    async def talks(self, call: Call) -> None:
        await call.hears(self.stack.tones["overall"])
        call.press("5")
        call.hum(CUSTOMER_HUMS)
        await call.hears(AGENT_HUMS)
        self.talked.append("customer")
        await call.ended()

    async def helps(self, call: Call) -> None:
        """The agent."""
        call.hum(AGENT_HUMS)
        await call.hears(CUSTOMER_HUMS)
        await asyncio.sleep(1)
        self.talked.append("agent")
        call.hang_up()
