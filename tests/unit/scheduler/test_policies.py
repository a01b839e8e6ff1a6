import json
from importlib import resources
from pathlib import Path

import pytest

from contracts.vocabulary import Channel, Scenario
from services.scheduler import pilots
from services.scheduler.configured import configured_rules
from services.scheduler.policy import Pilot
from services.scheduler.policy_files import PACKAGED, PolicyError, line_of, load_policies
from services.scheduler.policy_versions import content_of, policies_in


def changed(folder: Path, name: str, old: str, new: str) -> Path:
    text = (PACKAGED / f"{name}.toml").read_text(encoding="utf-8")
    assert old in text
    (folder / f"{name}.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


def test_every_scenario_has_a_packaged_file_that_holds() -> None:
    assert set(load_policies().scenarios) == set(Scenario)


def test_every_questionnaire_that_a_policy_names_exists() -> None:
    policies = load_policies()
    house = policies.house.questionnaires
    named = {house.progress, house.verification, *(policy.questionnaire for policy in policies.scenarios.values())}
    folder = resources.files("services.survey") / "questionnaires"
    assert named <= {file.name.partition(".")[0] for file in folder.iterdir()}


def test_the_line_is_that_of_the_key_also_in_the_nth_table_of_an_array() -> None:
    text = 'a = 1\n[[spans]]\nfrom = 1\n[[spans]]\nfrom = 2\n[retries]\n"busy" = {attempts = 1}\n'
    assert line_of(text, ("spans", 1, "from")) == 5
    assert line_of(text, ("spans", 0, "from")) == 3
    assert line_of(text, ("retries", "busy", "attempts")) == 7
    assert line_of(text, ("retries", "missing")) == 6
    assert line_of(text, ("nothing",)) == 1


def test_a_skill_without_a_shift_is_refused_because_its_calls_would_never_be_released(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERCALL_SCHEDULER_POLICIES", str(changed(tmp_path, "usage", '"general"', '"juggling"')))
    with pytest.raises(PolicyError, match="juggling"):
        configured_rules()


def test_a_set_written_down_and_read_again_is_the_same_version() -> None:
    policies = load_policies()
    again = policies_in(json.loads(json.dumps(content_of(policies))))
    assert again == policies


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
        ("usage", 'ratio = "0.1"', 'ratio = "0.05"', "sampling.ratio", "below the floor of 0.1"),
        ("complaint", "delay_minutes = 720", "delay_minutes = 1440", "retries.switched_off", "could never start"),
        ("activation", "not_before_hours = 72", "not_before_hours = 48", "window.not_before_hours", "before 3 days"),
        ("activation", 'clock = "registered"', 'clock = "completed"', "window.clock", "from the registration"),
        ("care", "inactive_days = 60\nevery_days = 90", "", "trigger", "at least one of"),
        ("beta", "share = 1.0", "share = 1.5", "pilot.share", "less than or equal to 1"),
        ("usage", "[pilot]", "[channel_pilots]\nsms = {share = 0.5}\n[pilot]", "channel_pilots", ""),
        (
            "usage",
            "[pilot]",
            "[[blackouts]]\nfrom = 2027-02-07\nto = 2027-02-05\nreason = 'x'\n[pilot]",
            "blackouts",
            "no later",
        ),
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
    # where the file was changed, or in the table around it
    lines = (tmp_path / f"{name}.toml").read_text(encoding="utf-8").splitlines()
    assert refused.value.line is not None and f".toml:{refused.value.line}:" in str(refused.value)
    keys = [step for step in refused.value.place.split(".") if not step.isdigit() and step != "[key]"]
    assert not place or keys[-1] in lines[refused.value.line - 1]


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


def test_a_pilot_takes_its_share_of_customers_always_the_same_ones() -> None:
    def taken(share: float) -> set[str]:
        pilot = Pilot(share=share)
        refs = [f"ref-{number}" for number in range(10_000)]
        return {ref for ref in refs if pilots.takes_part(pilot, "beta", customer_ref=ref, team=None)}

    assert abs(len(taken(0.2)) - 2000) < 4 * (10_000 * 0.2 * 0.8) ** 0.5
    assert taken(0.1) <= taken(0.2)
    assert taken(0.2) == taken(0.2)
    assert (len(taken(0.0)), len(taken(1.0))) == (0, 10_000)


def test_a_pilot_of_teams_leaves_the_others_out() -> None:
    pilot = Pilot(teams=("华东一组",))
    assert pilots.takes_part(pilot, "beta", customer_ref="x", team="华东一组")
    assert not pilots.takes_part(pilot, "beta", customer_ref="x", team="华南一组")
    assert not pilots.takes_part(pilot, "beta", customer_ref="x", team=None)


def test_a_channel_on_trial_is_open_to_its_customers_only() -> None:
    usage = load_policies().scenarios[Scenario.USAGE]
    trial = usage.model_copy(update={"channel_pilots": {Channel.EMAIL: Pilot(share=0.5)}})
    found = {pilots.open_channels(trial, customer_ref=f"ref-{n}", team=None) for n in range(100)}
    assert found == {(Channel.PHONE, Channel.EMAIL), (Channel.PHONE,)}
