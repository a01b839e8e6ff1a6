"""What a customer says to one question. The same on the telephone and on a page."""

from typing import Any

from launcher.demo.customer import Opinion
from launcher.demo.words import AFTERWARDS

Said = dict[str, Any]
"""`value` or `text` and `state`, as the agent types it in."""
_NOTHING: Said = {"state": "not_answered"}
GOOD_ENOUGH = 3


def said(opinion: Opinion, purpose: str, question: str, round_no: int = 0) -> Said:
    """`round_no` counts the second callbacks about the same service from 0 on."""
    if purpose == "survey":
        return _first(opinion, question)
    return _afterwards(opinion, question, round_no)


def _first(opinion: Opinion, question: str) -> Said:
    if (score := opinion.rating(question)) is not None:
        return {"value": score}
    if question == "nps":
        return {"value": opinion.nps}
    if question in ("solved", "approval"):
        return {"value": opinion.solved}
    words = {"reason": opinion.complaint.words if opinion.complaint else None, "remarks": opinion.remarks}.get(question)
    return {"text": words} if words else dict(_NOTHING)


def _afterwards(opinion: Opinion, question: str, round_no: int) -> Said:
    score = opinion.after[min(round_no, len(opinion.after) - 1)]
    if question in ("overall", "response_speed"):
        return {"value": score}
    if question == "callback":
        return {"value": 5}
    if question == "meant":
        return {"value": "meant"}
    if question == "solved":
        return {"value": "yes" if score >= GOOD_ENOUGH else "no"}
    return {"text": AFTERWARDS["still"]} if question == "reason" else dict(_NOTHING)
