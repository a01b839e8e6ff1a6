"""What the bench's customers say must be a whole record, or its journeys would never end."""

import pytest

from contracts.events.parts import CallbackPart
from contracts.vocabulary import AnswerState, Purpose, QuestionKind
from launcher.bench.load import answers, document
from launcher.bench.servers import NOW
from services.scheduler.policy_files import load_policies
from services.survey import catalogue, routing
from services.survey.forms import heard, with_answers
from services.survey.interview import Given, PartForm


@pytest.mark.parametrize("number", range(10))
def test_every_customer_of_the_bench_answers_all_that_their_questionnaire_requires(number: int) -> None:
    policy = load_policies().of(document(number, NOW)["scenario"])
    assert policy is not None
    part = CallbackPart(part_id="part-1", purpose=Purpose.SURVEY, round=1, questionnaire=policy.questionnaire)
    said = answers(f"S-{number}", NOW)
    form = PartForm(part, catalogue.newest(part.questionnaire), routing.medium_of(said.channel))
    asked = {question.id: question for question in form.questionnaire.questions}
    given = {name: _given(asked[name].kind, value) for name, value in said.answers.items()}
    form = with_answers(form, {name: heard(asked[name], one) for name, one in given.items()})
    assert routing.missing_of(form.asked, form.medium, form.answers) == ()


def _given(kind: QuestionKind, value: int | str | AnswerState) -> Given:
    return Given(text=str(value)) if kind is QuestionKind.TEXT else Given(value=value)
