"""When a case is due: working days with holidays and make-up days."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from chassis.settings import Settings
from chassis.workdays import CLOSES, Calendar, calendar
from chassis.zones import instant_of

NOTICE_HOURS = 4  # FU4: the customer is called at the latest four working hours before a promise is due


class UnknownDuePolicy(ValueError):
    """Not of the form `working_days:<n>` with n from 1 to 60."""


class Urgency(StrEnum):
    OVERDUE = "overdue"
    TODAY = "today"
    SOON = "soon"
    LATER = "later"


@dataclass(frozen=True)
class Workdays:
    """A calendar in the operator's zone."""

    calendar: Calendar
    zone: ZoneInfo

    def due_at(self, policy: str, start: datetime) -> datetime:
        """The close (18:00) of the n-th working day after `start`. Raises `UnknownDuePolicy`."""
        day = self.calendar.add_workdays(start, working_days(policy), self.zone).astimezone(self.zone).date()
        return instant_of(datetime.combine(day, CLOSES), self.zone)

    def ask_at(self, due_at: datetime, made_at: datetime) -> datetime:
        """Ask for the progress callback by then: four working hours before due, never before `made_at`."""
        return max(made_at, self.working_hours(due_at, -NOTICE_HOURS))

    def working_hours(self, at: datetime, hours: float) -> datetime:
        """`hours` of working time after `at`, before it when negative."""
        return self.calendar.add_working_hours(at, hours, self.zone)

    def deadline(self, due_at: datetime, now: datetime) -> datetime:
        """When a progress callback must have happened: by the due time; one that is late gets the next working day."""
        earliest = self.calendar.add_working_hours(now, 1, self.zone)
        return due_at if due_at > earliest else self.due_at("working_days:1", now)

    def urgency(self, due_at: datetime, now: datetime) -> Urgency:
        if due_at < now:
            return Urgency.OVERDUE
        if due_at.astimezone(self.zone).date() == now.astimezone(self.zone).date():
            return Urgency.TODAY
        return Urgency.SOON if self.days_left(due_at, now) <= 2 else Urgency.LATER

    def provisional_year(self, due_at: datetime) -> int | None:
        """The year it lies in, when its official list is not known. Once known, it moves later due times only."""
        year = due_at.astimezone(self.zone).year
        return year if self.calendar.is_provisional(year) else None

    def days_left(self, due_at: datetime, now: datetime) -> int:
        """Working days until due; negative: working days overdue."""
        return self.calendar.workdays_between(now, due_at, self.zone)


def working_days(policy: str) -> int:
    """How many the policy gives. Raises `UnknownDuePolicy`."""
    name, _, number = policy.partition(":")
    if name != "working_days" or not number.isdecimal() or not 1 <= int(number) <= 60:
        raise UnknownDuePolicy(f"due policy is not working_days:<1 to 60>: {policy[:40]!r}")
    return int(number)


def workdays(settings: Settings) -> Workdays:
    return Workdays(calendar(settings.calendar_country, settings.calendar_overrides), ZoneInfo(settings.operator_zone))
