"""What was measured of a record, as data and in words."""

import ast
import inspect
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.survey import quality
from services.survey.evidence import measured, read
from services.survey.pages.quality import EVIDENCE, seen

NUMBERS = st.dictionaries(st.sampled_from(["questions", "seconds", "rows"]), st.floats(-1e6, 1e6), max_size=3)


@given(st.sampled_from(sorted(EVIDENCE)), NUMBERS)
def test_what_is_written_is_read_again(name: str, numbers: dict[str, float]) -> None:
    found = read(measured(name, **numbers))
    assert found is not None
    assert found[0] == name
    assert {field: float(number) for field, number in found[1].items()} == pytest.approx(numbers, abs=0.051)


def test_everything_that_is_measured_has_words_with_its_numbers_and_nothing_else_has() -> None:
    calls = [node for node in ast.walk(ast.parse(inspect.getsource(quality))) if isinstance(node, ast.Call)]
    written = {
        ast.literal_eval(call.args[0]): {keyword.arg for keyword in call.keywords}
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "measured"
    }
    assert written == {name: set(re.findall(r"{(\w+)}", words)) for name, words in EVIDENCE.items()}


def test_a_sentence_that_was_stored_before_is_shown_as_it_is() -> None:
    assert seen("4 questions in 1.2 s, reading takes 3.4 s") == "4 questions in 1.2 s, reading takes 3.4 s"
