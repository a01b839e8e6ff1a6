"""The words of the field as types: one name, one meaning, checked where a value enters."""

from enum import IntEnum, StrEnum
from typing import Annotated, NewType

from pydantic import Field, StringConstraints

CustomerRef = NewType("CustomerRef", str)
"""Random reference of one (source, customer_id); the only name of a customer outside the vault."""
CompletionRef = NewType("CompletionRef", str)
"""Random reference of one completion (source, service_id)."""
CallbackId = NewType("CallbackId", str)
ResponseId = NewType("ResponseId", str)
CaseId = NewType("CaseId", str)
PromiseId = NewType("PromiseId", str)
ItemId = NewType("ItemId", str)
BlindIndex = NewType("BlindIndex", str)
"""Keyed hash (hex) of a phone number or e-mail address: equal contacts have equal indexes, nothing else is told."""
Sealed = NewType("Sealed", str)
"""A value sealed by the vault; a plain string to everybody without the key."""
Month = Annotated[str, StringConstraints(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
"""A sampling period: the month of completed_at in the operator's zone, such as `2026-10`."""
Probability = Annotated[float, Field(ge=0, le=1)]
SourceName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


class Score(IntEnum):
    """A satisfaction rating; 5 is the best. Never a telephone key: see `Digit`."""

    VERY_DISSATISFIED = 1
    DISSATISFIED = 2
    AVERAGE = 3
    SATISFIED = 4
    VERY_SATISFIED = 5


class Digit(StrEnum):
    """A key of a telephone keypad. What it means is said by the prompt that was played, never by the key."""

    ZERO = "0"
    ONE = "1"
    TWO = "2"
    THREE = "3"
    FOUR = "4"
    FIVE = "5"
    SIX = "6"
    SEVEN = "7"
    EIGHT = "8"
    NINE = "9"
    STAR = "*"
    HASH = "#"


Likelihood = Annotated[int, Field(ge=0, le=10)]
"""An answer to the recommendation question (0–10)."""


class Scenario(StrEnum):
    AFTER_SALE = "after_sale"
    COMPLAINT = "complaint"
    CONSULTATION = "consultation"
    INSTALLATION = "installation"
    ACTIVATION = "activation"
    CARE = "care"
    BETA = "beta"
    USAGE = "usage"
    FIRST_SERVICE = "first_service"


class Purpose(StrEnum):
    """Why a customer is contacted; only `survey` enters the figures."""

    SURVEY = "survey"
    VERIFICATION = "verification"
    PROGRESS = "progress"


class Channel(StrEnum):
    """A way of contact, and the way an imported record came."""

    PHONE = "phone"
    IVR = "ivr"
    SMS = "sms"
    EMAIL = "email"
    IMPORT = "import"


class ChannelReason(StrEnum):
    """Why this channel: only `random` assignments may be compared for a mode effect."""

    RANDOM = "random"
    PREFERENCE = "preference"
    FALLBACK = "fallback"
    POLICY = "policy"


class Disposition(StrEnum):
    """How one attempt ended."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    BREAK_OFF = "break_off"
    REFUSAL = "refusal"
    APPOINTMENT = "appointment"
    OPTED_OUT = "opted_out"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    VOICEMAIL = "voicemail"
    SWITCHED_OFF = "switched_off"
    WRONG_NUMBER = "wrong_number"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    NOT_ATTEMPTED = "not_attempted"


class NotAttempted(StrEnum):
    """Why a permit was given back without an attempt."""

    LATE = "late"
    SUPPRESSED = "suppressed"
    CANCELLED = "cancelled"
    UNCLAIMED = "unclaimed"
    ALREADY_ANSWERED = "already_answered"


class Verdict(StrEnum):
    """What the ledger says of a completion when it arrives."""

    SELECTED = "selected"
    NOT_DRAWN = "not_drawn"
    REJECTED = "rejected"
    OUT_OF_FRAME = "out_of_frame"


class Explanation(StrEnum):
    """The one terminal explanation of a service: why the customer was, or was not, heard."""

    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    OUT_OF_FRAME = "out_of_frame"
    NOT_DRAWN = "not_drawn"
    NO_CONTACT_DATA = "no_contact_data"
    OPTED_OUT = "opted_out"
    SUPPRESSED_BY_BUDGET = "suppressed_by_budget"
    WINDOW_MISSED = "window_missed"
    EXHAUSTED = "exhausted"
    REFUSED = "refused"
    BREAK_OFF = "break_off"
    PARTIAL = "partial"
    COMPLETE = "complete"
    UNREPORTED = "unreported"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"


class Cell(StrEnum):
    """Non-response cell, fixed on arrival: was this phone number called within the budget window before?"""

    FIRST = "first"
    REPEAT = "repeat"


class Priority(IntEnum):
    """Order of the queue; smaller is earlier."""

    COMPLAINT = 1
    PROMISED = 2
    VIP = 3
    ORDINARY = 4


class ResponseStatus(StrEnum):
    COMPLETE = "complete"
    PARTIAL = "partial"


class AnswerState(StrEnum):
    ANSWERED = "answered"
    NOT_ASKED = "not_asked"
    NOT_ANSWERED = "not_answered"
    REFUSED = "refused"


class QuestionKind(StrEnum):
    RATING = "rating"
    NPS = "nps"
    SOLVED = "solved"
    APPROVAL = "approval"
    CHOICE = "choice"
    TEXT = "text"


class Solved(StrEnum):
    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


class Dimension(StrEnum):
    OVERALL = "overall"
    RESPONSE_SPEED = "response_speed"
    COMPETENCE = "competence"
    ATTITUDE = "attitude"
    CLARITY = "clarity"
    CALLBACK = "callback"


class Mood(StrEnum):
    CALM = "calm"
    DISAPPOINTED = "disappointed"
    DISSATISFIED = "dissatisfied"
    AGITATED = "agitated"


class ItemKind(StrEnum):
    PROBLEM = "problem"
    SUGGESTION = "suggestion"
    PRAISE = "praise"
    NEW_DEMAND = "new_demand"


class ItemState(StrEnum):
    RAISED = "raised"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"


class Severity(StrEnum):
    """How urgent an item is; `remark` never opens a case."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"
    REMARK = "remark"


class CaseState(StrEnum):
    OPEN = "open"
    WORKING = "working"
    SOLVED = "solved"
    TOLD = "told"
    CLOSED = "closed"
    REOPENED = "reopened"


class ClosedAs(StrEnum):
    CONTACTED = "contacted"
    NOT_REACHED = "not_reached"
    CORRECTED = "corrected"


class PromiseState(StrEnum):
    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"
    WITHDRAWN = "withdrawn"


class RequestState(StrEnum):
    OPEN = "open"
    WITHDRAWN = "withdrawn"


class SuppressionScope(StrEnum):
    ALL = "all"
    PHONE = "phone"
    SMS = "sms"
    EMAIL = "email"


class SuppressionState(StrEnum):
    SUPPRESSED = "suppressed"
    LIFTED = "lifted"


class AgreedAgent(StrEnum):
    OWN = "own"
    ANY = "any"
