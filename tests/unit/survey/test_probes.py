"""What the agent asks once more: after words that say nothing, after a score, after an answer."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.vocabulary import AnswerState
from services.survey.catalogue import catalogue, exactly
from services.survey.checking import checked
from services.survey.interview import Given
from services.survey.questionnaire import Probe, Question, Questionnaire
from services.survey.routing import probe_after

PROBES = [
    (form, question, probe) for form in catalogue().values() for question in form.questions for probe in question.probes
]


def asked(form: Questionnaire, name: str) -> Question:
    question = form.question(name)
    assert question is not None
    return question


def said_after(question: Question, value: Any = None, text: str | None = None) -> str | None:
    answer, words = checked(question, Given(value=value, text=text))
    found = probe_after(question, answer, words)
    return None if found is None else found["en"]


@given(one=st.sampled_from([one for one in PROBES if one[2].words]), data=st.data())
def test_every_vague_word_of_a_list_brings_its_probe_however_it_is_written(
    one: tuple[Questionnaire, Question, Probe], data: st.DataObject
) -> None:
    _, question, probe = one
    word = data.draw(st.sampled_from([word for words in probe.words.values() for word in words]))
    around = data.draw(st.sampled_from(["{}", "{}。", " {} ！", "“{}”…"]))
    first = next(other for other in question.probes if word in {w for words in other.words.values() for w in words})
    assert said_after(question, text=around.format(word.upper())) == first.say["en"]


@given(one=st.sampled_from([one for one in PROBES if one[2].scores]), data=st.data())
def test_a_score_brings_its_probe(one: tuple[Questionnaire, Question, Probe], data: st.DataObject) -> None:
    _, question, probe = one
    assert said_after(question, data.draw(st.sampled_from(probe.scores)).value) == probe.say["en"]


@pytest.mark.parametrize(
    ("name", "question", "value", "text", "probe"),
    [
        ("after_sale", "remarks", None, "满意", "What did you like in particular?"),
        ("after_sale", "remarks", None, "满意，师傅很准时", None),
        ("after_sale", "reason", None, "不太好", "Could you say which occasion and when?"),
        ("after_sale", "overall", 4, None, "What was done well, and what could be better?"),
        ("after_sale", "overall", 5, None, None),
        ("after_sale", "attitude", 3, None, None),
        ("complaint", "approval", "no", None, "What would you have wished for?"),
        ("complaint", "approval", "yes", None, None),
        ("care", "needs", "repair", None, "Which one, and when may we contact you?"),
    ],
)
def test_the_shipped_probes(name: str, question: str, value: Any, text: str | None, probe: str | None) -> None:
    form = max((form for form in catalogue().values() if form.id == name), key=lambda form: form.version)
    assert said_after(asked(form, question), value, text) == probe


def test_the_older_form_of_a_probe_still_works() -> None:
    form = exactly("after_sale", 1)
    assert said_after(asked(form, "remarks"), text="还行。") == "What did you like in particular?"
    assert said_after(asked(form, "attitude"), 2) == "Could you tell me what happened?"
    assert said_after(asked(form, "attitude"), 4) is None


def test_a_refusal_is_not_probed() -> None:
    question = asked(exactly("after_sale", 2), "overall")
    answer, words = checked(question, Given(state=AnswerState.REFUSED))
    assert probe_after(question, answer, words) is None
