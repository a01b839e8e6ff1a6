"""What every rating call of one worker works with."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from chassis.runtime import Runtime
from chassis.workdays import calendar
from services.survey.ivr.exchange import Exchange
from services.survey.ivr.recorder import Recorder
from services.survey.ivr.settings import House, Telephony
from services.survey.ivr.sounds import Sounds


@dataclass(frozen=True)
class Desk:
    runtime: Runtime
    exchange: Exchange
    settings: Telephony
    sounds: Sounds
    recorder: Recorder

    def people_work(self, now: datetime) -> bool:
        return people_work(self.runtime, self.settings, now)


def people_work(runtime: Runtime, settings: House, now: datetime) -> bool:
    """Whether somebody may be rung for a transfer."""
    there = runtime.settings
    local = now.astimezone(ZoneInfo(there.operator_zone))
    days = calendar(there.calendar_country, there.calendar_overrides)
    begins, ends = settings.agent_hours
    return begins <= local.time() <= ends and (settings.agent_holidays or days.is_workday(local.date()))
