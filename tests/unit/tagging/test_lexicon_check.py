from pathlib import Path

import pytest

from services.tagging.lexicon import HERE, Lexicon, LexiconError, shipped
from services.tagging.lexicon_check import faults

ZH = (HERE / "lexicon" / "zh.toml").read_text()


def changed(folder: Path, before: str, after: str) -> Lexicon:
    assert before in ZH
    file = folder / "changed.toml"
    file.write_text(ZH.replace(before, after, 1))
    return Lexicon.read(HERE, instead=file)


def test_the_lexicon_in_use_has_no_fault() -> None:
    assert faults(shipped()) == []


def test_a_term_that_stands_twice_is_named(tmp_path: Path) -> None:
    (fault,) = faults(changed(tmp_path, '"响应慢"', '"不耐烦"'))
    assert "'不耐烦' stands 2 times" in fault


def test_a_term_with_nothing_beside_its_gap_is_named(tmp_path: Path) -> None:
    (fault,) = faults(changed(tmp_path, '"响应慢"', '"响应…"'))
    assert "'响应…' has an empty part" in fault


def test_a_department_without_a_route_is_named(tmp_path: Path) -> None:
    found = faults(changed(tmp_path, 'code = "billing"', 'code = "treasury"'))
    assert any("treasury" in fault for fault in found)


def test_a_file_that_is_no_lexicon_says_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match=r"changed\.toml.*extra|Extra"):
        changed(tmp_path, "gap = 6", "gap = 6\ngaps = 7")


def test_one_changed_character_is_another_version(tmp_path: Path) -> None:
    assert changed(tmp_path, '"响应慢"', '"响应慢慢"').version != shipped().version
