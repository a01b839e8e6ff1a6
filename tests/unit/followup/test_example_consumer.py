import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from contracts.events.followup import CaseChanged

FILE = Path(__file__).parents[3] / "docs/examples/follow_cases.py"


@pytest.fixture
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("follow_cases", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_takes_each_revision_once_and_never_an_older_one(example: ModuleType) -> None:
    newest = example.Newest()
    taken = [newest.take({"case_id": "AC-1", "revision": revision}) for revision in (1, 2, 2, 1, 3)]
    assert taken == [True, True, False, False, True]


def test_it_reads_what_the_contract_has(example: ModuleType) -> None:
    assert CaseChanged.topic == example.TOPIC
    assert {"case_id", "revision", "department", "state", "due_at"} <= set(CaseChanged.model_fields)
