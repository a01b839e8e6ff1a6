"""Metrics, their catalogue, the alerts and the pages they lead to belong together."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from prometheus_client import REGISTRY
from prometheus_client.metrics import MetricWrapperBase

from chassis.web import observation
from launcher.catalog import load_services

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy/prometheus/rules/aftercall.yml"
RULE_TESTS = ROOT / "deploy/prometheus/tests/aftercall.yml"
CATALOGUE = ROOT / "docs/metrics.md"
ALERTS = ROOT / "docs/alerts.md"

# Each has few values, known from the code, the contracts or a list of our own; none is of a person.
BOUNDED = {
    "service", "topic", "outcome", "loop", "timer", "task", "pool", "place", "key_class", "method", "route", "status",
    "channel", "disposition", "reason", "explanation", "state", "kind", "department",
    "cause",
}  # fmt: skip
_ROW = re.compile(r"^\| `(aftercall_\w+)` \|([^|]*)\|([^|]*)\|([^|]*)\|(.*)\|$", re.MULTILINE)
_NAME = re.compile(r"\baftercall_\w+")


@cache
def declared() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Type and labels of all metrics of the product, by the name under which they are scraped."""
    load_services()
    assert observation.REQUESTS is not None
    return {name: (kind, labels) for name, kind, labels in _declared() if name.startswith("aftercall_")}


def _declared() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for collector in set(REGISTRY._collector_to_names):
        if isinstance(collector, MetricWrapperBase):
            suffix = "_total" if collector._type == "counter" else ""
            yield collector._name + suffix, str(collector._type), tuple(collector._labelnames)
        else:
            for family in collector.collect():
                yield f"{family.name}_total", str(family.type), tuple(getattr(family, "_labelnames", ()))


def catalogue() -> dict[str, tuple[tuple[str, ...], str, str]]:
    """Labels, how to put processes together, and the meaning."""
    return {
        name: (tuple(label.strip() for label in labels.split(",") if label.strip()), over.strip(), meaning.strip())
        for name, labels, over, meaning, _ in _ROW.findall(CATALOGUE.read_text())
    }


def rules() -> list[dict[str, Any]]:
    return [dict(rule) for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def test_the_catalogue_holds_every_metric_with_its_labels_and_no_other() -> None:
    assert {name: labels for name, (labels, _, _) in catalogue().items()} == {
        name: labels for name, (_, labels) in declared().items()
    }


def test_the_catalogue_says_of_each_what_it_means_and_how_processes_add_up() -> None:
    for name, (_, over, meaning) in catalogue().items():
        assert over in {"sum", "max", "min"}, name
        assert meaning, name


def test_what_is_counted_is_summed() -> None:
    counted = {name for name, (kind, _) in declared().items() if kind in {"counter", "histogram"}}
    assert {name for name, (_, over, _) in catalogue().items() if name in counted and over != "sum"} == set()


def test_no_label_is_personal_or_unbounded() -> None:
    assert {label for _, labels in declared().values() for label in labels} - BOUNDED == set()


def test_alerts_use_metrics_that_exist_and_put_processes_together_as_the_catalogue_says() -> None:
    known = declared().keys()
    for rule in rules():
        for name in _NAME.findall(rule["expr"]):
            base = name.removesuffix("_bucket")
            assert base in known, f"{rule['alert']} asks for {name}"
            if catalogue()[base][1] == "max":
                assert re.search(rf"(max by \([^)]*\)|max) ?\({name}", rule["expr"]), f"{rule['alert']} doubles {name}"


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_each_alert_waits_and_says_how_bad_it_is_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["for"]
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert rule["annotations"]["summary"].endswith(".")
    page, _, anchor = rule["annotations"]["runbook"].partition("#")
    assert page == "docs/alerts.md"
    assert anchor in {heading.lower() for heading in re.findall(r"^### (\w+)$", ALERTS.read_text(), re.MULTILINE)}


def test_each_section_of_the_alerts_belongs_to_a_rule() -> None:
    assert re.findall(r"^### (\w+)$", ALERTS.read_text(), re.MULTILINE) == [rule["alert"] for rule in rules()]


def test_each_alert_is_proved_to_fire_and_to_be_silent() -> None:
    fires: set[str] = set()
    silent: set[str] = set()
    for group in yaml.safe_load(RULE_TESTS.read_text())["tests"]:
        for one in group["alert_rule_test"]:
            (fires if one["exp_alerts"] else silent).add(one["alertname"])
    names = {rule["alert"] for rule in rules()}
    assert (fires, silent) == (names, names)


@pytest.mark.parametrize(
    "words", [["check", "rules", str(RULES)], ["test", "rules", str(RULE_TESTS)]], ids=["checked", "tested"]
)
def test_promtool_agrees(words: list[str]) -> None:
    promtool = shutil.which("promtool")
    assert promtool, "promtool is missing: install the package prometheus (Debian, Ubuntu)."
    done = subprocess.run([promtool, *words], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
