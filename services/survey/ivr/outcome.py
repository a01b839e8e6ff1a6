"""What is told of a rating call's end. Facts in, disposition out."""

from dataclasses import dataclass

from contracts.vocabulary import Disposition, NotAttempted
from services.survey.interview import Interview
from services.survey.ivr.events import Finish

# Causes of ITU-T Q.850 with which a call ends that nobody took.
_UNREACHED: dict[int, Disposition] = {
    1: Disposition.WRONG_NUMBER,  # unallocated
    3: Disposition.WRONG_NUMBER,  # no route to destination
    17: Disposition.BUSY,
    18: Disposition.NO_ANSWER,  # no user responding
    19: Disposition.NO_ANSWER,  # alerted, no answer
    20: Disposition.SWITCHED_OFF,  # subscriber absent
    21: Disposition.NO_ANSWER,  # the telephone rejected it
    22: Disposition.WRONG_NUMBER,  # number changed
    27: Disposition.SWITCHED_OFF,  # destination out of order
    28: Disposition.WRONG_NUMBER,  # invalid number format
}
NOT_STORED = "the answer could not be stored: the same contact is made once more"


@dataclass(frozen=True)
class Ended:
    disposition: Disposition
    not_attempted: NotAttempted | None = None
    detail: str | None = None


def unreached(cause: int) -> Ended:
    """Nobody took the call. A cause that says nothing of the customer counts as no answer, and is named."""
    return Ended(_UNREACHED.get(cause, Disposition.NO_ANSWER), detail=f"Q.850 cause {cause}")


def ended(finish: Finish, interview: Interview) -> Ended:
    """`interview`: what is stored in the end, whatever was known on the way."""
    if not finish.connected:
        return unreached(finish.cause)
    heard = any(form.answers for form in interview.parts)
    if not finish.stored and not heard:
        # given back as late is what makes scheduler allow the same contact again
        return Ended(Disposition.NOT_ATTEMPTED, NotAttempted.LATE, NOT_STORED)
    return Ended(by_answers(interview))


def by_answers(interview: Interview) -> Disposition:
    """A menu that came to its planned end left nothing out by the customer's will: partial, not broken off."""
    found = interview.disposition_now()
    return Disposition.PARTIAL if found is Disposition.BREAK_OFF and interview.ended_at is not None else found
