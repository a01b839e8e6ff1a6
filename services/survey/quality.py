"""Signs of a careless record. A flag is evidence for a person, never a reason to drop an answer."""

from contracts.answers import Answer
from contracts.events.survey import QualityFlag
from contracts.vocabulary import AnswerState, QuestionKind
from services.survey import routing
from services.survey.interview import PartForm

CHARACTERS_PER_SECOND = 25  # about three times the reading speed of adults in Chinese (some 8 characters a second)
ROW = 4  # fewer equal ratings in a row are nothing unusual


def flags(form: PartForm) -> tuple[QualityFlag, ...]:
    """`too_fast`: answered in less time than the questions can be read in. `straight_lining`: equal ratings besides.

    Times come from the customer's own pace; where none is known nothing is flagged.
    """
    timed = [question for question in form.questionnaire.questions if question.id in form.elapsed_ms]
    if len(timed) < ROW:
        return ()
    spent = sum(form.elapsed_ms[question.id] for question in timed) / 1000
    reading = sum(len(routing.plain(question.say("zh-CN"))) for question in timed) / CHARACTERS_PER_SECOND
    if spent >= reading:
        return ()
    measured = f"{len(timed)} questions in {spent:.1f} s, reading takes {reading:.1f} s"
    found = [QualityFlag(code="too_fast", evidence=measured)]
    scores = [answer.score for answer in form.answers.values() if _is_rating(answer)]
    if len(scores) >= ROW and len(set(scores)) == 1:
        found.append(QualityFlag(code="straight_lining", evidence=f"{len(scores)} equal ratings"))
    return tuple(found)


def _is_rating(answer: Answer) -> bool:
    return answer.kind is QuestionKind.RATING and answer.state is AnswerState.ANSWERED
