"""The customer's form: one question a screen, without JavaScript, as the online pages ask it."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from contracts.vocabulary import AnswerState, QuestionKind
from services.survey.interview import Given
from services.survey.questionnaire import Medium, Question, Questionnaire
from services.survey.renderings.wording import frame, occasion
from services.survey.routing import plain

_LONGEST = 3_600_000  # ms; whoever left the page open was not reading
_STYLE = (
    "body{font:1.1rem/1.6 system-ui,sans-serif;max-width:30rem;margin:1rem auto;padding:0 1rem}"
    "form{border:1px solid #8a8f98;border-radius:.6rem;padding:1rem;margin:1rem 0}"
    "fieldset{border:0;padding:0;margin:0}legend{font-weight:600;padding:0}label{display:block;padding:.4rem 0}"
    "textarea{width:100%;min-height:6rem;box-sizing:border-box}.nps label{display:inline-block;margin-right:.6rem}"
    ".small{color:#555b66;font-size:.9rem}"
)


@dataclass(frozen=True)
class Screen:
    """`choices` by the value that is posted; none for words."""

    question_id: str
    kind: QuestionKind
    phrases: tuple[str, ...]
    note: str | None
    choices: tuple[tuple[str, str], ...]
    low: str | None
    high: str | None
    limit: int | None
    only: str | None
    required: bool


@dataclass(frozen=True)
class Form:
    title: str
    version: int
    content_hash: str
    language: str
    screens: tuple[Screen, ...]


def web_form(questionnaire: Questionnaire, language: str) -> Form:
    return Form(
        title=questionnaire.title[language],
        version=questionnaire.version,
        content_hash=questionnaire.content_hash,
        language=language,
        screens=tuple(_screen(questionnaire, one, language) for one in questionnaire.asked_on(Medium.WEB)),
    )


def read_post(question: Question, form: Mapping[str, str]) -> Given:
    """What a posted form says. An optional text left empty is a question not answered; nothing is guessed."""
    text, value, elapsed = form.get("text", "").strip(), form.get("answer"), _elapsed(form)
    left_empty = question.kind is QuestionKind.TEXT and not text and not question.required_on(Medium.WEB)
    if form.get("do") == "skip" or left_empty:
        return Given(state=AnswerState.NOT_ANSWERED, elapsed_ms=elapsed)
    if question.kind is QuestionKind.TEXT:
        return Given(text=text.replace("\r\n", "\n"), elapsed_ms=elapsed)
    counted = question.kind in (QuestionKind.RATING, QuestionKind.NPS)
    number = int(value) if counted and value is not None and value.isascii() and value.isdecimal() else value
    return Given(value=number, elapsed_ms=elapsed)


def as_html(form: Form) -> str:
    """One page with every screen below the other, to be looked at; it posts nowhere."""
    screens = "\n".join(_html(number, screen, form) for number, screen in enumerate(form.screens, 1))
    version = frame("version", form.language, number=form.version)
    return (
        f'<!doctype html>\n<html lang="{form.language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(form.title)}</title>'
        f"<style>{_STYLE}</style></head><body>\n<h1>{escape(form.title)}</h1>\n"
        f'<p class="small">{version} · {form.content_hash[:12]}</p>\n{screens}\n</body></html>\n'
    )


def _elapsed(form: Mapping[str, str]) -> int | None:
    told = form.get("elapsed_ms", "")
    return int(told) if told.isascii() and told.isdecimal() and 0 < int(told[:9]) < _LONGEST else None


def _screen(questionnaire: Questionnaire, question: Question, language: str) -> Screen:
    low, high = ((words or {}).get(language) for words in (question.low, question.high))
    return Screen(
        question_id=question.id,
        kind=question.kind,
        phrases=tuple(phrase.strip() for phrase in question.say(language).split("|")),
        note=None if question.note is None else question.note[language],
        choices=_choices(question, language),
        low=low,
        high=high,
        limit=question.limit if question.kind is QuestionKind.TEXT else None,
        only=occasion(questionnaire, question, language),
        required=question.required_on(Medium.WEB),
    )


def _choices(question: Question, language: str) -> tuple[tuple[str, str], ...]:
    match question.kind:
        case QuestionKind.TEXT:
            return ()
        case QuestionKind.RATING:
            return tuple(
                (str(score), question.labels[score][language]) for score in sorted(question.labels, reverse=True)
            )
        case QuestionKind.NPS:
            return tuple((str(value), str(value)) for value in range(11))
        case QuestionKind.CHOICE:
            return tuple((key, plain(words[language])) for key, words in question.options.items())
        case _:
            return tuple((key, frame(key, language)) for key in ("yes", "no", "unsure"))


def _html(number: int, screen: Screen, form: Form) -> str:
    phrases = "".join(f"<span>{escape(phrase)}</span> " for phrase in screen.phrases).strip()
    note = "" if screen.note is None else f'<p class="small">{escape(screen.note)}</p>'
    only = "" if screen.only is None else f'<p class="small">{escape(screen.only)}</p>'
    ends = "" if screen.low is None else f'<p class="small">0 {escape(screen.low)} · 10 {escape(screen.high or "")}</p>'
    kind = ' class="nps"' if screen.kind is QuestionKind.NPS else ""
    return (
        f"<form{kind}>{only}<fieldset><legend>{number}/{len(form.screens)} {phrases}</legend>{note}"
        f"{_fields(screen, form.language)}{ends}</fieldset>"
        f'<p><button type="button">{frame("next", form.language)}</button> '
        f'<button type="button">{frame("skip", form.language)}</button></p></form>'
    )


def _fields(screen: Screen, language: str) -> str:
    if screen.limit is not None:
        label = frame("in_words", language, limit=screen.limit)
        return f'<label>{label}<textarea name="text" maxlength="{screen.limit}"></textarea></label>'
    return "".join(
        f'<label><input type="radio" name="answer" value="{escape(value)}"> {escape(words)}</label>'
        for value, words in screen.choices
    )
