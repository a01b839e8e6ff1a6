"""What a rating call asks of a telephone exchange. An adapter only translates."""

from collections.abc import Sequence
from typing import Protocol


class ExchangeError(Exception):
    """The exchange refused or did not answer; the sentence says what."""


class NoSuchChannel(ExchangeError):
    """The channel is gone: the normal end of whatever was wanted of it."""


class Exchange(Protocol):
    """Every method raises `ExchangeError`; those on a channel `NoSuchChannel` when it is gone."""

    async def originate(self, channel: str, endpoint: str, *, caller: str, seconds: int) -> None:
        """Rings. A channel of this name that is up already is left as it is."""

    async def answer(self, channel: str) -> None: ...

    async def play(self, channel: str, playback: str, sound: str) -> None:
        """`sound`: path without ending, as the exchange sees it."""

    async def stop(self, playback: str) -> None:
        """One that is over already is left alone."""

    async def ringing(self, channel: str) -> None:
        """The customer hears that a telephone rings."""

    async def quiet(self, channel: str) -> None:
        """The ringing ends."""

    async def bridge(self, bridge: str, channels: Sequence[str]) -> None: ...

    async def unbridge(self, bridge: str) -> None: ...

    async def hang_up(self, channel: str) -> None: ...

    async def listen_in(self, channel: str, listener: str) -> None:
        """A channel of this name hears both sides of the other one; once it is up, it is told."""

    async def record(self, channel: str, name: str, *, seconds: int) -> None:
        """What this channel hears, as A-law of 8 kHz, until it is gone, at most so long."""

    async def is_recording(self, name: str) -> bool: ...

    async def end_recording(self, name: str) -> None:
        """What was recorded is left where it is. One that is over already is left alone."""

    async def recorded(self, name: str) -> bytes | None:
        """The samples; None when there is no such recording."""

    async def delete_recording(self, name: str) -> None:
        """One that is not there is left alone."""

    async def channels(self) -> dict[str, str]:
        """State by channel, of every channel that is up or rings."""
