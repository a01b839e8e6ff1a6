from pathlib import Path

import pytest

from contracts.vocabulary import Scenario
from services.scheduler.in_force import PACKAGED, PolicyError, load_policies


def changed(folder: Path, name: str, old: str, new: str) -> Path:
    text = (PACKAGED / f"{name}.toml").read_text(encoding="utf-8")
    assert old in text
    (folder / f"{name}.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


def test_the_packaged_files_hold() -> None:
    found = set(load_policies().scenarios)
    assert {Scenario.AFTER_SALE, Scenario.COMPLAINT, Scenario.CONSULTATION, Scenario.INSTALLATION} <= found


@pytest.mark.parametrize(
    ("name", "old", "new", "place", "reason"),
    [
        ("after_sale", "deadline_hours = 24", "deadline_hours = 0", "window", "greater than 0"),
        ("consultation", "not_before_hours = 24", "not_before_hours = 72", "window", "the window is empty"),
        ("complaint", "service_types = []", 'service_types = ["x"]', "sampling", "certainty stratum"),
        ("after_sale", 'channels = ["phone", "email"]', 'channels = ["phone", "phone"]', "", "listed twice"),
        ("after_sale", 'scenario = "after_sale"', 'scenario = "usage"', "scenario", "is called usage.toml"),
        ("after_sale", "maximum_minutes = 15", "maximum_minutes = 15\nmystery = 1", "mystery", "not permitted"),
        ("after_sale", "[window]", "[window", "", "line"),
        ("house", 'opens = "08:00"', 'opens = "07:00"', "hard", "within 08:00 and 22:00"),
    ],
)
def test_a_contradictory_file_is_refused_with_file_place_and_reason(
    tmp_path: Path, name: str, old: str, new: str, place: str, reason: str
) -> None:
    with pytest.raises(PolicyError) as refused:
        load_policies(changed(tmp_path, name, old, new))
    assert refused.value.file == tmp_path / f"{name}.toml"
    assert place in refused.value.place
    assert reason in refused.value.reason


def test_a_changed_file_is_a_new_version_and_a_changed_comment_is_not(tmp_path: Path) -> None:
    packaged = load_policies()
    commented = load_policies(changed(tmp_path, "after_sale", "[window]", "# why\n[window]"))
    assert commented.versions == packaged.versions
    longer = load_policies(changed(tmp_path, "after_sale", "maximum_minutes = 15", "maximum_minutes = 14"))
    assert longer.versions[Scenario.AFTER_SALE] != packaged.versions[Scenario.AFTER_SALE]
    assert longer.versions[Scenario.USAGE] == packaged.versions[Scenario.USAGE]
    assert longer.version != packaged.version


def test_a_policy_states_the_expected_count_of_its_first_period(tmp_path: Path) -> None:
    stated = 'ratio = "0.1"\nexpected = {"other" = 500}'
    policies = load_policies(changed(tmp_path, "usage", 'ratio = "0.1"', stated))
    usage = policies.of("usage")
    assert usage is not None and usage.sampling.expected == {"other": 500}
