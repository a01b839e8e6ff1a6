"""Signs of a careless or impossible record. A flag is evidence for a person, never a reason to drop an answer.

Evidence says what was measured and never what was answered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from contracts.answers import Answer
from contracts.events.survey import QualityFlag
from contracts.vocabulary import AnswerState, Purpose, QuestionKind, ResponseStatus, Score
from services.survey import routing
from services.survey.evidence import measured
from services.survey.interview import PartForm
from services.survey.questionnaire import Question

CHARACTERS_PER_SECOND = 25  # about three times the reading speed of adults in Chinese (some 8 characters a second)
ROW = 4  # fewer equal ratings in a row are nothing unusual
DETRACTOR, PROMOTER = 6, 9  # NPS: 0 to 6 and 9 to 10
STAMMER = 6  # a word of one to three signs, written so often in a row, says nothing
SAME_TEXT = 12  # shorter remarks are the same by chance
SAME_IN_FILE = 5
LONGEST_CALL = timedelta(hours=3)


@dataclass(frozen=True)
class Told:
    """What an imported row tells of its own making; None: it does not tell."""

    answered_at: datetime
    connected_at: datetime | None = None
    seconds: int | None = None
    completed_at: datetime | None = None
    same_texts: int = 1


def flags(form: PartForm) -> tuple[QualityFlag, ...]:
    """`too_fast`: answered in less time than the questions can be read in. `straight_lining`: equal ratings, besides or
    against the recommendation. `repeated_text`: one text for several questions, or one sign over and over.

    Times come from the customer's own pace; where none is known nothing is flagged for it.
    """
    timed = [question for question in form.questionnaire.questions if question.id in form.elapsed_ms]
    spent = sum(form.elapsed_ms[question.id] for question in timed) / 1000
    hasty = _too_fast(timed, spent) if len(timed) >= ROW else ()
    return (*hasty, *_straight_line(form.answers, hasty=bool(hasty)), *_repeated_text(form.texts))


def flags_of_row(form: PartForm, told: Told) -> tuple[QualityFlag, ...]:
    """What only a row of a file can show: its own times, and the same words in many rows."""
    found: list[QualityFlag] = []
    said = [question for question in form.asked if _is_answered(form, question)]
    if told.seconds is not None and told.seconds > 0 and len(said) >= ROW:
        found += _too_fast(said, told.seconds)
    if told.connected_at is not None and told.answered_at < told.connected_at:
        found.append(before_connected(told.answered_at, told.connected_at))
    found += [QualityFlag(code="impossible", evidence=fault) for fault in _impossible(told)]
    if told.same_texts >= SAME_IN_FILE:
        found.append(QualityFlag(code="repeated_text", evidence=measured("same_in_rows", rows=told.same_texts)))
    return tuple(found)


def before_connected(answered_at: datetime, connected_at: datetime | None) -> QualityFlag:
    """Of an answer that is older than the connection; `connected_at` is None where nobody took the call."""
    if connected_at is None:
        return QualityFlag(code="before_connected", evidence=measured("not_connected"))
    early = (connected_at - answered_at).total_seconds()
    return QualityFlag(code="before_connected", evidence=measured("early", seconds=early))


def lacks_reason(form: PartForm) -> bool:
    """A rating of 1 that raises an alert, the reason was asked, and none was given."""
    worst = any(answer.alerts and answer.score is Score.VERY_DISSATISFIED for answer in form.answers.values())
    if not worst or form.part.purpose is not Purpose.SURVEY:
        return False
    asked = [question for question in form.asked if question.kind is QuestionKind.TEXT and question.when]
    put = [question for question in asked if routing.settled(question, form.answers)]
    return bool(put) and all(_says_nothing(form.texts.get(question.id)) for question in put)


@dataclass(frozen=True)
class Record:
    """One response that is told for good, beside others of the same service, purpose and round."""

    response_id: str
    service: tuple[str, str]
    purpose: str
    round: int
    status: ResponseStatus
    recorded_at: datetime
    heard_at: datetime


@dataclass(frozen=True)
class Duplicate:
    response_id: str
    of: str


def duplicates(records: Sequence[Record], told_now: Sequence[str] = ()) -> list[Duplicate]:
    """Of every service, purpose and round all but the winner: the first complete record, without one the first.

    `told_now`: ids that come after all others of the same instant, in their order.
    """
    latest = {response_id: number for number, response_id in enumerate(told_now)}

    def rank(one: Record) -> tuple[bool, datetime, int, datetime, str]:
        partial = one.status is not ResponseStatus.COMPLETE
        return partial, one.recorded_at, latest.get(one.response_id, -1), one.heard_at, one.response_id

    def place(one: Record) -> tuple[tuple[str, str], str, int]:
        return one.service, one.purpose, one.round

    found: list[Duplicate] = []
    for _, same in groupby(sorted(records, key=place), key=place):
        winner, *others = sorted(same, key=rank)
        found += [Duplicate(other.response_id, winner.response_id) for other in others]
    return found


def _too_fast(questions: Sequence[Question], spent: float) -> tuple[QualityFlag, ...]:
    reading = sum(len(routing.plain(question.say("zh-CN"))) for question in questions) / CHARACTERS_PER_SECOND
    if spent >= reading:
        return ()
    evidence = measured("hasty", questions=len(questions), seconds=spent, reading=reading)
    return (QualityFlag(code="too_fast", evidence=evidence),)


def _straight_line(answers: Mapping[str, Answer], *, hasty: bool) -> tuple[QualityFlag, ...]:
    scores = [answer.score for answer in answers.values() if answer.alerts and answer.score is not None]
    if len(scores) < ROW or len(set(scores)) > 1:
        return ()
    if hasty:
        return (QualityFlag(code="straight_lining", evidence=measured("equal", ratings=len(scores))),)
    likelihoods = [answer.likelihood for answer in answers.values() if answer.likelihood is not None]
    if any(_contradicts(scores[0], likelihood) for likelihood in likelihoods):
        return (QualityFlag(code="straight_lining", evidence=measured("equal_against", ratings=len(scores))),)
    return ()


def _contradicts(score: Score, likelihood: int) -> bool:
    praised = score is Score.VERY_SATISFIED and likelihood <= DETRACTOR
    return praised or (score is Score.VERY_DISSATISFIED and likelihood >= PROMOTER)


def _repeated_text(texts: Mapping[str, str]) -> tuple[QualityFlag, ...]:
    said = [text for text in map(folded, texts.values()) if text]
    if len(said) > len(set(said)):
        return (QualityFlag(code="repeated_text", evidence=measured("same_words")),)
    if any(_is_stammer(text) for text in said):
        return (QualityFlag(code="repeated_text", evidence=measured("one_sign")),)
    return ()


def _is_stammer(text: str) -> bool:
    """One to three signs, over and over; the last time may be cut off."""
    return any(
        len(text) >= STAMMER * width and (text[:width] * (len(text) // width + 1)).startswith(text)
        for width in (1, 2, 3)
    )


def folded(text: str) -> str:
    """Words alone: what counts when two texts are compared."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _impossible(told: Told) -> list[str]:
    faults = []
    if told.completed_at is not None and told.answered_at < told.completed_at:
        faults.append(measured("before_completed"))
    if told.connected_at is not None and told.answered_at - told.connected_at > LONGEST_CALL:
        faults.append(measured("long_before", hours=LONGEST_CALL.total_seconds() / 3600))
    if told.seconds is not None and told.seconds <= 0:
        faults.append(measured("no_time"))
    return faults


def _says_nothing(text: str | None) -> bool:
    return text is None or not folded(text) or routing.is_vague(text)


def _is_answered(form: PartForm, question: Question) -> bool:
    answer = form.answers.get(question.id)
    return answer is not None and answer.state is AnswerState.ANSWERED
