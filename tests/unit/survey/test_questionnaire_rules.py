"""The linter: whatever is wrong with a questionnaire is found and named with its place."""

import copy
import tomllib
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.survey.catalogue import catalogue
from services.survey.questionnaire import LANGUAGES, Questionnaire
from services.survey.questionnaire_length import estimate
from services.survey.questionnaire_rules import faults
from services.survey.questionnaire_wording import texts

FOLDER = resources.files("services.survey") / "questionnaires"
Document = dict[str, Any]


def document(name: str = "after_sale.v2.toml") -> Document:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


def question(told: Document, name: str) -> Document:
    return next(one for one in told["questions"] if one["id"] == name)  # type: ignore[no-any-return]


def found(told: Document) -> list[str]:
    return [str(fault) for fault in faults(Questionnaire.model_validate(told))]


def changed(told: Document, name: str, **fields: Any) -> None:
    question(told, name).update(fields)


def moved_before(told: Document, name: str, other: str) -> None:
    one = question(told, name)
    told["questions"].remove(one)
    told["questions"].insert(told["questions"].index(question(told, other)), one)


DEFECTS: dict[str, tuple[Any, str]] = {
    "two core questions": (
        lambda told: [changed(told, name, core=False) for name in ("overall", "attitude", "solved")],
        "3 to 5 of them must be core",
    ),
    "six core questions": (
        lambda told: changed(told, "competence", core=True, media=["agent", "web", "ivr", "sheet"]),
        "3 to 5 of them must be core",
    ),
    "too long": (
        lambda told: told["questions"].extend(
            {**question(told, "remarks"), "id": f"more{n}", "section": "call"} for n in range(5)
        ),
        "s estimated, at most 180 s",
    ),
    "only closed questions": (
        lambda told: told.update(questions=[one for one in told["questions"] if one["kind"] != "text"]),
        "open and closed questions must be mixed",
    ),
    "a text in one language": (lambda told: question(told, "nps")["low"].pop("en"), "questions.nps.low: no text in en"),
    "a vague list in one language": (lambda told: told["vague"]["nothing"].pop("en"), "vague.nothing: no words in en"),
    "an id used twice": (lambda told: changed(told, "solved", id="overall"), "questions.overall: the id is used twice"),
    "a dimension asked twice": (
        lambda told: changed(told, "competence", dimension="attitude"), "the dimension attitude is asked twice",
    ),
    "a scale that is not there": (lambda told: changed(told, "overall", scale="nowhere"), "scale with labels 1 to 5"),
    "a scale of four": (lambda told: told["scales"]["satisfaction"].pop("3"), "scale with labels 1 to 5"),
    "no words for the ends of the scale": (lambda told: question(told, "nps").pop("high"), "words for 0 (low) and 10"),
    "a choice of one": (
        lambda told: changed(told, "competence", kind="choice", scale=None, dimension=None, alerts=False,
                             options={"one": {"zh-CN": "一", "en": "one"}}),
        "a choice needs at least two options",
    ),
    "a core question that is skipped": (
        lambda told: changed(told, "nps", when=[{"ratings_at_most": 2}]), "asked of everybody on every medium",
    ),
    "a core question kept from the telephone": (
        lambda told: changed(told, "nps", media=["agent", "web", "sheet"]), "asked of everybody on every medium",
    ),
    "a question that waits for a later one": (
        lambda told: changed(told, "reason", when=[{"question": "callback", "at_most": 2}]),
        "questions.reason.when: a condition may only look at an earlier question",
    ),
    "skip rules in a circle": (
        lambda told: [
            changed(told, "reason", when=[{"question": "callback", "at_most": 2}]),
            changed(told, "callback", when=[{"question": "reason", "is": ["x"]}]),
        ],
        "skip rules go round in a circle",
    ),
    "an answer that is not offered": (
        lambda told: changed(told, "reason", when=[{"question": "solved", "is": ["maybe"]}]),
        "names an answer that its question does not offer",
    ),
    "a rating below the scale": (
        lambda told: changed(told, "reason", when=[{"question": "overall", "at_most": 0}]),
        "questions.reason.when: no answer ever brings it up on the medium agent",
    ),
    "a low rating before the first": (
        lambda told: [
            moved_before(told, "remarks", "overall"),
            changed(told, "remarks", section=None, when=[{"ratings_at_most": 2}]),
        ],
        "questions.remarks.when: no answer ever brings it up",
    ),
    "one that waits for a question of another medium": (
        lambda told: [
            changed(told, "competence", media=["agent"]),
            changed(told, "remarks", when=[{"question": "competence", "at_most": 2}]),
        ],
        "questions.remarks.when: no answer ever brings it up on the medium web",
    ),
    "a key without an answer": (
        lambda told: question(told, "overall")["ivr"]["digits"].pop("3"), "every answer has exactly one key",
    ),
    "two keys for one answer": (
        lambda told: question(told, "solved")["ivr"]["digits"].update({"3": "no"}), "every answer has exactly one key",
    ),
    "keys taken for scores": (
        lambda told: question(told, "overall")["ivr"].update(digits={str(key): key for key in range(1, 6)}),
        "key 1 is very satisfied: the score is 6 minus the key",
    ),
    "a key that is not said": (
        lambda told: question(told, "solved")["ivr"]["prompt"].update({"en": "Was it solved?"}),
        "the prompt in en does not name the key 1, 2, 3",
    ),
    "other words on the telephone": (
        lambda told: changed(told, "solved", text={"zh-CN": "问题解决了吗？", "en": "Was it solved?"}),
        "the prompt in zh-CN asks in other words than the question",
    ),
    "ten with one key": (
        lambda told: question(told, "nps")["ivr"].update(entry="one_key"), "0 to 10 is entered as a number",
    ),
    "a number without an end": (
        lambda told: question(told, "nps")["ivr"]["prompt"].update({"zh-CN": "请输入 0 到 10。"}), "ends the number",
    ),
    "words on a keypad": (
        lambda told: changed(told, "remarks", media=["agent", "ivr"], ivr={"prompt": {"zh-CN": "说", "en": "say"}}),
        "words cannot be typed on a telephone",
    ),
    "a menu question without a prompt": (lambda told: question(told, "attitude").pop("ivr"), "and needs a prompt"),
    "a menu without its disclosure": (lambda told: told["ivr"].pop("tune"), "ivr.tune: the telephone menu needs this"),
    "prompts without a menu": (lambda told: told.pop("ivr"), "the questionnaire has no telephone menu"),
    "an opening without its length": (
        lambda told: told["script"]["opening"].update({"en": "Hello {address}, this is {agent}."}),
        "script.opening.en: must hold {address}, {agent} and {minutes}",
    ),
    "an opening that takes too long": (
        lambda told: told["script"]["opening"].update({"zh-CN": "{address}{agent}{minutes}" + "您好" * 40}),
        "s to say, at most 15 s",
    ),
    "an opening that tells of the service": (
        lambda told: told["script"]["opening"].update({"zh-CN": "{address}{agent}{minutes}{progress}"}),
        "nothing of the service is told before identity is confirmed",
    ),
    "an unknown placeholder": (
        lambda told: told["script"]["closing"].update({"en": "Bye {name}"}), "script.closing.en: knows {address}",
    ),
    "a script without a refusal": (lambda told: told["script"].pop("refusal"), "script.refusal: the script needs this"),
    "a scale read out without its ends": (
        lambda told: told["read_out"]["rating"].update({"en": "From 1 to 5?"}), "read out with {low} and {high}",
    ),
    "two words glued together": (
        lambda told: changed(told, "solved", text={"zh-CN": "问|题", "en": "Was it|solved?"}), "stands after a space",
    ),
    "a section without questions": (
        lambda told: told["sections"].append({"id": "empty", "title": {"zh-CN": "空", "en": "Empty"}}),
        "every question belongs to one of them, and each has a question",
    ),
    "a section torn apart": (
        lambda told: moved_before(told, "remarks", "overall"), "the questions of one follow each other",
    ),
    "a list of vague words that is not there": (
        lambda told: question(told, "remarks")["probes"][0].update(vague="nowhere"), "vague words that does not exist",
    ),
    "required where it is not asked": (
        lambda told: changed(told, "callback", required_for={"complete": ["web"]}), "required where it is not asked",
    ),
    "needed by a partial record only": (
        lambda told: changed(told, "callback", required_for={"partial": ["agent"]}), "a complete one needs too",
    ),
}  # fmt: skip


