from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.followup.ideas import Idea, IdeaOwner, IdeaRefused, IdeaStatus, decided, joined
from services.followup.improvements import NEXT as MEASURES
from services.followup.improvements import ImprovementState

NOW = datetime(2026, 11, 18, tzinfo=UTC)
IDEA = Idea("SG-101", "repair", "suggestion", IdeaOwner.OPS, NOW, NOW)
# Written down apart from the rule.
EXPECTED = {
    "new": "under_review declined",
    "under_review": "planned done declined",
    "planned": "under_review done declined",
    "done": "",
    "declined": "under_review",
}


@pytest.mark.parametrize("status", IdeaStatus)
@pytest.mark.parametrize("wanted", IdeaStatus)
def test_every_change_of_status_is_allowed_or_refused(status: IdeaStatus, wanted: IdeaStatus) -> None:
    idea = replace(IDEA, status=status)
    if wanted in EXPECTED[status].split():
        assert decided(idea, wanted, "好", NOW).status is wanted
    else:
        with pytest.raises(IdeaRefused):
            decided(idea, wanted, "好", NOW)


@pytest.mark.parametrize(
    "into",
    [
        IDEA,
        replace(IDEA, idea_id="SG-102", department="billing"),
        replace(IDEA, idea_id="SG-102", status=IdeaStatus.DONE),
        replace(IDEA, idea_id="SG-102", merged_into="SG-103"),
    ],
)
def test_what_cannot_be_one_suggestion(into: Idea) -> None:
    with pytest.raises(IdeaRefused):
        joined(IDEA, into, NOW)


def test_a_merged_suggestion_says_where_it_went_and_is_decided_there() -> None:
    gone = joined(IDEA, replace(IDEA, idea_id="SG-102"), NOW)
    assert gone.merged_into == "SG-102"
    with pytest.raises(IdeaRefused):
        decided(gone, IdeaStatus.UNDER_REVIEW, None, NOW)


def test_every_state_of_a_measure_leads_on_as_written() -> None:
    assert {state.value: {one.value for one in MEASURES[state]} for state in ImprovementState} == {
        "open": {"working", "done", "dropped"},
        "working": {"done", "dropped"},
        "done": {"working"},
        "dropped": {"open"},
    }
