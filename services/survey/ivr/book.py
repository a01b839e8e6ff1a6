"""What a call's commands store, and what the call is told of it; the same at every kind of exchange."""

from dataclasses import dataclass

import structlog

from chassis.runtime import Runtime
from services.survey.interview import Interview
from services.survey.ivr import ending, events, keeping, playing
from services.survey.ivr.events import Event
from services.survey.ivr.menu import Menu
from services.survey.ivr.settings import House
from services.survey.ivr.storing import finished, in_time, kept
from services.survey.ivr.tunes import NoTune, Tune
from services.survey.metrics import KEYS_PRESSED
from services.survey.renderings.ivr import Band
from services.survey.store.rating_calls import RatingCall

log = structlog.get_logger(__name__)
Stored = events.KeepPress | events.Record | events.EndTune | events.Promise | events.Finish


@dataclass(frozen=True)
class Book:
    runtime: Runtime
    call: RatingCall

    async def answered(self, interview: Interview) -> Interview:
        """That the customer took the call; the interview as it is stored then."""
        return await kept("that it was answered", keeping.answered(self.runtime, self.call)) or interview

    async def write(self, command: Stored, menu: Menu) -> Event | None:
        runtime, call = self.runtime, self.call
        match command:
            case events.KeepPress():
                KEYS_PRESSED.inc()
                await kept("a key", keeping.keep_press(runtime, call, command, menu))
            case events.Record():
                return await in_time(keeping.record(runtime, call, command, menu))
            case events.EndTune():
                await kept("the end of a tune", keeping.end_tune(runtime, call, command.how))
            case events.Promise():
                await kept("a promise", keeping.promise_call(runtime, call, menu))
            case events.Finish():
                await finished(lambda: ending.finish(runtime, call, command))
        return None

    async def note_agent(self, moment: str) -> None:
        """`moment`: agent_called or agent_answered."""
        await kept("a transfer", keeping.note_agent(self.runtime, self.call, moment))

    async def begin_tune(self, band: Band, settings: House) -> Tune | None:
        """The tune, once it is stored that it begins; None when none must be played."""
        try:
            choice = await playing.choice(self.runtime, self.call, band, settings)
        except NoTune as error:
            log.error("no tune", why=str(error))
            return None
        stored = await kept("a tune", keeping.begin_tune(self.runtime, self.call, choice.tune.id, choice.pilot_id))
        return choice.tune if stored else None
