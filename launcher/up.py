"""The whole product on one machine, for real use: data kept from one start to the next."""

from datetime import UTC, datetime
from pathlib import Path

from launcher.accounts import FIRST_ACCOUNT
from launcher.stack import Clock, start_stack
from launcher.terminal import say


async def up(data: Path, *, port: int, kafka_port: int | None, clock: Clock, ready_file: Path | None) -> None:
    """Runs until a signal comes; raises when something ends by itself."""
    stack = await start_stack(
        data, port=port, kafka_port=kafka_port, clock=clock, clock_start=datetime.now(UTC), ready_file=ready_file
    )
    try:
        say(f"Aftercall serves at {stack.addresses.web}, Kafka at {stack.addresses.kafka}. Stop with Ctrl-C.")
        say(f"The first account is in {data / FIRST_ACCOUNT}.")
        await stack.wait()
    finally:
        await stack.stop()
