import pytest

from contracts.vocabulary import CaseState
from services.followup.states import Action, ActionRefused, allows, next_state

# Written down apart from the rule: what each state allows, and where it leads.
EXPECTED = {
    CaseState.OPEN: "assign:open note:open contact:open move:open promise:open start:working correct:closed",
    CaseState.WORKING: (
        "assign:working note:working contact:working move:working promise:working solve:solved correct:closed"
    ),
    CaseState.SOLVED: (
        "assign:solved note:solved contact:told move:solved promise:solved solve:solved close:closed reopen:reopened "
        "correct:closed"
    ),
    CaseState.TOLD: (
        "assign:told note:told contact:told move:told promise:told solve:solved close:closed reopen:reopened "
        "correct:closed"
    ),
    CaseState.CLOSED: "note:closed contact:closed reopen:reopened",
    CaseState.REOPENED: (
        "assign:reopened note:reopened contact:reopened move:reopened promise:reopened start:working correct:closed"
    ),
}


@pytest.mark.parametrize("state", CaseState)
@pytest.mark.parametrize("action", Action)
def test_every_pair_of_state_and_action_is_allowed_or_refused(state: CaseState, action: Action) -> None:
    table = dict(pair.split(":") for pair in EXPECTED[state].split())
    assert allows(state, action) is (action in table)
    if action in table:
        assert next_state("AC-1", state, action) == table[action]
    else:
        with pytest.raises(ActionRefused):
            next_state("AC-1", state, action)
