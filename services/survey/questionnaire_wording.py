"""Texts: there in both languages, with the placeholders they need, and short enough where they are spoken."""

import re
from collections.abc import Iterator

from contracts.vocabulary import QuestionKind
from services.survey.questionnaire import LANGUAGES, Question, Questionnaire, Terms, Words

OPENING_SECONDS = 15  # requirement SV3
CHARACTERS_PER_SECOND = {"zh-CN": 4.5, "en": 14.0}  # spoken at an easy pace: 270 characters, 150 words a minute
NAME_LENGTH = 4  # what a form of address or an agent's name takes of it, in characters
_PLACEHOLDER = re.compile(r"{(\w*)}")
_IN_SCRIPT = {"address", "agent", "minutes", "progress"}
_IN_OPENING = {"address", "agent", "minutes"}
_AFTER_IDENTITY = ("consent", "closing")
_IN_SCALE = {"low", "high"}


def wording_faults(questionnaire: Questionnaire) -> Iterator[tuple[str, str]]:
    """(place, rule) of each."""
    for place, words in texts(questionnaire):
        yield from ((place, f"no text in {language}") for language in LANGUAGES if not words.get(language, "").strip())
    for place, terms in _terms(questionnaire):
        yield from ((place, f"no words in {language}") for language in LANGUAGES if not terms.get(language))
    yield from _placeholders(questionnaire)
    yield from _opening(questionnaire)
    for question in questionnaire.questions:
        if _glued(question):
            yield f"questions.{question.id}.text", "a phrase mark in en stands after a space"


def texts(questionnaire: Questionnaire) -> Iterator[tuple[str, Words]]:
    """Every text that a customer or an agent reads or hears, with its place."""
    yield "title", questionnaire.title
    yield from ((f"script.{name}", words) for name, words in questionnaire.script.items())
    yield from ((f"ivr.{name}", words) for name, words in questionnaire.ivr.items())
    yield from ((f"read_out.{kind}", words) for kind, words in questionnaire.read_out.items())
    for name, scale in questionnaire.scales.items():
        yield from ((f"scales.{name}.{value}", words) for value, words in scale.items())
    for section in questionnaire.sections:
        yield f"sections.{section.id}.title", section.title
    for question in questionnaire.questions:
        yield from ((f"questions.{question.id}.{field}", words) for field, words in _of_question(question))


def spoken_seconds(text: str, language: str) -> float:
    """How long it takes to say, names counted with `NAME_LENGTH`."""
    plain = _PLACEHOLDER.sub("〇" * NAME_LENGTH, text.replace("|", ""))
    return len(plain) / CHARACTERS_PER_SECOND[language]


def _of_question(question: Question) -> Iterator[tuple[str, Words]]:
    fields = {name: getattr(question, name) for name in ("text", "topic", "note", "low", "high", "probe")}
    yield from ((name, words) for name, words in fields.items() if words is not None)
    yield from ((f"options.{key}", words) for key, words in question.options.items())
    yield from ((f"probes.{number}.say", probe.say) for number, probe in enumerate(question.probes))
    if question.ivr is not None:
        yield "ivr.prompt", question.ivr.prompt


def _terms(questionnaire: Questionnaire) -> Iterator[tuple[str, Terms]]:
    yield from ((f"vague.{name}", terms) for name, terms in questionnaire.vague.items())
    for question in questionnaire.questions:
        for number, probe in enumerate(question.probes):
            if probe.words and probe.vague is None:
                yield f"questions.{question.id}.probes.{number}.words", probe.words


def _placeholders(questionnaire: Questionnaire) -> Iterator[tuple[str, str]]:
    for name, words in questionnaire.script.items():
        for language, text in words.items():
            used = set(_PLACEHOLDER.findall(text))
            if not used <= _IN_SCRIPT:
                yield f"script.{name}.{language}", f"knows {{{'}, {'.join(sorted(_IN_SCRIPT))}}} only"
            if "progress" in used and name not in _AFTER_IDENTITY:
                yield f"script.{name}.{language}", "nothing of the service is told before identity is confirmed"
    for kind, words in questionnaire.read_out.items():
        if kind not in (QuestionKind.RATING, QuestionKind.NPS):
            yield f"read_out.{kind}", "has no scale to read out"
        for language, text in words.items():
            if set(_PLACEHOLDER.findall(text)) != _IN_SCALE:
                yield f"read_out.{kind}.{language}", "the scale is read out with {low} and {high}"


def _opening(questionnaire: Questionnaire) -> Iterator[tuple[str, str]]:
    """Form of address, who calls and how long it takes, within 15 seconds."""
    for line in ("opening", "identity", "consent", "closing", "refusal", "soothing"):
        if line not in questionnaire.script:
            yield f"script.{line}", "the script needs this line"
    for language, text in questionnaire.script.get("opening", {}).items():
        if not set(_PLACEHOLDER.findall(text)) >= _IN_OPENING:
            yield f"script.opening.{language}", "must hold {address}, {agent} and {minutes}"
        if language in LANGUAGES and spoken_seconds(text, language) > OPENING_SECONDS:
            needed = spoken_seconds(text, language)
            yield f"script.opening.{language}", f"takes {needed:.0f} s to say, at most {OPENING_SECONDS} s"


def _glued(question: Question) -> bool:
    *joined, _ = question.text.get("en", "").split("|")
    return any(not phrase.endswith(" ") for phrase in joined)
