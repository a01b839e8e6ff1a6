"""A published questionnaire never changes: the list of hashes beside the files holds it."""

import shutil
from importlib import resources
from pathlib import Path

import pytest

from services.survey.catalogue import PUBLISHED, catalogue, digests, published_in
from services.survey.questionnaire_file import InvalidQuestionnaire

FOLDER = Path(str(resources.files("services.survey") / "questionnaires"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "questionnaires"))


def edited(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_every_shipped_file_is_as_it_was_published(folder: Path) -> None:
    assert set(published_in(folder)) == set(catalogue())
    assert set(digests(folder)) == {file.name for file in folder.glob("*.v*.toml")}


def test_one_changed_word_in_a_published_file_is_refused_at_load(folder: Path) -> None:
    edited(folder, "after_sale.v1.toml", "响应速度", "反应速度")
    with pytest.raises(InvalidQuestionnaire, match="was changed after it was published") as refused:
        published_in(folder)
    assert refused.value.file == "after_sale.v1.toml"


def test_a_comment_in_a_published_file_changes_nothing(folder: Path) -> None:
    edited(folder, "care.v1.toml", "# 周期性关怀回访", "# 关怀")
    assert set(published_in(folder)) == set(catalogue())


def test_a_published_file_that_is_gone_is_refused_at_load(folder: Path) -> None:
    (folder / "beta.v1.toml").unlink()
    with pytest.raises(InvalidQuestionnaire, match="is gone"):
        published_in(folder)


def test_a_file_under_another_name_is_refused_at_load(folder: Path) -> None:
    (folder / "beta.v1.toml").rename(folder / "alpha.v1.toml")
    edited(folder, PUBLISHED, "beta.v1.toml", "alpha.v1.toml")
    with pytest.raises(InvalidQuestionnaire, match=r"must be called beta\.v1\.toml"):
        published_in(folder)


def test_a_draft_is_never_asked(folder: Path) -> None:
    draft = (folder / "care.v1.toml").read_text(encoding="utf-8").replace("version = 1", "version = 2", 1)
    (folder / "care.v2.toml").write_text(draft, encoding="utf-8")
    assert ("care", 2) not in published_in(folder)
