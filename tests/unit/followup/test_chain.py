from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.followup.chain import START, Link, first_broken, hash_of


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
