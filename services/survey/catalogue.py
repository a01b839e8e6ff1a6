"""The questionnaires of this program, read once."""

from functools import cache
from importlib import resources

from services.survey.questionnaire import Questionnaire, parse


class UnknownQuestionnaire(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(f"there is no questionnaire {name}")


@cache
def catalogue() -> dict[tuple[str, int], Questionnaire]:
    """By id and version. Raises `InvalidQuestionnaire` for a file that is none."""
    folder = resources.files("services.survey") / "questionnaires"
    files = [file for file in folder.iterdir() if file.name.endswith(".toml")]
    loaded = [parse(file.read_text(encoding="utf-8"), file.name) for file in files]
    return {(questionnaire.id, questionnaire.version): questionnaire for questionnaire in loaded}


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
