"""What a scenario's file may not say beside the house rules."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.scheduler.house import House
from services.scheduler.policy import Clock, ScenarioPolicy


@dataclass(frozen=True)
class Contradiction:
    """`place` is the path of the key in the scenario's file."""

    place: tuple[str, ...]
    reason: str


def contradictions(policy: ScenarioPolicy, house: House) -> Iterator[Contradiction]:
    """Everything in the file that cannot hold, in the order in which a reader would meet it."""
    if policy.maximum_minutes >= house.hard.minutes:
        yield Contradiction(("maximum_minutes",), "no start inside the hard hours leaves room for it")
    if policy.sampling.ratio < house.sampling.floor:
        reason = f"a ratio of {policy.sampling.ratio} is below the floor of {house.sampling.floor} in house.toml"
        yield Contradiction(("sampling", "ratio"), reason)
    if set(policy.channel_pilots) == set(policy.channels):
        reason = "every channel is a pilot, so some customers have none: limit the scenario by [pilot] instead"
        yield Contradiction(("channel_pilots",), reason)
    yield from _retries(policy)
    yield from _trigger(policy)


def _retries(policy: ScenarioPolicy) -> Iterator[Contradiction]:
    for name, retry in policy.retries.items():
        if retry.attempts > 1 and retry.delay_minutes >= policy.window.minutes:
            reason = "a retry could never start: its delay is as long as the window"
            yield Contradiction(("retries", name), reason)


def _trigger(policy: ScenarioPolicy) -> Iterator[Contradiction]:
    trigger, window = policy.trigger, policy.window
    if trigger is None:
        return
    days = trigger.no_act_within_days
    if days is not None and window.clock is not Clock.REGISTERED:
        yield Contradiction(("window", "clock"), "a trigger by no_act_within_days counts from the registration")
    if days is not None and window.not_before_hours < days * 24:
        reason = f"the window opens before {days} days without an act are over"
        yield Contradiction(("window", "not_before_hours"), reason)
    if days is None and window.clock is Clock.REGISTERED:
        yield Contradiction(("window", "clock"), "inactive_days and every_days do not count from the registration")
    days = trigger.inactive_days
    if days is not None and window.clock is Clock.LAST_ACT and window.not_before_hours < days * 24:
        yield Contradiction(
            ("window", "not_before_hours"), f"the window opens before {days} days without an act are over"
        )