def test_every_shipped_questionnaire_is_without_a_fault() -> None:
    for form in catalogue().values():
        assert faults(form) == []


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_planted_defect_is_found_and_named(defect: str) -> None:
    told = document()
    assert found(told) == []
    plant, sentence = DEFECTS[defect]
    plant(told)
    assert [line for line in found(told) if sentence in line], found(told)


@given(data=st.data())
def test_a_text_that_is_missing_anywhere_in_either_language_is_named(data: st.DataObject) -> None:
    form = catalogue()[data.draw(st.sampled_from(sorted(catalogue())))]
    loose = Questionnaire.model_validate(copy.deepcopy(form.model_dump(by_alias=True)))
    place, words = data.draw(st.sampled_from(list(texts(loose))))
    language = data.draw(st.sampled_from(LANGUAGES))
    words[language] = " "
    assert f"{place}: no text in {language}" in [str(fault) for fault in faults(loose)]


def test_the_estimate_states_what_it_counts() -> None:
    length = estimate(catalogue()["after_sale", 2])
    assert length.basis == "1 × nps 12 s + 6 × rating 10 s + 1 × solved 8 s + 1 × text 20 s"
    assert (length.seconds, length.follow_ups) == (100, 20)
    assert length.seconds == catalogue()["after_sale", 2].seconds
