from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from contracts.answers import Answer, AnswerSheet
from contracts.vocabulary import AnswerState, QuestionKind, Score, Solved
from services.reporting.frame import TOLD, month_frame, opened_facts, still_known

NOW = datetime(2026, 10, 1, tzinfo=UTC)


def told_of(revisions: Mapping[int, int]) -> pl.DataFrame:
    """Rows of responses with these numbers, each in this revision."""
    plain = {**dict.fromkeys(TOLD), "accepted_at": NOW, "tags_revision": 0, "tagging_revision": 0}
    rows = [{**plain, "response_id": f"r{number}", "revision": at} for number, at in revisions.items()]
    return pl.DataFrame(rows, schema=TOLD)


def sealed_of(answers: Mapping[int, str]) -> list[dict[str, Any]]:
    other = {"customer_ref": "c", "context_sealed": "x", "tags_sealed": None}
    return [{"response_id": f"r{number}", "answers_sealed": sealed, **other} for number, sealed in answers.items()]


def test_accepting_a_solution_is_not_counted_as_solved_at_once() -> None:
    answers = (
        Answer(question_id="approval", kind=QuestionKind.APPROVAL, state=AnswerState.ANSWERED, solved=Solved.YES),
        Answer(question_id="solved", kind=QuestionKind.SOLVED, state=AnswerState.ANSWERED, solved=Solved.NO),
    )
    told = AnswerSheet(answers=answers).model_dump_json()
    rows = told_of({1: 1})
    facts = opened_facts(
        rows, sealed_of({1: "y"}), lambda _, field, __: told if field == "answers" else None, still_known(rows, None)
    )
    frame = month_frame(rows, facts)
    assert frame["solved"].to_list() == ["no"]


def test_what_was_opened_once_is_not_opened_again_and_a_revision_is() -> None:
    def open_fact(_ref: str, field: str, sealed: str) -> str | None:
        if field != "answers":
            return None
        score = Answer(
            question_id="overall", kind=QuestionKind.RATING, state=AnswerState.ANSWERED, dimension="overall",
            score=Score(int(sealed)),
        )  # fmt: skip
        return AnswerSheet(answers=(score,)).model_dump_json()

    before = told_of({1: 1, 2: 1, 3: 1})
    first = opened_facts(before, sealed_of({1: "5", 2: "4", 3: "3"}), open_fact, still_known(before, None))
    now = told_of({1: 1, 2: 2, 4: 1})
    known = still_known(now, first)
    assert known["response_id"].to_list() == ["r1"]
    again = month_frame(now, opened_facts(now, sealed_of({2: "1", 4: "2"}), open_fact, known))
    assert again["overall"].to_list() == [5, 1, 2]
    assert still_known(now, opened_facts(now, sealed_of({2: "1", 4: "2"}), open_fact, known)).height == 3
    anew = opened_facts(now, sealed_of({4: "2", 2: "1", 1: "5"}), open_fact, still_known(now, None))
    assert month_frame(now, anew).equals(again)


@pytest.mark.parametrize("moved", ["revision", "tags_revision", "tagging_revision", "accepted_at"])
def test_each_version_that_moves_on_makes_facts_unknown(moved: str) -> None:
    told = told_of({1: 1})
    facts = opened_facts(told, sealed_of({1: "y"}), lambda *_: None, still_known(told, None))
    later = pl.duration(days=1) if moved == "accepted_at" else 1
    assert still_known(told, facts).height == 1
    assert still_known(told.with_columns(pl.col(moved) + later), facts).is_empty()
