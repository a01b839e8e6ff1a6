"""A pilot: a scenario or a channel for some customers only, always the same ones."""

import hashlib
from collections.abc import Collection

from contracts.vocabulary import Channel
from services.scheduler.policy import Pilot, ScenarioPolicy

_RANGE = 2**64


def takes_part(pilot: Pilot, name: str, *, customer_ref: str, team: str | None) -> bool:
    """Is this customer in the pilot called `name`? A larger share keeps everybody of a smaller one."""
    if pilot.teams and team not in pilot.teams:
        return False
    if pilot.share >= 1:
        return True
    digest = hashlib.sha256(f"{name}\x00{customer_ref}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < pilot.share * _RANGE


def in_scenario(policy: ScenarioPolicy, *, customer_ref: str, team: str | None) -> bool:
    return takes_part(policy.pilot, policy.scenario, customer_ref=customer_ref, team=team)


def open_channels(policy: ScenarioPolicy, *, customer_ref: str, team: str | None) -> tuple[Channel, ...]:
    """The policy's channels, in their order, without those whose pilot leaves this customer out."""
    return tuple(
        channel
        for channel in policy.channels
        if channel not in policy.channel_pilots
        or takes_part(
            policy.channel_pilots[channel], f"{policy.scenario}/{channel}", customer_ref=customer_ref, team=team
        )
    )


def shut_out(policy: ScenarioPolicy, open_to: Collection[Channel], reachable: Collection[Channel]) -> bool:
    """Could this customer be reached by the policy, and by none of the channels that its pilots leave?"""
    return bool(set(policy.channels) & set(reachable)) and not set(open_to) & set(reachable)
