"""The questionnaires of this program, read once. What is published never changes; what is not is never asked."""

import tomllib
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from services.survey.questionnaire import Questionnaire
from services.survey.questionnaire_file import InvalidQuestionnaire, parse

PUBLISHED = "published.toml"
"""Beside the questionnaires: by file the content hash with which it was published."""


class UnknownQuestionnaire(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(f"there is no questionnaire {name}")


@cache
def catalogue() -> dict[tuple[str, int], Questionnaire]:
    """Published ones by id and version. Raises `InvalidQuestionnaire`, also for one that was changed since."""
    return published_in(resources.files("services.survey") / "questionnaires")


def published_in(folder: Traversable) -> dict[tuple[str, int], Questionnaire]:
    """Raises `InvalidQuestionnaire` for a file that is none, is gone, or is not what was published."""
    loaded = [_published(folder, name, digest) for name, digest in digests(folder).items()]
    return {(questionnaire.id, questionnaire.version): questionnaire for questionnaire in loaded}


def digests(folder: Traversable) -> dict[str, str]:
    """By file name; none where nothing was published yet."""
    file = folder / PUBLISHED
    return dict(tomllib.loads(file.read_text(encoding="utf-8"))) if file.is_file() else {}


def file_name(questionnaire: Questionnaire) -> str:
    return f"{questionnaire.id}.v{questionnaire.version}.toml"


@cache
def newest(name: str) -> Questionnaire:
    """The newest version of a questionnaire by its id. Raises `UnknownQuestionnaire`."""
    versions = [version for known, version in catalogue() if known == name]
    if not versions:
        raise UnknownQuestionnaire(name)
    return catalogue()[name, max(versions)]


def exactly(name: str, version: int) -> Questionnaire:
    """Raises `UnknownQuestionnaire`."""
    if (name, version) not in catalogue():
        raise UnknownQuestionnaire(f"{name} version {version}")
    return catalogue()[name, version]


def _published(folder: Traversable, name: str, digest: str) -> Questionnaire:
    file = folder / name
    if not file.is_file():
        raise InvalidQuestionnaire(name, [f"was published (see {PUBLISHED}) and is gone: bring it back"])
    questionnaire = parse(file.read_text(encoding="utf-8"), name)
    if file_name(questionnaire) != name:
        raise InvalidQuestionnaire(name, [f"must be called {file_name(questionnaire)}"])
    if questionnaire.content_hash != digest:
        rule = "was changed after it was published: bring the old content back and make the change a new version"
        raise InvalidQuestionnaire(name, [rule])
    return questionnaire
