"""Which question comes next, what is missing, and what would be recorded now. Functions of the answers so far."""

from collections.abc import Mapping, Sequence

from contracts.answers import Answer
from contracts.vocabulary import AnswerState, Channel, Disposition, ResponseStatus, Score
from services.survey.canonical import canonical
from services.survey.questionnaire import Condition, Medium, Outcome, Probe, Question, Questionnaire, Words

COMPLETE_SHARE = 0.8  # AAPOR, Standard Definitions (2023): more than 80 % of the applicable questions is a complete

Answers = Mapping[str, Answer]
"""By question id."""

_MEDIUM = {
    Channel.PHONE: Medium.AGENT,
    Channel.IVR: Medium.IVR,
    Channel.SMS: Medium.WEB,
    Channel.EMAIL: Medium.WEB,
    Channel.IMPORT: Medium.SHEET,
}
# Words that are an answer to nothing; compared without punctuation.
_VAGUE = frozenset(
    word
    for line in (
        "满意 很满意 挺满意 还行 还可以 可以 不错 挺好 挺好的 很好 好 好的 一般 一般般 还好 都好 都行 没有 没什么",
        "ok fine good okay alright satisfied nothing none no yes bad",
    )
    for word in line.split()
)


def medium_of(channel: Channel) -> Medium:
    return _MEDIUM[channel]


def plain(text: str) -> str:
    """Without phrase marks: for speech, files and machines."""
    return text.replace("|", "")


def route(questionnaire: Questionnaire, medium: Medium, answers: Answers) -> tuple[Question, ...]:
    """Every question that the answers so far bring up, in the questionnaire's order.

    A question depends on earlier ones only, so what is settled keeps its place when later answers come in.
    """
    asked: list[Question] = []
    heard: dict[str, Answer] = {}
    for question in questionnaire.asked_on(medium):
        if not brought_up(question, heard):
            continue
        asked.append(question)
        if question.id in answers:
            heard[question.id] = answers[question.id]
    return tuple(asked)


def brought_up(question: Question, heard: Answers) -> bool:
    """Whether the answers to the questions before it bring this question up."""
    return not question.when or any(_holds(condition, heard) for condition in question.when)


def next_question(questionnaire: Questionnaire, medium: Medium, answers: Answers) -> Question | None:
    asked = route(questionnaire, medium, answers)
    return next((question for question in asked if not settled(question, answers)), None)


def settled(question: Question, answers: Answers) -> bool:
    """Answered, not answered or refused; a question that was never put is none of these."""
    given = answers.get(question.id)
    return given is not None and given.state is not AnswerState.NOT_ASKED


def missing(
    questionnaire: Questionnaire, medium: Medium, answers: Answers, outcome: Outcome = Disposition.COMPLETE
) -> tuple[Question, ...]:
    """Questions that keep the record from being closed with this outcome."""
    return missing_of(route(questionnaire, medium, answers), medium, answers, outcome)


def missing_of(
    asked: Sequence[Question], medium: Medium, answers: Answers, outcome: Outcome = Disposition.COMPLETE
) -> tuple[Question, ...]:
    return tuple(q for q in asked if q.required_on(medium, outcome) and not settled(q, answers))


def status(questionnaire: Questionnaire, medium: Medium, answers: Answers) -> ResponseStatus | None:
    """Complete: nothing required is missing and at least 80 % of the core was answered. None: nothing was answered."""
    return status_of(route(questionnaire, medium, answers), medium, answers)


def status_of(asked: Sequence[Question], medium: Medium, answers: Answers) -> ResponseStatus | None:
    said = {question.id for question in asked if _answered(question, answers)}
    if not said:
        return None
    core = [question for question in asked if question.core]
    enough = sum(question.id in said for question in core) >= COMPLETE_SHARE * len(core)
    whole = enough and not missing_of(asked, medium, answers)
    return ResponseStatus.COMPLETE if whole else ResponseStatus.PARTIAL


def sheet_order(questionnaire: Questionnaire, medium: Medium, answers: Answers) -> tuple[Answer, ...]:
    """One entry for every question of the questionnaire; what was not put, or no longer applies, is `not_asked`."""
    return sheet_of(questionnaire, route(questionnaire, medium, answers), answers)


def sheet_of(questionnaire: Questionnaire, asked: Sequence[Question], answers: Answers) -> tuple[Answer, ...]:
    put = {question.id for question in asked}
    return tuple(
        answers[question.id] if question.id in put and question.id in answers else not_asked(question)
        for question in questionnaire.questions
    )


def not_asked(question: Question) -> Answer:
    return canonical(question, AnswerState.NOT_ASKED)


def is_vague(text: str) -> bool:
    """True for a remark that says nothing: the agent asks once more."""
    return _bare(text) in _VAGUE


def _bare(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign.isalnum())


def probe_after(question: Question, answer: Answer, text: str | None) -> Words | None:
    """What to ask once more after this answer; None when it says enough. The first probe that fits."""
    if answer.state is not AnswerState.ANSWERED:
        return None
    if question.probe is not None:
        return question.probe if _older_probe_fits(question, answer, text) else None
    return next((probe.say for probe in question.probes if _fits(probe, answer, text)), None)


def _fits(probe: Probe, answer: Answer, text: str | None) -> bool:
    if text:
        return _bare(text) in {_bare(word) for words in probe.words.values() for word in words}
    return answer.score in probe.scores or (answer.choice or answer.solved) in probe.answers


def _older_probe_fits(question: Question, answer: Answer, text: str | None) -> bool:
    low = answer.score is not None and answer.score <= Score.DISSATISFIED
    vague = is_vague(text) if text else answer.score is Score.SATISFIED
    return (question.probe_when == "low" and low) or (question.probe_when == "vague" and (vague or low))


def _answered(question: Question, answers: Answers) -> bool:
    return question.id in answers and answers[question.id].state is AnswerState.ANSWERED


def _holds(condition: Condition, heard: Answers) -> bool:
    if condition.ratings_at_most is not None:
        scores = [answer.score for answer in heard.values() if answer.score is not None]
        return min(scores, default=Score.VERY_SATISFIED) <= condition.ratings_at_most
    answer = heard.get(condition.question or "")
    if answer is None or answer.state is not AnswerState.ANSWERED:
        return False
    if condition.at_most is not None:
        value = answer.score if answer.score is not None else answer.likelihood
        return value is not None and value <= condition.at_most
    return (answer.choice or answer.solved) in condition.answers
