"""The commands on questionnaire files, as an author of one uses them."""

import json
import shutil
from importlib import resources
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from chassis.spreadsheets import read_table
from launcher.questionnaire import commands
from services.survey.catalogue import published_in

FOLDER = Path(str(resources.files("services.survey") / "questionnaires"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "questionnaires"))


def called(*words: object) -> Result:
    return CliRunner().invoke(commands, [str(word) for word in words])


def new_version(folder: Path, old: str = "", new: str = "") -> Path:
    text = (folder / "care.v1.toml").read_text(encoding="utf-8").replace("version = 1", "version = 2", 1)
    assert old in text
    file = folder / "care.v2.toml"
    file.write_text(text.replace(old, new), encoding="utf-8")
    return file


def test_every_shipped_file_passes(folder: Path) -> None:
    result = called("check", *sorted(folder.glob("*.v*.toml")))
    assert result.exit_code == 0, result.output
    assert result.output.count("no faults") == len(list(folder.glob("*.v*.toml")))


def test_check_names_the_fault_and_its_place_and_ends_with_1(folder: Path) -> None:
    result = called("check", new_version(folder, "digits = { 1 = 5, 2 = 4", "digits = { 1 = 4, 2 = 5"))
    assert result.exit_code == 1
    assert "care.v2.toml: questions.overall.ivr: key 1 is very satisfied" in result.output


def test_check_labels_a_change_against_the_version_before(folder: Path) -> None:
    result = called("check", new_version(folder, "整体满意吗", "总体满意吗"))
    assert result.exit_code == 0
    assert "against version 1: new series" in result.output
    assert "new series: questions.overall the wording changed" in result.output


def test_check_forbids_an_edited_published_file(folder: Path) -> None:
    file = folder / "care.v1.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("整体满意吗", "总体满意吗"), encoding="utf-8")
    result = called("check", file)
    assert result.exit_code == 1
    assert "care.v1.toml: forbidden: published with" in result.output


def test_check_forbids_against_a_file_that_is_named(folder: Path) -> None:
    result = called("check", folder / "care.v1.toml", "--against", folder / "beta.v1.toml")
    assert result.exit_code == 1
    assert "forbidden: id is care, not beta" in result.output


def test_a_draft_is_asked_once_it_is_published_and_then_holds(folder: Path) -> None:
    file = new_version(folder)
    assert called("publish", file).exit_code == 0
    assert called("publish", file).exit_code == 0
    assert ("care", 2) in published_in(folder)


def test_a_forbidden_change_is_not_published(folder: Path) -> None:
    before = (folder / "published.toml").read_text(encoding="utf-8")
    assert called("publish", new_version(folder, 'purpose = "survey"', 'purpose = "progress"')).exit_code == 1
    assert (folder / "published.toml").read_text(encoding="utf-8") == before


def test_the_script_is_in_the_language_asked_for(folder: Path) -> None:
    spoken = called("render", folder / "care.v1.toml", "--channel", "agent", "--lang", "en")
    assert "Say: Lately, how satisfied are you with us overall?" in spoken.output
    assert "Say: 1 is “Not at all satisfied”, 5 is “Very satisfied”: what would you give?" in spoken.output
    assert "近期您对我们的服务整体满意吗？" in called("render", folder / "care.v1.toml", "--channel", "agent").output


def test_the_form_is_html_in_which_texts_stay_texts(folder: Path) -> None:
    page = called(
        "render", new_version(folder, "Lately, how", "<b>Lately</b>, how"), "--channel", "web", "--lang", "en"
    )
    assert page.output.startswith("<!doctype html>")
    assert "&lt;b&gt;Lately&lt;/b&gt;" in page.output


def test_the_menu_is_a_plan_whose_keys_are_not_scores(folder: Path) -> None:
    plan = json.loads(called("render", folder / "care.v1.toml", "--channel", "ivr").output)
    overall, nps = plan["prompts"][0], plan["prompts"][1]
    assert overall["answers"] == {"1": 5, "2": 4, "3": 3, "4": 2, "5": 1}
    assert (nps["entry"], nps["most_digits"], nps["answers"]) == ("number", 2, {})


def test_a_questionnaire_without_a_menu_says_so(folder: Path) -> None:
    result = called("render", folder / "verification.v1.toml", "--channel", "ivr")
    assert result.exit_code == 1
    assert "verification version 1 has no telephone menu" in result.output


def test_the_table_says_of_each_column_whether_it_holds_scores(folder: Path, tmp_path: Path) -> None:
    assert called("render", folder / "care.v1.toml", "--channel", "xlsx").exit_code == 1
    book = tmp_path / "care.xlsx"
    assert called("render", folder / "care.v1.toml", "--channel", "xlsx", "-o", book).exit_code == 0
    heading = read_table(book.read_bytes())[0]
    assert [name for name in heading if "." in name] == [
        "overall.score", "attitude.score", "nps.score", "needs.choice", "offers.choice", "reason.text", "remarks.text",
    ]  # fmt: skip
