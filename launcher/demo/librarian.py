"""Who keeps the suggestion library: one wish in two customers' words becomes one suggestion, and gets an answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from launcher.demo.calendar import at
from launcher.demo.staff import Session
from launcher.demo.words import WISHES

API = "/followup/api/v1/ideas"
_SIMILAR = 0.5
_PAGES = 40
TITLE, OUTCOME = "遥控器找回铃声", "遥控器的找回铃声已经做好，下个月起新机都有，感谢您的建议。"


@dataclass
class Librarian:
    """Looks twice: what is proposed as one is merged, and the wish goes under review; two days later it is answered."""

    session: Session
    visits: tuple[datetime, ...] = (at(20, 10, 7), at(22, 10, 7))

    def next_due(self) -> datetime | None:
        return next(iter(self.visits), None)

    async def act(self, now: datetime) -> int:
        """How many suggestions were moved on."""
        if not self.visits or now < self.visits[0]:
            return 0
        self.visits = self.visits[1:]
        ideas = await self._merged()
        wished = [idea for idea in ideas if set(idea["texts"]) & set(WISHES)]
        for idea in wished:
            await self._move_on(idea)
        return len(wished)

    async def _merged(self) -> list[dict[str, Any]]:
        """The library once nothing in it is proposed as one any more; a page of proposals holds a dozen."""
        for _ in range(_PAGES):
            library = await self.session.get(API, similar=_SIMILAR)
            gone: set[str] = set()
            for pair in library["proposals"]:
                if gone.isdisjoint((pair["idea_id"], pair["other"])):
                    await self.session.post(f"{API}/{pair['other']}/merge", {"into": pair["idea_id"]})
                    gone.add(pair["other"])
            if not gone:
                break
        return list(library["ideas"])

    async def _move_on(self, idea: dict[str, Any]) -> None:
        path = f"{API}/{idea['idea_id']}"
        if idea["status"] == "new":
            await self.session.post(f"{path}/describe", {"title": TITLE, "owner": idea["owner"]})
            await self.session.post(f"{path}/vote", {"wanted": True})
            await self.session.post(f"{path}/decide", {"status": "under_review"})
        elif idea["status"] == "under_review":
            await self.session.post(f"{path}/decide", {"status": "done", "outcome": OUTCOME})
