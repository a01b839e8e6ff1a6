from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.followup.chain import START, Changed, End, Link, first_broken, first_changed, hash_of


def a_history(length: int = 4) -> list[Link]:
    links: list[Link] = []
    for number in range(1, length + 1):
        unsigned = Link(
            case_id="AC-1",
            sequence=number,
            at=datetime(2026, 11, 18, tzinfo=UTC) + timedelta(hours=number),
            actor="zhou.qi",
            actor_name="周启",
            action="note",
            from_state="working",
            to_state="working",
            detail={"number": str(number)},
            note="s1.t..sealed",
            previous_hash=links[-1].hash if links else START,
            hash="",
        )
        links.append(replace(unsigned, hash=hash_of(unsigned)))
    return links


def test_an_untouched_history_is_whole() -> None:
    assert first_broken(a_history()) is None
    assert first_broken([]) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"actor": "somebody"},
        {"at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"detail": {"number": "9"}},
        {"note": "s1.t..other"},
        {"to_state": "closed"},
    ],
)
def test_a_changed_row_is_named(changed: dict[str, Any]) -> None:
    links = a_history()
    links[1] = replace(links[1], **changed)
    assert first_broken(links) == links[1]


def test_a_row_changed_together_with_its_hash_breaks_the_next_one() -> None:
    links = a_history()
    forged = replace(links[1], actor="somebody")
    links[1] = replace(forged, hash=hash_of(forged))
    assert first_broken(links) == links[2]


def test_a_missing_row_is_noticed() -> None:
    links = a_history()
    assert first_broken([links[0], *links[2:]]) == links[2]
    assert first_broken(links[1:]) == links[1]


LENGTH = 4
END = End("AC-1", LENGTH, "working", a_history(LENGTH)[-1].hash)
FIELDS = {
    "at": datetime(2026, 1, 1, tzinfo=UTC),
    "actor": "somebody",
    "actor_name": "某人",
    "action": "close",
    "from_state": "open",
    "to_state": "closed",
    "detail": {"number": "9"},
    "note": "s1.t..other",
    "hash": "0" * 64,
    "previous_hash": "0" * 64,
}


def test_an_untouched_history_ends_where_its_case_says() -> None:
    assert first_changed(a_history(LENGTH), END) is None


@pytest.mark.parametrize("row", range(LENGTH))
@pytest.mark.parametrize("field", FIELDS)
def test_any_row_changed_in_any_field_is_named(row: int, field: str) -> None:
    links = a_history(LENGTH)
    links[row] = replace(links[row], **{field: FIELDS[field]})
    assert first_changed(links, END) == Changed("AC-1", row + 1, "was changed")


@pytest.mark.parametrize("row", range(LENGTH))
def test_any_row_changed_together_with_its_hash_is_named(row: int) -> None:
    links = a_history(LENGTH)
    forged = replace(links[row], actor="somebody")
    links[row] = replace(forged, hash=hash_of(forged))
    found = first_changed(links, END)
    assert found == Changed("AC-1", row + 1, "was changed together with its hash")


@pytest.mark.parametrize("row", range(LENGTH))
def test_any_row_left_out_is_named(row: int) -> None:
    links = a_history(LENGTH)
    del links[row]
    assert first_changed(links, END) == Changed("AC-1", row + 1, "is missing")


def test_a_row_put_in_and_a_state_without_a_step_are_named() -> None:
    found = first_changed(a_history(LENGTH + 1), END)
    assert found == Changed("AC-1", LENGTH + 1, "was put in")
    closed = first_changed(a_history(LENGTH), replace(END, state="closed"))
    assert closed is not None
    assert closed.sequence == LENGTH


def test_a_case_without_any_history_is_named() -> None:
    assert first_changed([], END) == Changed("AC-1", 1, "is missing")
