"""Who keeps the suggestion library: one wish in two customers' words becomes one suggestion, and gets an answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from launcher.demo.calendar import at
from launcher.demo.staff import Session
from launcher.demo.words import WISHES

API = "/followup/api/v1/ideas"
_SIMILAR = 0.5
TITLE, OUTCOME = "遥控器找回铃声", "遥控器的找回铃声已经做好，下个月起新机都有，感谢您的建议。"


@dataclass
class Librarian:
    """Looks twice: first the two are merged and taken under review, two days later the outcome is decided."""

    session: Session
    visits: tuple[datetime, ...] = (at(20, 10, 7), at(22, 10, 7))

    def next_due(self) -> datetime | None:
        return next(iter(self.visits), None)

    async def act(self, now: datetime) -> int:
        """How many suggestions were moved on."""
        if not self.visits or now < self.visits[0]:
            return 0
        self.visits = self.visits[1:]
        library = await self.session.get(API, similar=_SIMILAR)
        mine = {idea["idea_id"]: idea for idea in library["ideas"] if set(idea["texts"]) & set(WISHES)}
        for pair in library["proposals"]:
            if {pair["idea_id"], pair["other"]} <= set(mine):
                await self.session.post(f"{API}/{pair['other']}/merge", {"into": pair["idea_id"]})
                del mine[pair["other"]]
        for idea in mine.values():
            await self._move_on(idea)
        return len(mine)

    async def _move_on(self, idea: dict[str, Any]) -> None:
        path = f"{API}/{idea['idea_id']}"
        if idea["status"] == "new":
            await self.session.post(f"{path}/describe", {"title": TITLE, "owner": idea["owner"]})
            await self.session.post(f"{path}/vote", {"wanted": True})
            await self.session.post(f"{path}/decide", {"status": "under_review"})
        elif idea["status"] == "under_review":
            await self.session.post(f"{path}/decide", {"status": "done", "outcome": OUTCOME})
