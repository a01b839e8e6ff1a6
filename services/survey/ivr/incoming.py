"""A call that comes in and belongs to no permit: it is ended kindly."""

import asyncio
from dataclasses import dataclass, field

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from chassis.runtime import Runtime
from services.survey.ivr.desk import Desk
from services.survey.ivr.events import Line
from services.survey.ivr.exchange import NoSuchChannel
from services.survey.permits import Permit
from services.survey.store import rating_calls

LONGEST_SECONDS = 15.0


@dataclass
class Incoming:
    """`over`: the line was said, or the caller is gone."""

    desk: Desk
    channel: str
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def turn_away(self) -> None:
        language = self.desk.runtime.settings.language
        file = self.desk.sounds.of_house(Line.NEUTRAL, language)
        try:
            await self.desk.exchange.play(self.channel, f"{self.channel}-away", file)
            async with asyncio.timeout(LONGEST_SECONDS):
                await self.over.wait()
        except TimeoutError:
            pass
        except NoSuchChannel:
            return
        await self._hang_up()

    async def _hang_up(self) -> None:
        try:
            await self.desk.exchange.hang_up(self.channel)
        except NoSuchChannel:
            return


async def permit_of_caller(runtime: Runtime, number: str) -> Permit | None:
    """The permit that waits for whoever shows this number."""
    phone = phone_of(number, runtime)
    if phone is None:
        return None
    now = await runtime.now()
    async with runtime.reading() as connection:
        return await rating_calls.at_number(connection, runtime.vault.phone_index(phone), now)


def phone_of(raw: str, runtime: Runtime) -> str | None:
    """E.164 of the number that a caller shows; None when it shows none."""
    try:
        number = phonenumbers.parse(raw, runtime.settings.calendar_country)
    except NumberParseException:
        return None
    return (
        phonenumbers.format_number(number, PhoneNumberFormat.E164) if phonenumbers.is_possible_number(number) else None
    )
