"""Every number opens what it counts."""

import random
from collections.abc import Iterator

import polars as pl
import pytest
from pydantic import BaseModel

from services.reporting.figure import Figure, Filters
from services.reporting.figures import KINDS
from services.reporting.listing import SELECTIONS, chosen, responses_of
from services.reporting.parts import matching
from tests.unit.reporting.builders import a_month, an_answer, call, content


def figures_in(part: object) -> Iterator[Figure]:
    if isinstance(part, Figure):
        yield part
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from figures_in(getattr(part, name))
    elif isinstance(part, dict):
        for value in part.values():
            yield from figures_in(value)
    elif isinstance(part, tuple):
        for one in part:
            yield from figures_in(one)


def a_varied_month() -> list[dict[str, object]]:
    chance = random.Random(4)
    return [
        an_answer(
            n, overall=chance.choice((None, 1, 3, 4, 5)), attitude=chance.choice((None, 2, 4, 5)),
            nps=chance.choice((None, 3, 8, 10)), solved=chance.choice((None, "yes", "no")), team=chance.choice("ab"),
            scenario=chance.choice(("complaint", "care")), channel=chance.choice(("phone", "email", "sms")),
            channel_reason=chance.choice(("random", "preference")), purchases=chance.randint(0, 6),
            flags=chance.choice(([], [], ["too_fast"])), agent=chance.choice(("lin", "chen")),
            problem=n % 2 == 0, problems=["process"] if n % 4 == 0 else [],
        )
        for n in range(200)
    ]  # fmt: skip


def test_every_figure_opens_exactly_its_answers() -> None:
    answers = a_varied_month()
    frame = a_month(answers, {"complaint": 400}).frame
    found = content(answers, calls=[call(n, 60, agent=("lin", "chen")[n % 2]) for n in range(20)])
    checked = 0
    for figure in figures_in(found):
        key, filters = figure.drill.selection, figure.drill.filters
        listed = responses_of(frame, key, None, offset=0, limit=1, filters=filters).total
        if key in KINDS and figure.kind is KINDS[key] and filters.problem is None:
            assert listed == figure.n, (key, filters)
            checked += 1
        else:
            assert key in SELECTIONS
            assert listed > 0
    assert checked > 60


def test_a_filter_value_that_names_no_part_opens_nothing() -> None:
    frame = pl.DataFrame({"purchases": [1], "channel": ["phone"], "channel_reason": ["random"], "flags": [["x"]]})
    for name in ("purchases", "mode", "quality"):
        assert frame.filter(matching(Filters(**{name: "other"}))).height == 0


@pytest.mark.parametrize(("filters", "rows"), [(Filters(mode="phone"), 1), (Filters(quality="unflagged"), 0)])
def test_a_named_part_is_a_filter_like_any_other(filters: Filters, rows: int) -> None:
    frame = pl.DataFrame({"purchases": [1], "channel": ["phone"], "channel_reason": ["random"], "flags": [["x"]]})
    assert frame.filter(matching(filters)).height == rows


def test_pairs_are_listed_as_often_as_they_are_counted() -> None:
    first = [an_answer(0, overall=2), an_answer(1, overall=1), an_answer(2, overall=None), an_answer(3, voided=True)]
    second = [
        an_answer(10 + n, purpose="progress", about_response_id=f"response-{about:04}", round=round_, overall=overall)
        for n, (about, round_, overall) in enumerate(
            [(0, 1, 3), (0, 2, 5), (1, 1, None), (1, 1, 2), (2, 1, 5), (3, 1, 5), (9, 1, 5)]
        )
    ]
    month = a_month([*first, *second], {"complaint": 20})
    found = content([*first, *second], {"complaint": 20}).summary.recovery
    listed = chosen(month.frame, "pairs")
    assert (found.pairs, found.after) == (2, 3.5)
    assert sorted(listed["response_id"]) == ["response-0011", "response-0013"]
