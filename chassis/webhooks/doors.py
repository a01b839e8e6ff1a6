"""The API of the subscriptions, for a service to include: make, look at, test, replay, pause, take back."""

from collections.abc import Sequence
from datetime import datetime
from secrets import token_hex
from typing import Annotated, Literal

from fastapi import Depends, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from chassis.access import audit
from chassis.access.person import Person
from chassis.access.roles import Role
from chassis.runtime import Runtime
from chassis.web.i18n import gettext as _
from chassis.web.pages import runtime_of, signed_in
from chassis.web.problems import Problem
from chassis.web.router import Access, GuardedRouter, roles
from chassis.webhooks import store
from chassis.webhooks.address import AddressRefused, checked_url
from chassis.webhooks.sending import Sample, try_out
from chassis.webhooks.signature import secret_of
from chassis.webhooks.store import DeliveryState, Subscription, SubscriptionState

Me = Annotated[Person, Depends(signed_in)]


class SubscriptionIn(BaseModel):
    """`owner`: for administrators, whose messages these are; a machine speaks for itself."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, Field(max_length=500)]
    kinds: Annotated[list[str], Field(min_length=1, max_length=20)]
    owner: Annotated[str, Field(min_length=1, max_length=64)] | None = None


class StateIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    state: Literal[SubscriptionState.ACTIVE, SubscriptionState.PAUSED]


class ReplayIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    since: AwareDatetime


class SubscriptionOut(BaseModel):
    """`last_error`: of the newest try, while it is failing; `next_try_at`: when it is tried again."""

    subscription_id: str
    owner: str
    url: str
    kinds: list[str]
    state: SubscriptionState
    created_by: str
    created_at: datetime
    failures: int
    next_try_at: datetime | None
    last_error: str | None


class SubscriptionMade(SubscriptionOut):
    """`secret` is shown this once; it checks the signatures."""

    secret: str


class SecretOut(BaseModel):
    secret: str


class DeliveryOut(BaseModel):
    position: int
    message_id: str
    kind: str
    subject: str
    written_at: datetime
    state: DeliveryState
    tries: int
    tried_at: datetime | None
    status: int | None
    error: str | None


class Replayed(BaseModel):
    messages: int


class Tried(BaseModel):
    delivered: bool
    status: int | None
    error: str | None


def webhook_doors(kinds: Sequence[str], *allowed: Role, sample: Sample | None = None) -> GuardedRouter:
    """Under /webhooks: a crm sees its source's, a department its own, an administrator all; a test sends `sample`."""
    router, access = GuardedRouter(prefix="/webhooks", tags=["webhooks"]), roles(*allowed)
    _add_subscriptions(router, access, kinds)
    _add_trials(router, access, sample)
    _add_log(router, access)
    return router


def _add_subscriptions(router: GuardedRouter, access: Access, kinds: Sequence[str]) -> None:
    @router.post("", access=access, status_code=201)
    async def subscribe(request: Request, person: Me, asked: SubscriptionIn) -> SubscriptionMade:
        """The URL must be https and public. Messages of things that happen from now on are sent."""
        made, secret = await subscribed(runtime_of(request), person, asked, kinds)
        return SubscriptionMade(**_shown(made), secret=secret)

    @router.get("", access=access)
    async def listed(request: Request, person: Me) -> list[SubscriptionOut]:
        async with runtime_of(request).reading() as connection:
            found = await store.subscriptions(connection, owner_of(person))
        return [SubscriptionOut(**_shown(one)) for one in found]

    @router.patch("/{subscription_id}", access=access)
    async def set_state(request: Request, person: Me, subscription_id: str, asked: StateIn) -> SubscriptionOut:
        """Paused: messages are written and wait. Active: what waits is tried at once."""
        runtime = runtime_of(request)
        await changed(runtime, person, subscription_id, asked.state)
        return SubscriptionOut(**_shown(await known(runtime, person, subscription_id)))

    @router.delete("/{subscription_id}", access=access, status_code=204)
    async def take_back(request: Request, person: Me, subscription_id: str) -> None:
        """Nothing is written for it any more; its log stays for 30 days."""
        await changed(runtime_of(request), person, subscription_id, SubscriptionState.ENDED)


def _add_trials(router: GuardedRouter, access: Access, sample: Sample | None) -> None:
    """A new secret, a test, everything once more."""

    @router.post("/{subscription_id}/secret", access=access)
    async def renew(request: Request, person: Me, subscription_id: str) -> SecretOut:
        """A new secret at once; the old one signs nothing any more."""
        return SecretOut(secret=await renewed(runtime_of(request), person, subscription_id))

    @router.post("/{subscription_id}/test", access=access)
    async def test(request: Request, person: Me, subscription_id: str) -> Tried:
        """One message of kind `test`, past the queue and without a second try."""
        return await tested(runtime_of(request), person, subscription_id, sample)

    @router.post("/{subscription_id}/replay", access=access, status_code=202)
    async def replay(request: Request, person: Me, subscription_id: str, asked: ReplayIn) -> Replayed:
        """Everything written from then on once more, in order, under its own message ids."""
        return Replayed(messages=await replayed(runtime_of(request), person, subscription_id, asked.since))


