"""A customer of the demo as only the driver knows them: what they think, how they can be reached, what they do."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from launcher.demo.words import Complaint

SHANGHAI = "Asia/Shanghai"


class Ring(StrEnum):
    """What comes of dialling the number."""

    ANSWER = "answer"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    VOICEMAIL = "voicemail"
    SWITCHED_OFF = "switched_off"
    STRANGER = "wrong_number"


class OnThePhone(StrEnum):
    """What the customer does once they have picked up."""

    TALK = "talk"
    REFUSE = "refuse"
    REFUSE_TAKE_LINK = "refuse_take_link"
    HANG_UP = "hang_up"
    LATER = "later"
    STOP = "stop"
    """Asks never to be called again."""


class WithTheLink(StrEnum):
    SUBMIT = "submit"
    IGNORE = "ignore"
    LEAVE = "leave"
    """Answers a few questions and never comes back."""
    STOP = "stop"


@dataclass(frozen=True)
class Opinion:
    """What the customer thinks of one service; the truth that the figures are held to."""

    overall: int
    response_speed: int
    competence: int
    attitude: int
    clarity: int
    callback: int
    nps: int
    solved: str
    complaint: Complaint | None = None
    remarks: str | None = None
    remark_kind: str | None = None
    """`suggestion` or `praise`, with its department."""
    remark_department: str | None = None
    after: tuple[int, ...] = (5,)
    """What they think of the handling, asked at each second callback; the last one stays."""

    @property
    def lowest(self) -> int:
        return min(self.overall, self.response_speed, self.competence, self.attitude, self.clarity)

    def rating(self, question: str) -> int | None:
        value = {
            "overall": self.overall,
            "response_speed": self.response_speed,
            "competence": self.competence,
            "attitude": self.attitude,
            "clarity": self.clarity,
            "callback": self.callback,
        }
        return value.get(question)


@dataclass(frozen=True)
class Habits:
    """`rings`: what comes of the first, second, … call; the last one stays. `reads_after`: from mail to answer."""

    rings: tuple[Ring, ...] = (Ring.ANSWER,)
    phone: OnThePhone = OnThePhone.TALK
    link: WithTheLink = WithTheLink.SUBMIT
    reads_after: timedelta = timedelta(hours=2)
    talks: timedelta = timedelta(minutes=5)
    mailbox_is_full: bool = False
    """The mail server refuses what is sent there."""

    def ring(self, number: int) -> Ring:
        """Of the call with this number, from 0 on."""
        return self.rings[min(number, len(self.rings) - 1)]


@dataclass(frozen=True)
class Customer:
    customer_id: str
    name: str
    phone: str | None
    email: str | None
    level: str | None = None
    zone: str = SHANGHAI


@dataclass(frozen=True)
class Work:
    """One finished piece of work. `stratum` is None for what does not belong into the frame."""

    source: str
    service_id: str
    customer: Customer
    scenario: str
    service_type: str
    completed_at: datetime
    handled_at: datetime | None
    told_at: datetime
    """When the CRM publishes it."""
    team: str
    region: str
    opinion: Opinion
    habits: Habits
    stratum: str | None
    over_http: bool = False
    expected_reason: str | None = None
    """Why the ledger must keep it out of the frame."""

    @property
    def key(self) -> tuple[str, str]:
        return self.source, self.service_id
