"""What a change does to the figures: compatible, a new series, or forbidden."""

import tomllib
from collections.abc import Callable
from importlib import resources
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.survey.catalogue import catalogue
from services.survey.questionnaire import Medium, Question, Questionnaire
from services.survey.questionnaire_change import Effect, compare
from services.survey.questionnaire_file import content_hash

FOLDER = resources.files("services.survey") / "questionnaires"
FORMS = st.sampled_from([form for form in catalogue().values() if form.ivr])
Document = dict[str, Any]
OTHER = {"zh-CN": "另一种问法|行吗？", "en": "Asked |otherwise?"}


def document(form: Questionnaire) -> Document:
    return tomllib.loads((FOLDER / f"{form.id}.v{form.version}.toml").read_text(encoding="utf-8"))


def built(told: Document) -> Questionnaire:
    return Questionnaire.model_validate({**told, "content_hash": content_hash(told)}).resolved()


def next_version(told: Document) -> Document:
    return {**told, "version": told["version"] + 1}


def effects(old: Questionnaire, new: Questionnaire) -> dict[str, set[Effect]]:
    found: dict[str, set[Effect]] = {}
    for one in compare(old, new).differences:
        found.setdefault(one.place, set()).add(one.effect)
    return found


def measured(form: Questionnaire) -> list[Question]:
    return [question for question in form.questions if question.kind != "text"]


@given(form=FORMS)
def test_the_same_questions_in_a_new_version_change_nothing(form: Questionnaire) -> None:
    assert compare(form, built(next_version(document(form)))).differences == ()


@given(form=FORMS, data=st.data())
def test_another_order_is_a_new_series_of_exactly_the_questions_that_now_follow_others(
    form: Questionnaire, data: st.DataObject
) -> None:
    told = next_version(document(form))
    told["questions"] = data.draw(st.permutations(told["questions"]))
    new = built(told)
    before, after = ([question.id for question in one.asked_on(Medium.AGENT)] for one in (form, new))
    assume(before != after)
    first = next(n for n in range(len(before)) if before[n] != after[n])
    moved = {f"questions.{name}" for name in after[first:]} & {f"questions.{one.id}" for one in measured(form)}
    assume(moved)
    change = compare(form, new)
    assert change.effect is Effect.NEW_SERIES
    assert {one.place for one in change.differences if one.effect is Effect.NEW_SERIES} == moved


@given(form=FORMS, data=st.data())
def test_other_words_or_another_scale_are_a_new_series_of_that_question(
    form: Questionnaire, data: st.DataObject
) -> None:
    told = next_version(document(form))
    one = data.draw(st.sampled_from(told["questions"]))
    kinds: dict[str, Callable[[], object]] = {
        "wording": lambda: one.update(text=OTHER),
        "note": lambda: one.update(note=OTHER),
        "skip rule": lambda: one.update(when=[{"ratings_at_most": 1}]),
    }
    if one["kind"] == "nps":
        kinds["scale"] = lambda: one["low"].update(en="Never")
    if one["kind"] == "choice":
        kinds["scale"] = lambda: one["options"].update(another=OTHER)
    kinds[data.draw(st.sampled_from(sorted(kinds)))]()
    change = compare(form, built(told))
    assert change.effect is Effect.NEW_SERIES
    assert {found.place for found in change.differences if found.effect is Effect.NEW_SERIES} == {
        f"questions.{one['id']}"
    }


@given(form=FORMS)
def test_other_labels_are_a_new_series_of_every_rating_on_that_scale(form: Questionnaire) -> None:
    told = next_version(document(form))
    told["scales"]["satisfaction"]["4"]["zh-CN"] = "比较满意"
    ratings = {f"questions.{question.id}" for question in form.questions if question.kind == "rating"}
    found = effects(form, built(told))
    assert {place for place, named in found.items() if Effect.NEW_SERIES in named} == ratings


@given(form=FORMS, data=st.data())
def test_another_kind_or_dimension_under_the_same_id_is_forbidden(form: Questionnaire, data: st.DataObject) -> None:
    told = next_version(document(form))
    one = data.draw(st.sampled_from(told["questions"]))
    if one.get("dimension"):
        one["dimension"] = "clarity" if one["dimension"] != "clarity" else "competence"
    else:
        one["kind"] = "choice" if one["kind"] != "choice" else "text"
    assert effects(form, built(told))[f"questions.{one['id']}"] >= {Effect.FORBIDDEN}


