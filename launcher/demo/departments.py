"""The departments' people: they look at their board three times a day, find the cause, act, and close with evidence."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from launcher.demo.calendar import next_lot
from launcher.demo.staff import Session
from launcher.demo.words import AFTERWARDS

API = "/followup/api/v1"
_HOURS = (10, 14, 17)
_MINUTE = 7
"""When a department looks at its board; calls start on a grid of five minutes, so what it has done lies before them."""
_WORKED_IN = timedelta(hours=1)
_CAUSES = {
    "attitude": ("conduct", "coach"),
    "response_speed": ("staffing", "process_change"),
    "competence": ("skill", "revisit"),
    "process": ("process", "process_change"),
}
_MOST = 500


@dataclass
class DepartmentPerson:
    """`leaves_at`: nobody works here any more from then on, and cases grow old."""

    session: Session
    leaves_at: datetime | None = None
    looks_at: datetime | None = None
    _something_new: bool = False

    def next_due(self) -> datetime | None:
        return self.looks_at

    async def act(self, now: datetime, *, news: bool) -> int:
        """How many cases were moved on."""
        if self.leaves_at is not None and now >= self.leaves_at:
            self.looks_at = None
            return 0
        self._something_new |= news
        if self._something_new and self.looks_at is None:
            self.looks_at = next_lot(now, _HOURS, minute=_MINUTE)
        if self.looks_at is None or now < self.looks_at:
            return 0
        self._something_new = False
        cases = (await self.session.get(f"{API}/cases", limit=_MOST))["cases"]
        done = 0
        for case in cases:
            done += await self._move_on(case, now)
        at_work = done or any(case["state"] == "working" for case in cases)
        self.looks_at = next_lot(now + timedelta(minutes=1), _HOURS, minute=_MINUTE) if at_work else None
        return done

    async def _move_on(self, case: dict[str, Any], now: datetime) -> bool:
        path = f"{API}/cases/{case['case_id']}"
        if case["state"] in ("open", "reopened"):
            await self.session.post(f"{path}/start")
            return True
        if case["state"] == "working" and now - datetime.fromisoformat(case["changed_at"]) >= _WORKED_IN:
            await self.session.post(f"{path}/solve", _solution(case["codes"]))
            return True
        if case["state"] in ("solved", "told"):
            return await self._close(path)
        return False

    async def _close(self, path: str) -> bool:
        """Closes with the newest evidence that the product itself offers; without one it waits."""
        proofs = (await self.session.get(path))["proofs"]
        if not proofs:
            return False
        await self.session.post(f"{path}/close", {"evidence": proofs[0]["evidence"]})
        return True


def _solution(codes: Collection[str]) -> dict[str, str]:
    cause, action = next((_CAUSES[code] for code in codes if code in _CAUSES), ("other", "explain"))
    return {
        "root_cause": cause,
        "root_cause_text": "查看了工单和经过，原因已经明确。",
        "action": action,
        "action_text": "已安排处理，并核对了同类情况。",
        "progress_text": AFTERWARDS["told"],
    }
