"""Names that one service's data file gives and another's file answers to: no import ties them, so a test does."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from contracts.vocabulary import Scenario

SERVICES = Path(__file__).parents[2] / "services"
LAUNCHER = Path(__file__).parents[2] / "launcher"
SCENARIOS = SERVICES / "scheduler" / "scenarios"
FOLDERS = (SCENARIOS, LAUNCHER / "demo" / "policies")


def read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def purposes() -> dict[str, set[str]]:
    """Of every published questionnaire, by its id."""
    folder = SERVICES / "survey" / "questionnaires"
    found: dict[str, set[str]] = {}
    for name in read(folder / "published.toml"):
        form = read(folder / name)
        found.setdefault(form["id"], set()).add(form["purpose"])
    return found


def asked_for(folder: Path) -> dict[str, tuple[str, str]]:
    """By file: the questionnaire it names and the purpose it is asked for."""
    files = [file for file in folder.glob("*.toml") if file.stem != "house"]
    return {file.name: (read(file)["questionnaire"], "survey") for file in files}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_every_questionnaire_that_a_scenario_names_is_published_for_that_purpose(folder: Path) -> None:
    known = purposes()
    assert asked_for(folder)
    for file, (name, purpose) in asked_for(folder).items():
        assert known.get(name) == {purpose}, f"{file} names {name}"


def test_second_callbacks_and_verifications_have_questionnaires_of_their_own() -> None:
    named = read(SCENARIOS / "house.toml")["questionnaires"]
    assert {purpose: purposes().get(name) for purpose, name in named.items()} == {
        "progress": {"progress"}, "verification": {"verification"},
    }  # fmt: skip


def test_every_scenario_has_its_own_questionnaire() -> None:
    named = {file.removesuffix(".toml"): name for file, (name, _) in asked_for(SCENARIOS).items()}
    assert named == {scenario.value: scenario.value for scenario in Scenario}
