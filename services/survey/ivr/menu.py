"""What one call is led by: the plans of the callback's parts. Values and lookups."""

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.vocabulary import Score
from services.survey.interview import Interview
from services.survey.ivr.events import Line, Place
from services.survey.questionnaire import Question
from services.survey.renderings.ivr import PROMPTS, Ending, Plan, Prompt, Times, ivr_plan

# Said by the house, whatever is asked.
HOUSE_LINES: Mapping[Line, Mapping[str, str]] = {
    Line.TRANSFER: {
        "zh-CN": "正在为您转接人工客服，请稍候。",
        "en": "We are connecting you to a colleague. One moment.",
    },
    Line.NEUTRAL: {"zh-CN": "感谢您接听，再见。", "en": "Thank you for taking the call. Goodbye."},
    Line.NOTICE: {
        "zh-CN": "为保证服务质量，本次通话将被录音。",
        "en": "To check the quality of our service, this call is recorded from now on.",
    },
}


@dataclass(frozen=True)
class Menu:
    """`plans` by part id, in the order of the parts. `rating`: the question whose answer chooses the ending.

    `can_transfer` is False where no call can be handed to a person: a call is promised instead. `records`: the sound of
    the call is to be recorded, once the customer was told so.
    """

    plans: Mapping[str, Plan]
    questions: Mapping[Place, Question]
    rating: Place | None
    language: str
    times: Times
    prompts_at_most: int = PROMPTS
    can_transfer: bool = True
    records: bool = False

    @property
    def endings(self) -> Mapping[Score, Ending]:
        return self._leading.endings

    def question(self, place: Place) -> Question:
        return self.questions[place]

    def prompt(self, place: Place) -> Prompt:
        found = self.plans[place.part_id].prompt(place.question_id)
        assert found is not None, "the flow asks what the plan offers"  # noqa: S101
        return found

    def words(self, sound: Line | Place) -> str:
        """What is spoken."""
        if isinstance(sound, Place):
            return self.prompt(sound).say
        return HOUSE_LINES[sound][self.language] if sound in HOUSE_LINES else self._leading.lines[sound]

    def next_place(self, interview: Interview) -> Place | None:
        """The first question that is neither answered nor left out; None when all are settled."""
        upcoming = interview.next_step()
        return None if upcoming is None else Place(upcoming.part_id, upcoming.question.id)

    def score_in(self, interview: Interview) -> Score | None:
        """The rating that is stored."""
        if self.rating is None:
            return None
        answer = interview.part(self.rating.part_id).answers.get(self.rating.question_id)
        return None if answer is None else answer.score

    def ending_of(self, interview: Interview) -> Ending:
        score = self.score_in(interview)
        return Ending() if score is None else self.endings[score]

    @property
    def _leading(self) -> Plan:
        return self.plans[self.rating.part_id] if self.rating else next(iter(self.plans.values()))


def menu_of(
    interview: Interview,
    language: str,
    times: Times | None = None,
    *,
    can_transfer: bool = True,
    records: bool = False,
) -> Menu:
    """Raises `NotOffered` when a part cannot be asked by telephone menu. `times`: instead of the plan's."""
    plans = {form.part.part_id: ivr_plan(form.questionnaire, language) for form in interview.parts}
    questions = {
        Place(form.part.part_id, question.id): question
        for form in interview.parts
        for question in form.questionnaire.questions
        if plans[form.part.part_id].prompt(question.id) is not None
    }
    ratings = (Place(part_id, plan.rating.question_id) for part_id, plan in plans.items() if plan.rating)
    first = next(iter(plans.values()))
    return Menu(
        plans, questions, next(ratings, None), language, times or first.times, can_transfer=can_transfer,
        records=records,
    )  # fmt: skip
