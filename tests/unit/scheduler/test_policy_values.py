from contracts.vocabulary import Scenario
from services.scheduler.configured import configured_rules
from services.scheduler.pages.policy_history import history_of, places
from services.scheduler.policy import PolicySet
from services.scheduler.policy_values import changes, values
from services.scheduler.policy_versions import content_of, digest_of, policy_set, version_of
from services.scheduler.rules import SINCE_EVER
from services.scheduler.store.policy_use import InForce

POLICIES = configured_rules().policies


def with_deadline(hours: float) -> PolicySet:
    usage = POLICIES.scenarios[Scenario.USAGE]
    window = usage.window.model_copy(update={"deadline_hours": hours})
    others = [policy for policy in POLICIES.scenarios.values() if policy is not usage]
    return policy_set(POLICIES.house, [*others, usage.model_copy(update={"window": window})])


def published(*sets: PolicySet) -> list[InForce]:
    return [InForce(one.version, SINCE_EVER, SINCE_EVER, "files", content_of(one)) for one in sets]


def test_every_value_is_told_once_and_what_nobody_states_is_left_out() -> None:
    content = {"a": {"b": 1, "c": None}, "retries": {"busy": {"attempts": 1}}, "list": []}
    assert [(value.key, value.raw) for value in values(content)] == [
        ("a.b", 1), ("retries.busy", {"attempts": 1}), ("list", []),
    ]  # fmt: skip


def test_differences_name_what_changed_came_and_went() -> None:
    before, after = {"a": {"b": 1, "x": 2}, "gone": 3}, {"a": {"b": 4, "x": 2}, "came": [5]}
    assert [(one.path, one.before, one.after) for one in changes(before, after)] == [
        (("a", "b"), 1, 4), (("came",), None, [5]), (("gone",), 3, None),
    ]  # fmt: skip


def test_a_scenario_has_a_version_for_each_change_of_its_own_content() -> None:
    longer = with_deadline(96)
    editions = published(POLICIES, longer, POLICIES)
    usage = history_of("usage", editions, {POLICIES.versions[Scenario.USAGE]: 5, longer.versions[Scenario.USAGE]: 7})
    assert [(one.number, one.rows) for one in usage] == [(1, 5), (2, 7), (3, 5)]
    assert [(one.path, one.before, one.after) for one in usage[1].changed] == [
        (("scenario", "window", "deadline_hours"), 72.0, 96.0)
    ]
    assert len(history_of("complaint", editions, {})) == 1


def test_the_rows_of_the_house_rules_are_those_of_every_scenario_under_them() -> None:
    longer = with_deadline(96)
    counts = {POLICIES.versions[Scenario.USAGE]: 5, longer.versions[Scenario.USAGE]: 7, "stranger": 9}
    (house,) = history_of("house", published(POLICIES, longer), counts)
    assert house.rows == 12


def test_the_version_is_the_beginning_of_the_digest() -> None:
    (usage,) = history_of("usage", published(POLICIES), {})
    assert usage.digest == digest_of(POLICIES.house, POLICIES.scenarios[Scenario.USAGE])
    assert usage.version == usage.digest[:16] == version_of(POLICIES.house, POLICIES.scenarios[Scenario.USAGE])


def test_a_value_names_its_file_and_line_and_a_default_names_none() -> None:
    (usage,) = history_of("usage", published(POLICIES), {})
    found = places(usage)
    assert (found["scenario", "scenario"] or "").startswith("usage.toml:")
    assert (found["house", "hard", "opens"] or "").startswith("house.toml:")
    assert found["scenario", "soft_bans"] is None
    (_, other) = history_of("usage", published(POLICIES, with_deadline(96)), {})
    assert places(other) == {}
