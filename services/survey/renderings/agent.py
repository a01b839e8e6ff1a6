"""The agent's script: what is said, word for word and in order, with the scale read out and what to ask once more."""

from dataclasses import dataclass
from typing import get_args

from contracts.vocabulary import QuestionKind
from services.survey.questionnaire import Medium, Question, Questionnaire, ScriptLine
from services.survey.renderings.wording import frame, name_of, occasion, probed_after
from services.survey.routing import plain

_BEFORE: tuple[ScriptLine, ...] = ("opening", "identity", "consent")


@dataclass(frozen=True)
class Probing:
    after: str
    say: str


@dataclass(frozen=True)
class Step:
    """`scale`: read out after the question. `answers`: what may be noted, by its key. `only`: when it is asked."""

    question_id: str
    section: str | None
    topic: str
    say: str
    scale: str | None
    note: str | None
    answers: tuple[tuple[str, str], ...]
    probes: tuple[Probing, ...]
    only: str | None
    core: bool
    required: bool


@dataclass(frozen=True)
class Script:
    """`lines` by their place in the call, placeholders as they stand in the file."""

    title: str
    version: int
    content_hash: str
    language: str
    minutes: int
    lines: dict[str, str]
    steps: tuple[Step, ...]


def agent_script(questionnaire: Questionnaire, language: str) -> Script:
    return Script(
        title=questionnaire.title[language],
        version=questionnaire.version,
        content_hash=questionnaire.content_hash,
        language=language,
        minutes=minutes(questionnaire),
        lines={line: questionnaire.script[line][language] for line in get_args(ScriptLine)},
        steps=tuple(_step(questionnaire, one, language) for one in questionnaire.asked_on(Medium.AGENT)),
    )


def minutes(questionnaire: Questionnaire) -> int:
    """What the customer is told that it takes."""
    return max(1, round(questionnaire.seconds / 60))


def as_text(script: Script) -> str:
    """For people, from opening to closing."""
    told = [f"{script.title} · {frame('version', script.language, number=script.version)} · {script.content_hash[:12]}"]
    told.append(frame("minutes", script.language, estimate=script.minutes))
    told += [_line(script, name) for name in _BEFORE]
    previous: str | None = None
    for number, step in enumerate(script.steps, 1):
        told += [f"— {step.section} —"] if step.section not in (None, previous) else []
        told.append(_step_text(number, step, script.language))
        previous = step.section
    told += [_line(script, name) for name in get_args(ScriptLine) if name not in _BEFORE]
    return "\n\n".join(told) + "\n"


def _step(questionnaire: Questionnaire, question: Question, language: str) -> Step:
    section = next((one for one in questionnaire.sections if one.id == question.section), None)
    return Step(
        question_id=question.id,
        section=None if section is None else section.title[language],
        topic=name_of(question, language),
        say=plain(question.say(language)),
        scale=question.scale_line(language),
        note=None if question.note is None else question.note[language],
        answers=_answers(question, language),
        probes=tuple(Probing(probed_after(question, one, language), one.say[language]) for one in question.probes),
        only=occasion(questionnaire, question, language),
        core=question.core,
        required=question.required_on(Medium.AGENT),
    )


def _answers(question: Question, language: str) -> tuple[tuple[str, str], ...]:
    if question.kind in (QuestionKind.SOLVED, QuestionKind.APPROVAL):
        return tuple((key, frame(key, language)) for key in ("yes", "no", "unsure"))
    if question.kind is QuestionKind.RATING:
        return tuple((str(value), words[language]) for value, words in sorted(question.labels.items()))
    return tuple((key, words[language]) for key, words in question.options.items())


def _line(script: Script, name: str) -> str:
    return f"[{frame(name, script.language)}]\n{script.lines[name]}"


def _step_text(number: int, step: Step, language: str) -> str:
    kind = [frame("required" if step.required else "optional", language)] + [frame("core", language)] * step.core
    told = [f"{number}. {step.topic} ({', '.join(kind)})"]
    if step.only is not None:
        told.append(f"   {step.only}")
    told.append(f"   {frame('say', language)}: {step.say}")
    if step.scale is not None:
        told.append(f"   {frame('say', language)}: {step.scale}")
    told += [f"   ( ) {key} {words}" if key.isdecimal() else f"   ( ) {words}" for key, words in step.answers]
    told += [f"   {frame('probe', language)} · {one.after}: {one.say}" for one in step.probes]
    return "\n".join(told)
