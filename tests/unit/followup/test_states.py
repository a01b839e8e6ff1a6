import pytest

from contracts.vocabulary import CaseState
from services.followup.states import Action, ActionRefused, allows, next_state

# Written down apart from the rule: what each state allows, and where it leads. `=` stays.
STAYS = "assign:= note:= move:= promise:= remind:= escalate:= split:= correct:closed"
EXPECTED = {
    CaseState.OPEN: f"{STAYS} contact:= merge:= start:working",
    CaseState.WORKING: f"{STAYS} contact:= merge:= solve:solved",
    CaseState.SOLVED: f"{STAYS} contact:told solve:= close:closed reopen:reopened",
    CaseState.TOLD: f"{STAYS} contact:= solve:solved close:closed reopen:reopened",
    CaseState.CLOSED: "note:= contact:= reopen:reopened",
    CaseState.REOPENED: f"{STAYS} contact:= merge:= start:working",
}


@pytest.mark.parametrize("state", CaseState)
@pytest.mark.parametrize("action", Action)
def test_every_pair_of_state_and_action_is_allowed_or_refused(state: CaseState, action: Action) -> None:
    table = dict(pair.split(":") for pair in EXPECTED[state].split())
    assert allows(state, action) is (action in table)
    if action in table:
        assert next_state("AC-1", state, action) == table[action].replace("=", state)
    else:
        with pytest.raises(ActionRefused):
            next_state("AC-1", state, action)
