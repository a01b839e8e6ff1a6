"""The keeper of the library finds the planted wish however many others say one and the same thing."""

from typing import Any, cast

from launcher.demo.librarian import OUTCOME, Librarian
from launcher.demo.staff import Session
from launcher.demo.words import SUGGESTIONS, WISHES
from services.followup.similar import alike

MOST_PROPOSALS = 12


class Library:
    """A session in front of a suggestion library that has nothing else."""

    def __init__(self, texts: list[str]) -> None:
        self.ideas = {
            f"SG-{n}": {"idea_id": f"SG-{n}", "texts": [text], "status": "new", "owner": "product"}
            for n, text in enumerate(texts, start=101)
        }
        self.told: list[str] = []

    async def get(self, _path: str, *, similar: float) -> dict[str, Any]:
        texts = {f"{name}/{n}": text for name, idea in self.ideas.items() for n, text in enumerate(idea["texts"])}
        pairs = {tuple(name.partition("/")[0] for name in (pair.one, pair.other)) for pair in alike(texts, similar)}
        found = [{"idea_id": one, "other": other} for one, other in sorted(pairs) if one != other]
        return {"ideas": list(self.ideas.values()), "proposals": found[:MOST_PROPOSALS]}

    async def post(self, path: str, body: dict[str, Any]) -> None:
        _, idea_id, act = path.rsplit("/", 2)
        if act == "merge":
            taken: Any = self.ideas.pop(idea_id)["texts"]
            self.ideas[body["into"]]["texts"] += taken
        elif act == "decide":
            self.ideas[idea_id]["status"] = body["status"]
            self.told += [body["outcome"]] if "outcome" in body else []


async def test_the_wish_is_merged_and_answered_among_many_that_are_alike() -> None:
    said = list(SUGGESTIONS["product"]) * 8
    library = Library([WISHES[0], *said, WISHES[1]])
    librarian = Librarian(cast("Session", library))
    first, second = librarian.visits
    assert await librarian.act(first) == 1
    wished = [idea for idea in library.ideas.values() if set(idea["texts"]) & set(WISHES)]
    assert [(sorted(idea["texts"]), idea["status"]) for idea in wished] == [(sorted(WISHES), "under_review")]
    assert len(library.ideas) == 1 + len(SUGGESTIONS["product"])
    assert await librarian.act(second) == 1
    assert library.told == [OUTCOME]
    assert librarian.next_due() is None
