"""Judges, renders and publishes questionnaire files."""

from pathlib import Path

from chassis.spreadsheets import write_workbook
from launcher.terminal import complain, say
from services.survey.catalogue import PUBLISHED, digests, file_name
from services.survey.imports import template
from services.survey.questionnaire import Questionnaire
from services.survey.questionnaire_change import Effect, compare
from services.survey.questionnaire_file import InvalidQuestionnaire, parse
from services.survey.questionnaire_length import estimate
from services.survey.questionnaire_rules import MAXIMUM_SECONDS
from services.survey.renderings import agent, ivr, web

_LABEL = {Effect.COMPATIBLE: "compatible", Effect.NEW_SERIES: "new series", Effect.FORBIDDEN: "forbidden"}


def judge(file: Path, against: Path | None) -> bool:
    """Prints faults, length and what changed since `against`, else since the version before it beside the file.

    False for a fault or a forbidden change.
    """
    try:
        questionnaire = read(file)
        before = against or version_before(file)
        old = None if before is None else read(before)
    except InvalidQuestionnaire as invalid:
        for reason in invalid.reasons:
            complain(f"{invalid.file}: {reason}")
        return False
    say("\n".join(_told(file, questionnaire)))
    unchanged = _is_as_published(file, questionnaire)
    return unchanged and (old is None or _is_allowed(old, questionnaire))


def rendered(file: Path, form: str, language: str) -> bytes:
    """`form`: agent (text), web (HTML), ivr (JSON), xlsx. Raises `InvalidQuestionnaire`, `ivr.NotOffered`."""
    questionnaire = read(file)
    match form:
        case "agent":
            return agent.as_text(agent.agent_script(questionnaire, language)).encode()
        case "web":
            return web.as_html(web.web_form(questionnaire, language)).encode()
        case "ivr":
            return ivr.as_json(ivr.ivr_plan(questionnaire, language)).encode()
        case _:
            return write_workbook(template(questionnaire, language))


def publish(file: Path) -> bool:
    """Adds the content hash to the list beside the file, once. False where it may not be asked."""
    if not judge(file, None):
        return False
    questionnaire = read(file)
    if file.name != file_name(questionnaire):
        complain(f"{file.name} must be called {file_name(questionnaire)}")
        return False
    if file.name not in digests(file.parent):
        with (file.parent / PUBLISHED).open("a", encoding="utf-8") as listed:
            listed.write(f'"{file.name}" = "{questionnaire.content_hash}"\n')
    say(f"{file.name} is published: it is asked from now on, and never changes")
    return True


def read(file: Path) -> Questionnaire:
    """Raises `InvalidQuestionnaire`."""
    return parse(file.read_text(encoding="utf-8"), file.name)


def version_before(file: Path) -> Path | None:
    """The published file of the same questionnaire with the highest lower version."""
    name, _, version = file.stem.partition(".v")
    if not version.isdecimal():
        return None
    numbers = {
        int(number): listed
        for listed in digests(file.parent)
        if (number := listed.removesuffix(".toml").removeprefix(f"{name}.v")).isdecimal()
    }
    earlier = [number for number in numbers if number < int(version)]
    return file.parent / numbers[max(earlier)] if earlier else None


def _told(file: Path, questionnaire: Questionnaire) -> list[str]:
    length = estimate(questionnaire)
    core = sum(question.core for question in questionnaire.questions)
    media = ", ".join(f"{medium} {len(questionnaire.asked_on(medium))}" for medium in questionnaire.offered)
    published = digests(file.parent).get(file.name)
    state = "not published" if published is None else "published"
    if published not in (None, questionnaire.content_hash):
        state = "changed since it was published"
    return [
        f"{file.name}: no faults",
        f"  {questionnaire.id} version {questionnaire.version}, {questionnaire.content_hash[:12]}, {state}",
        f"  {len(questionnaire.questions)} questions, {core} core; asked on: {media}",
        f"  {length.seconds} s of {MAXIMUM_SECONDS} s, assumed: {length.basis}; follow-ups up to {length.follow_ups} s",
    ]


def _is_as_published(file: Path, questionnaire: Questionnaire) -> bool:
    published = digests(file.parent).get(file.name, questionnaire.content_hash)
    if published != questionnaire.content_hash:
        complain(f"{file.name}: forbidden: published with {published[:12]} and changed since; make it a new version")
    return published == questionnaire.content_hash


def _is_allowed(old: Questionnaire, new: Questionnaire) -> bool:
    change = compare(old, new)
    say(f"  against version {old.version}: {_LABEL[change.effect]}")
    for one in sorted(change.differences, key=lambda difference: -difference.effect):
        say(f"    {_LABEL[one.effect]}: {one.place} {one.what}")
    return change.effect is not Effect.FORBIDDEN
