"""How well the rules do, by what people held: precision and recall for each tag and lexicon version."""

from typing import Annotated

from fastapi import Depends, Request, Response

from chassis.access.person import Person
from chassis.vault import ERASED, scope_of
from chassis.web.pages import render, runtime_of, signed_in
from chassis.web.router import GuardedRouter, roles
from services.tagging.judgement import Judgement
from services.tagging.lexicon import shipped
from services.tagging.pages.responses import READERS
from services.tagging.scoring import Tally, tallies
from services.tagging.store import judgements
from services.tagging.words import TAG_NAMES, word

router = GuardedRouter()
Me = Annotated[Person, Depends(signed_in)]
MOST = 2000
"""Judgements that the page counts, the newest."""


@router.get("/quality", access=roles(*READERS))
async def quality(request: Request, person: Me) -> Response:
    runtime = runtime_of(request)
    async with runtime.reading() as connection:
        judged = await judgements.newest(connection, MOST)
    keys = await runtime.vault.keyring(facts={scope_of(one.ruling) for one in judged})
    by_version: dict[str, list[tuple[frozenset[str], frozenset[str]]]] = {}
    for one in judged:
        judgement = keys.open_as(Judgement, one.customer_ref, "judgement", one.ruling)
        if judgement is not ERASED:
            pair = frozenset(judgement.found), frozenset(judgement.held)
            by_version.setdefault(one.lexicon_version, []).append(pair)
    versions = [(version, len(pairs), _rows(tallies(pairs))) for version, pairs in by_version.items()]
    return render(request, "quality.html", now=await runtime.now(), versions=versions, in_use=shipped().version)


def _rows(counted: dict[str, Tally]) -> list[tuple[str, Tally]]:
    return [(word(TAG_NAMES, code), tally) for code, tally in counted.items()]
