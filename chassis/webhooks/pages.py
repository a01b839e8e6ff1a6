"""Pages of the subscriptions, for a service to include: list and new one, and the log of one with test and replay."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Form, Query, Request, Response

from chassis.access.person import Person
from chassis.access.roles import Role
from chassis.web.i18n import gettext as _
from chassis.web.pages import render, runtime_of, see_other, signed_in
from chassis.web.problems import Problem
from chassis.web.router import Access, GuardedRouter, roles
from chassis.webhooks import doors, store
from chassis.webhooks.doors import SubscriptionIn, Tried, owner_of
from chassis.webhooks.sending import Sample
from chassis.webhooks.store import DeliveryState, Subscription, SubscriptionState
from chassis.zones import instant_of

PAGE = 50
Me = Annotated[Person, Depends(signed_in)]


def webhook_pages(base: str, kinds: Mapping[str, str], *allowed: Role, sample: Sample | None = None) -> GuardedRouter:
    """`base`: the mount path, such as /survey; `kinds` with their words; `sample` as for the doors."""
    router, access, home = GuardedRouter(), roles(*allowed), f"{base}/webhooks"
    _add_list(router, access, home, kinds)
    _add_log(router, access, home, kinds)
    _add_trials(router, access, home, kinds, sample)
    _add_changes(router, access, home)
    return router


def _add_list(router: GuardedRouter, access: Access, home: str, kinds: Mapping[str, str]) -> None:
    @router.get("/webhooks", access=access)
    async def listed(request: Request, person: Me) -> Response:
        return await _list_page(request, person, home, kinds)

    @router.post("/webhooks", access=access)
    async def subscribe(
        request: Request,
        person: Me,
        url: Annotated[str, Form(max_length=500)],
        owner: Annotated[str, Form(max_length=64)] = "",
        kind: Annotated[list[str] | None, Form()] = None,
    ) -> Response:
        if not kind:
            raise Problem(422, _("请至少选一种消息"), errors=[{"field": "kind", "rule": "is missing"}])
        asked = SubscriptionIn(url=url.strip(), kinds=kind, owner=owner.strip() or None)
        made, secret = await doors.subscribed(runtime_of(request), person, asked, tuple(kinds))
        return await _log_page(request, made, home, kinds, secret=secret)


def _add_log(router: GuardedRouter, access: Access, home: str, kinds: Mapping[str, str]) -> None:
    @router.get("/webhooks/{subscription_id}", access=access)
    async def log(
        request: Request,
        person: Me,
        subscription_id: str,
        before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
        state: DeliveryState | None = None,
    ) -> Response:
        found = await doors.known(runtime_of(request), person, subscription_id)
        return await _log_page(request, found, home, kinds, before=before, state=state)


def _add_trials(
    router: GuardedRouter, access: Access, home: str, kinds: Mapping[str, str], sample: Sample | None
) -> None:
    """What shows its result on the page of the subscription."""

    @router.post("/webhooks/{subscription_id}/test", access=access)
    async def test(request: Request, person: Me, subscription_id: str) -> Response:
        tried = await doors.tested(runtime_of(request), person, subscription_id, sample)
        found = await doors.known(runtime_of(request), person, subscription_id)
        return await _log_page(request, found, home, kinds, tried=tried)

    @router.post("/webhooks/{subscription_id}/secret", access=access)
    async def renew(request: Request, person: Me, subscription_id: str) -> Response:
        secret = await doors.renewed(runtime_of(request), person, subscription_id)
        found = await doors.known(runtime_of(request), person, subscription_id)
        return await _log_page(request, found, home, kinds, secret=secret)


def _add_changes(router: GuardedRouter, access: Access, home: str) -> None:
    @router.post("/webhooks/{subscription_id}/replay", access=access)
    async def replay(
        request: Request, person: Me, subscription_id: str, since: Annotated[str, Form(max_length=40)]
    ) -> Response:
        runtime = runtime_of(request)
        await doors.replayed(runtime, person, subscription_id, _instant(since, runtime.settings.operator_zone))
        return see_other(request, f"{home}/{subscription_id}")

    @router.post("/webhooks/{subscription_id}/state", access=access)
    async def set_state(
        request: Request, person: Me, subscription_id: str, state: Annotated[SubscriptionState, Form()]
    ) -> Response:
        await doors.changed(runtime_of(request), person, subscription_id, state)
        return see_other(request, f"{home}/{subscription_id}")


async def _list_page(request: Request, person: Person, home: str, kinds: Mapping[str, str]) -> Response:
    runtime = runtime_of(request)
    async with runtime.reading() as connection:
        found = await store.subscriptions(connection, owner_of(person))
        waiting = {one.subscription_id: await store.waiting(connection, one.subscription_id) for one in found}
    own = owner_of(person)
    return render(request, "webhooks.html", home=home, subscriptions=found, waiting=waiting, kinds=kinds, own=own)


async def _log_page(
    request: Request,
    found: Subscription,
    home: str,
    kinds: Mapping[str, str],
    *,
    before: int | None = None,
    state: DeliveryState | None = None,
    secret: str | None = None,
    tried: Tried | None = None,
) -> Response:
    runtime = runtime_of(request)
    async with runtime.reading() as connection:
        log = await store.deliveries(connection, found.subscription_id, state=state, before=before, limit=PAGE + 1)
        waiting = await store.waiting(connection, found.subscription_id)
    return render(
        request,
        "webhook.html",
        home=home,
        one=found,
        log=log[:PAGE],
        older=log[PAGE - 1].position if len(log) > PAGE else None,
        state=state,
        waiting=waiting,
        kinds=kinds,
        secret=secret,
        tried=tried,
    )


def _instant(text: str, zone: str) -> datetime:
    """What a browser's field for date and time gives is on the operator's clock."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        rule = "is no time such as 2026-10-14T15:30"
        raise Problem(422, _("这不是一个时间"), errors=[{"field": "since", "rule": rule}]) from None
    return found if found.tzinfo is not None else instant_of(found, ZoneInfo(zone))
