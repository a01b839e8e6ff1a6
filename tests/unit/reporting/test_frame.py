from contracts.answers import Answer, AnswerSheet
from contracts.vocabulary import AnswerState, QuestionKind, Solved
from services.reporting.frame import SCHEMA, month_frame


def test_accepting_a_solution_is_not_counted_as_solved_at_once() -> None:
    answers = (
        Answer(question_id="approval", kind=QuestionKind.APPROVAL, state=AnswerState.ANSWERED, solved=Solved.YES),
        Answer(question_id="solved", kind=QuestionKind.SOLVED, state=AnswerState.ANSWERED, solved=Solved.NO),
    )
    told = AnswerSheet(answers=answers).model_dump(mode="json")
    row = dict.fromkeys(SCHEMA) | {
        "customer_ref": "c",
        "context_sealed": "x",
        "answers_sealed": "y",
        "tags_sealed": None,
    }
    frame = month_frame([row], lambda _, field, __: told if field == "answers" else None)
    assert frame["solved"].to_list() == ["no"]
