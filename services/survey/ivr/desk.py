"""What every rating call of one worker works with."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from chassis.runtime import Runtime
from chassis.workdays import calendar
from services.survey.ivr.exchange import Exchange
from services.survey.ivr.settings import Telephony
from services.survey.ivr.sounds import Sounds


@dataclass(frozen=True)
class Desk:
    runtime: Runtime
    exchange: Exchange
    settings: Telephony
    sounds: Sounds

    def people_work(self, now: datetime) -> bool:
        """Whether somebody may be rung for a transfer."""
        there = self.runtime.settings
        local = now.astimezone(ZoneInfo(there.operator_zone))
        days = calendar(there.calendar_country, there.calendar_overrides)
        begins, ends = self.settings.agent_hours
        return begins <= local.time() <= ends and (self.settings.agent_holidays or days.is_workday(local.date()))
