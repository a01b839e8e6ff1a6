from typing import Any

from contracts.answers import Answer, AnswerSheet
from contracts.vocabulary import AnswerState, QuestionKind, Score, Solved
from services.reporting.frame import SCHEMA, month_frame, opened_facts


def a_row(number: int, sealed: str) -> dict[str, Any]:
    seals = {"context_sealed": "x", "answers_sealed": sealed, "tags_sealed": None}
    return {**dict.fromkeys(SCHEMA), "response_id": f"r{number}", "customer_ref": "c", **seals}


def test_accepting_a_solution_is_not_counted_as_solved_at_once() -> None:
    answers = (
        Answer(question_id="approval", kind=QuestionKind.APPROVAL, state=AnswerState.ANSWERED, solved=Solved.YES),
        Answer(question_id="solved", kind=QuestionKind.SOLVED, state=AnswerState.ANSWERED, solved=Solved.NO),
    )
    told = AnswerSheet(answers=answers).model_dump_json()
    rows = [a_row(1, "y")]
    frame = month_frame(rows, opened_facts(rows, lambda _, field, __: told if field == "answers" else None))
    assert frame["solved"].to_list() == ["no"]


def test_what_was_opened_once_is_not_opened_again_and_a_revision_is() -> None:
    opened = []

    def open_fact(_ref: str, field: str, sealed: str) -> str | None:
        if field != "answers":
            return None
        opened.append(sealed)
        score = Answer(
            question_id="overall", kind=QuestionKind.RATING, state=AnswerState.ANSWERED, dimension="overall",
            score=Score(int(sealed)),
        )  # fmt: skip
        return AnswerSheet(answers=(score,)).model_dump_json()

    first = opened_facts([a_row(1, "5"), a_row(2, "4"), a_row(3, "3")], open_fact)
    rows = [a_row(1, "5"), a_row(2, "1"), a_row(4, "2")]
    again = opened_facts(rows, open_fact, first)
    assert opened == ["5", "4", "3", "1", "2"]
    assert month_frame(rows, again)["overall"].to_list() == [5, 1, 2]
    assert month_frame(rows, opened_facts(rows, open_fact)).equals(month_frame(rows, again))
