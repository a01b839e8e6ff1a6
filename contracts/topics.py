"""The one table of topics: what each carries, who writes it, who reads it. Everything else is made from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from contracts.envelope import Event
from contracts.events.followup import CallbackRequested, CaseChanged, ImprovementChanged, PromiseChanged
from contracts.events.intake import ContactPreferenceChanged, CustomerActed, CustomerRegistered, ServiceCompleted
from contracts.events.reporting import ReportPublished
from contracts.events.scheduler import (
    CallbackCancelled,
    CallbackClosed,
    CallbackDue,
    ContactSuppressed,
    CustomerErased,
    SamplingPeriodClosed,
    SamplingPeriodOpened,
    ServiceAccepted,
)
from contracts.events.survey import AttemptClosed, OptOutRequested, PromiseMade, ResponseRecorded, ResponseVoided
from contracts.events.tagging import CustomerTagged, LowScoreFlagged, PraiseRouted, ResponseTagged, SuggestionRouted

PARTITIONS = 12
"""Fixed for life: the order per customer rests on it."""
DEAD_LETTER_SUFFIX = ".dlq"
FOREVER = timedelta(milliseconds=-1)

SCHEDULER, SURVEY, TAGGING, FOLLOWUP, REPORTING = SERVICES = ("scheduler", "survey", "tagging", "followup", "reporting")
CRM, DEPARTMENTS = "crm", "departments"


@dataclass(frozen=True)
class Topic:
    """`retention` FOREVER: kept for rebuilds. An intake topic holds plain personal data and is read by one service."""

    model: type[Event]
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    retention: timedelta = FOREVER
    intake: bool = False
    opt_out: bool = False
    """Never parked behind an earlier failure."""

    @property
    def name(self) -> str:
        return self.model.topic

    @property
    def dead_letters(self) -> str:
        return self.name + DEAD_LETTER_SUFFIX


def _intake(model: type[Event]) -> Topic:
    return Topic(model, (CRM,), (SCHEDULER,), retention=timedelta(days=30), intake=True)


TOPICS: tuple[Topic, ...] = (
    _intake(ServiceCompleted),
    _intake(CustomerRegistered),
    _intake(CustomerActed),
    _intake(ContactPreferenceChanged),
    Topic(ServiceAccepted, (SCHEDULER,), (SURVEY, TAGGING, REPORTING)),
    Topic(SamplingPeriodOpened, (SCHEDULER,), (REPORTING,)),
    Topic(SamplingPeriodClosed, (SCHEDULER,), (REPORTING,)),
    Topic(CallbackDue, (SCHEDULER,), (SURVEY,), retention=timedelta(days=30)),
    Topic(CallbackCancelled, (SCHEDULER,), (SURVEY,)),
    Topic(CallbackClosed, (SCHEDULER,), (SURVEY, FOLLOWUP, REPORTING)),
    Topic(ContactSuppressed, (SCHEDULER,), (SURVEY, FOLLOWUP), opt_out=True),
    Topic(OptOutRequested, (SURVEY, FOLLOWUP), (SCHEDULER,), opt_out=True),
    Topic(AttemptClosed, (SURVEY,), (SCHEDULER, FOLLOWUP, REPORTING)),
    Topic(ResponseRecorded, (SURVEY,), (SCHEDULER, TAGGING, FOLLOWUP, REPORTING)),
    Topic(ResponseVoided, (SURVEY,), (SCHEDULER, TAGGING, FOLLOWUP, REPORTING)),
    Topic(PromiseMade, (SURVEY,), (SCHEDULER, FOLLOWUP)),
    Topic(ResponseTagged, (TAGGING,), (SCHEDULER, SURVEY, REPORTING)),
    Topic(CustomerTagged, (TAGGING,), (SCHEDULER, SURVEY, REPORTING)),
    Topic(LowScoreFlagged, (TAGGING,), (FOLLOWUP, DEPARTMENTS)),
    Topic(SuggestionRouted, (TAGGING,), (FOLLOWUP, DEPARTMENTS)),
    Topic(PraiseRouted, (TAGGING,), (FOLLOWUP, DEPARTMENTS)),
    Topic(CaseChanged, (FOLLOWUP,), (SCHEDULER, SURVEY, REPORTING, DEPARTMENTS)),
    Topic(PromiseChanged, (FOLLOWUP,), (SCHEDULER, SURVEY, REPORTING)),
    Topic(ImprovementChanged, (FOLLOWUP,), (SCHEDULER, SURVEY, REPORTING)),
    Topic(CallbackRequested, (FOLLOWUP, SURVEY, REPORTING), (SCHEDULER,)),
    Topic(CustomerErased, (SCHEDULER,), (SURVEY, TAGGING, FOLLOWUP, REPORTING), opt_out=True),
    Topic(ReportPublished, (REPORTING,), ()),
)

BY_NAME: dict[str, Topic] = {topic.name: topic for topic in TOPICS}


def read_by(service: str) -> Iterator[Topic]:
    return (topic for topic in TOPICS if service in topic.consumers)
