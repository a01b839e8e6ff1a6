"""Scenarios as data: what each policy states, since when, and what changed. Nothing is edited here."""

from fastapi import Request, Response

from chassis.access.roles import Role
from chassis.web.i18n import gettext as _
from chassis.web.pages import render, runtime_of
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, roles
from contracts.vocabulary import Scenario
from services.scheduler.pages import policy_words
from services.scheduler.pages.policy_history import Version, history_of, places, scenarios_of
from services.scheduler.policy_files import HOUSE
from services.scheduler.policy_values import values
from services.scheduler.store import policy_use

READERS = roles(Role.ADMIN, Role.SUPERVISOR)

router = GuardedRouter()


@router.get("/scenarios", access=READERS)
async def scenarios(request: Request) -> Response:
    """The version in force of every scenario and of the house rules."""
    editions, counts = await _published(request)
    names = [*scenarios_of(editions), HOUSE] if editions else []
    newest = [history_of(name, editions, counts)[-1] for name in names]
    return render(request, "scenarios.html", newest=newest, words=policy_words, now=await runtime_of(request).now())


@router.get("/scenarios/{name}", access=READERS)
async def scenario(request: Request, name: str) -> Response:
    return await _shown(request, name, None)


@router.get("/scenarios/{name}/{number}", access=READERS)
async def version(request: Request, name: str, number: int) -> Response:
    return await _shown(request, name, number)


async def _shown(request: Request, name: str, number: int | None) -> Response:
    editions, counts = await _published(request)
    known = name == HOUSE or name in set(Scenario)
    history = history_of(name, editions, counts) if known else []
    wanted = len(history) if number is None else number
    if not 1 <= wanted <= len(history):
        raise Problem(404, _("没有这个政策版本"), _("请从场景列表选择。"))
    asked = history[wanted - 1]
    return render(
        request, "scenario.html", asked=asked, history=list(reversed(history)), places=places(asked),
        parts=_parts(asked), words=policy_words, now=await runtime_of(request).now(),
    )  # fmt: skip


async def _published(request: Request) -> tuple[list[policy_use.InForce], dict[str, int]]:
    async with runtime_of(request).reading() as connection:
        return await policy_use.published(connection), await policy_use.rows_by_version(connection)


def _parts(asked: Version) -> list[tuple[str, list[tuple[tuple[str, ...], object]]]]:
    """The scenario's own values first, then those of the house that hold with them."""
    return [
        (head, [((head, *value.path), value.raw) for value in values(content)])
        for head, content in asked.content.items()
    ]
