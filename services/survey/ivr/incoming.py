"""A call that comes in and belongs to no permit: it is ended kindly."""

import asyncio
from dataclasses import dataclass, field

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from chassis.runtime import Runtime
from services.survey.ivr.desk import Desk
from services.survey.ivr.events import Line
from services.survey.ivr.exchange import NoSuchChannel
from services.survey.ivr.menu import HOUSE_LINES
from services.survey.ivr.sounds import prompt_file

LONGEST_SECONDS = 15.0


@dataclass
class Incoming:
    """`over`: the line was said, or the caller is gone."""

    desk: Desk
    channel: str
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def turn_away(self) -> None:
        language = self.desk.runtime.settings.language
        file = self.desk.sounds.folder / prompt_file(HOUSE_LINES[Line.NEUTRAL][language], language)
        try:
            await self.desk.exchange.play(self.channel, f"{self.channel}-away", str(file))
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


def phone_of(raw: str, runtime: Runtime) -> str | None:
    """E.164 of the number that a caller shows; None when it shows none."""
    try:
        number = phonenumbers.parse(raw, runtime.settings.calendar_country)
    except NumberParseException:
        return None
    return (
        phonenumbers.format_number(number, PhoneNumberFormat.E164) if phonenumbers.is_possible_number(number) else None
    )