@given(form=FORMS, data=st.data())
def test_the_same_version_with_any_other_content_is_forbidden(form: Questionnaire, data: st.DataObject) -> None:
    told = document(form)
    data.draw(st.sampled_from(told["questions"]))["limit"] = 400
    change = compare(form, built(told))
    assert change.effect is Effect.FORBIDDEN
    assert "is published" in next(one.what for one in change.differences if one.effect is Effect.FORBIDDEN)


@given(form=FORMS, data=st.data())
def test_the_worst_difference_labels_the_change(form: Questionnaire, data: st.DataObject) -> None:
    other = data.draw(FORMS)
    change = compare(form, other)
    assert change.effect == max((one.effect for one in change.differences), default=Effect.COMPATIBLE)
    if other.id != form.id:
        assert change.effect is Effect.FORBIDDEN


def _append(told: Document) -> None:
    told["questions"].append({"id": "more", "kind": "text", "section": "call", "media": ["web"], "text": OTHER})


CHANGES: dict[str, tuple[Callable[[Document], object], str, Effect]] = {
    "a probe": (
        lambda told: told["questions"][0]["probes"][0].update(say=OTHER), "questions.overall", Effect.COMPATIBLE,
    ),
    "a greeting": (lambda told: told["script"]["opening"].update(en="x"), "script", Effect.COMPATIBLE),
    "a vague word": (lambda told: told["vague"]["nothing"]["en"].append("hm"), "vague", Effect.COMPATIBLE),
    "a question at the end": (_append, "questions.more", Effect.COMPATIBLE),
    "phrase marks": (
        lambda told: told["questions"][0]["text"].update({"zh-CN": "您对这次服务的整体|感受满意吗？"}),
        "", Effect.COMPATIBLE,
    ),
    "no telephone menu": (
        lambda told: [told.pop("ivr"), [one.pop("ivr", None) for one in told["questions"]]], "media", Effect.NEW_SERIES,
    ),
    "a scale read out otherwise": (
        lambda told: told["read_out"]["nps"].update(en="{low} or {high}?"), "read_out.nps", Effect.NEW_SERIES,
    ),
    "a section's title": (lambda told: told["sections"][1].update(title=OTHER), "sections", Effect.COMPATIBLE),
    "a core question gone": (lambda told: told["questions"].pop(0), "questions.overall", Effect.NEW_SERIES),
    "a question no longer core": (
        lambda told: told["questions"][0].update(core=False), "questions.overall", Effect.NEW_SERIES,
    ),
    "a complete record needs more": (
        lambda told: told["questions"][-1].update(required=True), "questions.callback", Effect.NEW_SERIES,
    ),
    "other keys under the same prompt": (
        lambda told: told["questions"][0]["ivr"].update(digits={str(key): key for key in range(1, 6)}),
        "questions.overall", Effect.FORBIDDEN,
    ),
    "another prompt": (
        lambda told: told["questions"][0]["ivr"]["prompt"].update(en="1 2 3 4 5"),
        "questions.overall", Effect.NEW_SERIES,
    ),
    "another purpose": (lambda told: told.update(purpose="progress"), "purpose", Effect.FORBIDDEN),
    "an older number": (lambda told: told.update(version=1), "version", Effect.FORBIDDEN),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_has_its_label(name: str) -> None:
    old = catalogue()["after_sale", 2]
    told = next_version(document(old))
    make, place, effect = CHANGES[name]
    make(told)
    change = compare(old, built(told))
    assert change.effect is effect
    if place:
        assert effect in effects(old, built(told))[place]


def test_options_worded_or_ordered_otherwise_are_a_new_series_and_another_content() -> None:
    old = catalogue()["installation", 1]
    reworded, reordered = (next_version(document(old)) for _ in range(2))
    [tidy] = [one for one in reworded["questions"] if one["id"] == "tidy"]
    tidy["options"]["left"]["zh-CN"] = "完全没有清理"
    [tidy] = [one for one in reordered["questions"] if one["id"] == "tidy"]
    tidy["options"] = dict(reversed(tidy["options"].items()))
    for told in (reworded, reordered):
        assert effects(old, built(told))["questions.tidy"] == {Effect.NEW_SERIES}
        assert content_hash({**told, "version": 1}) != old.content_hash


def test_a_core_question_cannot_leave_without_a_new_version() -> None:
    old = catalogue()["after_sale", 2]
    told = document(old)
    told["questions"].pop(0)
    assert Effect.FORBIDDEN in effects(old, built(told))["questions.overall"]


def test_the_shipped_new_versions_keep_every_series() -> None:
    for name, version in catalogue():
        if version > 1:
            assert compare(catalogue()[name, version - 1], catalogue()[name, version]).effect is Effect.COMPATIBLE