def _add_log(router: GuardedRouter, access: Access) -> None:
    @router.get("/{subscription_id}/deliveries", access=access)
    async def log(
        request: Request,
        person: Me,
        subscription_id: str,
        state: DeliveryState | None = None,
        before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> list[DeliveryOut]:
        """Newest first."""
        runtime = runtime_of(request)
        await known(runtime, person, subscription_id)
        async with runtime.reading() as connection:
            found = await store.deliveries(connection, subscription_id, state=state, before=before, limit=limit)
        return [DeliveryOut(**{name: getattr(one, name) for name in DeliveryOut.model_fields}) for one in found]


def owner_of(person: Person) -> str | None:
    """Whose subscriptions this person sees; None: everybody's."""
    if person.role is Role.CRM:
        return person.source or ""
    return (person.department or "") if person.role is Role.DEPARTMENT else None


async def subscribed(
    runtime: Runtime, person: Person, asked: SubscriptionIn, kinds: Sequence[str]
) -> tuple[Subscription, str]:
    owner = owner_of(person) or asked.owner
    if owner is None:
        raise Problem(422, _("请说明属于谁"), errors=[{"field": "owner", "rule": "is missing"}])
    if asked.owner not in (None, owner):
        raise Problem(403, _("只能为自己订阅"), errors=[{"field": "owner", "rule": "is not yours"}])
    unknown = sorted(set(asked.kinds) - set(kinds))
    if unknown:
        rule = f"must be of {', '.join(kinds)}"
        raise Problem(422, _("没有这种消息"), errors=[{"field": "kinds", "rule": rule}])
    try:
        checked_url(asked.url, runtime.settings.webhook_hosts)
    except AddressRefused as refused:
        raise Problem(422, _("这个地址不能用"), refused.rule, errors=[{"field": "url", "rule": refused.rule}]) from None
    async with runtime.transaction() as tx:
        made = await store.subscribe(
            tx.connection, token_hex(8), owner=owner, url=asked.url, kinds=sorted(set(asked.kinds)), by=person.login
        )
        await audit.record(
            tx.connection, person, action="webhook-subscribed", subject=f"webhook:{made.subscription_id}"
        )
    return made, _secret(runtime, made.subscription_id, made.secret_no)


async def known(runtime: Runtime, person: Person, subscription_id: str) -> Subscription:
    """Raises `Problem` 404, also for somebody else's."""
    async with runtime.reading() as connection:
        found = await store.subscription(connection, subscription_id, owner_of(person))
    if found is None:
        raise Problem(404, _("没有这个订阅"))
    return found


async def changed(runtime: Runtime, person: Person, subscription_id: str, state: SubscriptionState) -> None:
    found = await known(runtime, person, subscription_id)
    if found.state is SubscriptionState.ENDED and state is not SubscriptionState.ENDED:
        raise Problem(409, _("这个订阅已经结束"))
    async with runtime.transaction() as tx:
        await store.set_state(tx.connection, subscription_id, state)
        await audit.record(
            tx.connection, person, action="webhook-changed", subject=f"webhook:{subscription_id}",
            detail={"state": state},
        )  # fmt: skip


async def renewed(runtime: Runtime, person: Person, subscription_id: str) -> str:
    await known(runtime, person, subscription_id)
    async with runtime.transaction() as tx:
        number = await store.renew_secret(tx.connection, subscription_id)
        await audit.record(tx.connection, person, action="webhook-secret", subject=f"webhook:{subscription_id}")
    return _secret(runtime, subscription_id, number)


async def tested(runtime: Runtime, person: Person, subscription_id: str, sample: Sample | None = None) -> Tried:
    found = await known(runtime, person, subscription_id)
    attempt = await try_out(runtime, found, f"msg_{token_hex(16)}", await runtime.now(), sample)
    return Tried(delivered=attempt.error is None, status=attempt.status, error=attempt.error)


async def replayed(runtime: Runtime, person: Person, subscription_id: str, since: datetime) -> int:
    found = await known(runtime, person, subscription_id)
    if found.state is SubscriptionState.ENDED:
        raise Problem(409, _("这个订阅已经结束"))
    async with runtime.transaction() as tx:
        messages = await store.replay(tx.connection, subscription_id, since)
        await audit.record(
            tx.connection, person, action="webhook-replayed", subject=f"webhook:{subscription_id}",
            detail={"messages": messages},
        )  # fmt: skip
    return messages


def _secret(runtime: Runtime, subscription_id: str, number: int) -> str:
    return secret_of(runtime.settings.secrets.session_key, subscription_id, number)


def _shown(one: Subscription) -> dict[str, object]:
    return {name: getattr(one, name) for name in SubscriptionOut.model_fields if name != "kinds"} | {
        "kinds": list(one.kinds)
    }
