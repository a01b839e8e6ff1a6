"""Sums, names and words of a verdict."""

import json

import pytest

from launcher.verify.command import show
from launcher.verify.verdict import NAMED, Check, Defect, Kind, Verdict

LOST = Defect(Kind.lost, "tagging", "service-accepted", "an-id", "is not in the inbox")


def test_a_verdict_without_defects_is_clean_whatever_is_in_flight_or_double() -> None:
    check = Check("hop service-accepted", looked_at=5, duplicates=2)
    check.flying(3, 1.5)
    check.flying(1, None)
    verdict = Verdict((check,))
    assert verdict.clean
    assert (verdict.in_flight, verdict.duplicates, check.oldest_seconds) == (4, 2, 1.5)


def test_one_defect_of_any_kind_is_enough() -> None:
    for kind in Kind:
        check = Check("hop")
        check.found(kind, 1, [])
        assert not Verdict((Check("sound"), check)).clean


def test_all_are_counted_and_the_first_are_named() -> None:
    check = Check("hop")
    check.found(Kind.lost, 10_000, [LOST] * (NAMED + 5))
    assert (check.lost, len(check.defects)) == (10_000, NAMED)


def test_json_holds_every_check_with_its_defects() -> None:
    check = Check("hop service-accepted", looked_at=1)
    check.found(Kind.lost, 1, [LOST])
    found = json.loads(json.dumps(Verdict((check,)).as_json()))
    assert (found["clean"], found["lost"], found["twice"]) == (False, 1, 0)
    assert found["checks"][0]["defects"][0] == {
        "kind": "lost", "service": "tagging", "place": "service-accepted", "subject": "an-id",
        "sentence": "is not in the inbox",
    }  # fmt: skip


def test_the_table_names_the_defect_and_ends_with_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    check = Check("hop service-accepted", looked_at=1)
    check.found(Kind.lost, 1, [LOST])
    check.aside("dead letters", 2)
    show(Verdict((check, Check("hop nobody-used"))))
    out = capsys.readouterr().out
    assert "nobody-used" not in out
    assert "LOST tagging service-accepted an-id: is not in the inbox" in out
    assert "hop service-accepted: 2 dead letters" in out
    assert out.splitlines()[-1].startswith("NOT clean: 1 lost, 0 twice, 0 wrong")
