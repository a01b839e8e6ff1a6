"""Which action a case allows in which state, and where it leads. One table; what is not in it is refused."""

from enum import StrEnum

from contracts.vocabulary import CaseState


class Action(StrEnum):
    ASSIGN = "assign"
    START = "start"
    NOTE = "note"
    SOLVE = "solve"
    CONTACT = "contact"
    CLOSE = "close"
    REOPEN = "reopen"
    CORRECT = "correct"
    MOVE = "move"
    PROMISE = "promise"
    REMIND = "remind"
    ESCALATE = "escalate"
    MERGE = "merge"
    SPLIT = "split"
    OPEN = "open"
    """Only the first entry of a history."""


class ActionRefused(Exception):
    """This case does not allow this action now; nothing was changed."""

    def __init__(self, case_id: str, state: CaseState, action: Action) -> None:
        super().__init__(f"case {case_id} is {state}: {action} is not possible")
        self.case_id = case_id
        self.state = state
        self.action = action


_S, _A = CaseState, Action
_STAYS = (_A.ASSIGN, _A.NOTE, _A.CONTACT, _A.MOVE, _A.PROMISE, _A.REMIND, _A.ESCALATE, _A.SPLIT)
_UNSETTLED = (_S.OPEN, _S.WORKING, _S.SOLVED, _S.TOLD, _S.REOPENED)

NEXT: dict[tuple[CaseState, Action], CaseState] = {
    **{(state, action): state for state in _UNSETTLED for action in _STAYS},
    # what was solved apart stays apart: the customer hears of each
    **{(state, _A.MERGE): state for state in (_S.OPEN, _S.WORKING, _S.REOPENED)},
    **{(state, _A.CORRECT): _S.CLOSED for state in _UNSETTLED},
    (_S.OPEN, _A.START): _S.WORKING,
    (_S.REOPENED, _A.START): _S.WORKING,
    (_S.WORKING, _A.SOLVE): _S.SOLVED,
    # a better cause or action: the customer must be told anew
    (_S.SOLVED, _A.SOLVE): _S.SOLVED,
    (_S.TOLD, _A.SOLVE): _S.SOLVED,
    # only contact after the action tells the customer how it ended
    (_S.SOLVED, _A.CONTACT): _S.TOLD,
    # from solved: with a contact that was not about this case, or with the proof that nobody could be reached
    (_S.SOLVED, _A.CLOSE): _S.CLOSED,
    (_S.TOLD, _A.CLOSE): _S.CLOSED,
    (_S.SOLVED, _A.REOPEN): _S.REOPENED,
    (_S.TOLD, _A.REOPEN): _S.REOPENED,
    (_S.CLOSED, _A.REOPEN): _S.REOPENED,
    (_S.CLOSED, _A.NOTE): _S.CLOSED,
    (_S.CLOSED, _A.CONTACT): _S.CLOSED,
}


def next_state(case_id: str, state: CaseState, action: Action) -> CaseState:
    """Raises `ActionRefused`."""
    if (state, action) not in NEXT:
        raise ActionRefused(case_id, state, action)
    return NEXT[state, action]


def allows(state: CaseState, action: Action) -> bool:
    return (state, action) in NEXT
