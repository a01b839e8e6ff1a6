"""The month's services, drawn from one seed: the same seed gives the same month.

All people, numbers, addresses and words are invented; addresses end in example.com.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random

from launcher.demo import opinions, planted
from launcher.demo.calendar import DAYS, at, next_lot
from launcher.demo.customer import Customer, Work
from launcher.demo.planted import Planted
from launcher.demo.strata import OUTSIDE_FRAME, STRATA, Stratum

EAST, WEST = "crm-east", "crm-west"
_REGIONS = ("华东", "华南", "华北", "西南")
_OVER_HTTP = 0.12
_DUPLICATED = 24
_AGAIN = 30
"""Customers who have a second piece of work within two days: the contact budget lets one callback through."""


@dataclass(frozen=True)
class Telling:
    """One document that the CRM publishes. `as_changed`: differs from an earlier one of the same service."""

    work: Work
    repeated: bool = False
    as_changed: bool = False


@dataclass(frozen=True)
class Population:
    works: tuple[Work, ...]
    tellings: tuple[Telling, ...]
    """In the order of publishing; every work at least once."""
    planted: Planted

    @property
    def in_frame(self) -> list[Work]:
        return [work for work in self.works if work.stratum is not None]


def population(seed: int, *, share: float = 1.0) -> Population:
    """`share`: a smaller month for trying things out."""
    random = Random(seed)
    special = planted.planted()
    works: list[Work] = list(special.works)
    for stratum in STRATA:
        taken = sum(work.stratum == stratum.name for work in works)
        works += [_work(random, stratum, len(works) + n) for n in range(max(0, round(stratum.count * share) - taken))]
    works = _with_second_works(random, works, round(_AGAIN * share), kept=len(special.works))
    works += planted.outside_frame(random, max(4, round(OUTSIDE_FRAME * share)))
    return Population(tuple(works), _tellings(random, works, special, round(_DUPLICATED * share)), special)


def _work(random: Random, stratum: Stratum, number: int) -> Work:
    completed = at(random.randint(1, DAYS), random.randint(9, 19), random.randrange(0, 60, 5))
    over_http = random.random() < _OVER_HTTP
    source = WEST if over_http else EAST
    return Work(
        source=source,
        service_id=f"S-{number:05d}",
        customer=_customer(random, stratum, number),
        scenario=stratum.scenario,
        service_type=random.choice(stratum.service_types),
        completed_at=completed,
        handled_at=completed - timedelta(minutes=random.randrange(5, 95, 5)),
        told_at=next_lot(completed + timedelta(minutes=1)),
        team=random.choice(stratum.teams),
        region=random.choice(_REGIONS),
        opinion=opinions.opinion(random, stratum),
        habits=opinions.habits(random, stratum),
        stratum=stratum.name,
        over_http=over_http,
    )


def _customer(random: Random, stratum: Stratum, number: int) -> Customer:
    chance = random.random()
    has_phone, has_email = chance >= 0.08 or chance < 0.01, 0.01 <= chance < 0.90
    if chance < 0.01:
        has_phone = has_email = False
    return Customer(
        customer_id=f"C-{number:04d}",
        name=f"客户{number:04d}",
        phone=_number(number) if has_phone else None,
        email=f"customer-{number:04d}@example.com" if has_email else None,
        level=random.choice(("VIP1", "VIP2", "VIP3")) if stratum.vip else None,
    )


def _number(number: int) -> str:
    return f"+86138000{number + 10_000:05d}"


def _with_second_works(random: Random, works: list[Work], wanted: int, *, kept: int) -> list[Work]:
    """Hands some works to a customer who had another one shortly before and has a telephone only: a call names it."""
    found = list(works)
    ordinary = [n for n in range(kept, len(found)) if found[n].stratum not in ("vip", "complaint")]
    chosen = random.sample(ordinary, min(len(ordinary), 2 * wanted))
    for first, second in zip(chosen[::2], chosen[1::2], strict=True):
        earlier, later = found[first], found[second]
        customer = replace(earlier.customer, phone=earlier.customer.phone or _number(first), email=None)
        found[first] = replace(earlier, customer=customer)
        completed = min(earlier.completed_at + timedelta(hours=30), at(DAYS, 19, 30))
        found[second] = replace(
            later, customer=customer, habits=earlier.habits, source=earlier.source,
            over_http=earlier.over_http, completed_at=completed, handled_at=completed - timedelta(minutes=30),
            told_at=next_lot(completed + timedelta(minutes=1)),
        )  # fmt: skip
    return found


def _tellings(random: Random, works: Sequence[Work], special: Planted, duplicated: int) -> tuple[Telling, ...]:
    found = [Telling(work) for work in works] + [Telling(work, as_changed=True) for work in special.corrections]
    ordinary = [work for work in works if work.stratum is not None and work not in special.works]
    for work in random.sample(ordinary, min(len(ordinary), duplicated)):
        later = work.told_at + timedelta(hours=random.choice((0, 3, 24)))
        by_other_road = random.random() < 0.3
        again = replace(work, told_at=later, over_http=work.over_http is not by_other_road)
        found.append(Telling(again, repeated=True))
    return tuple(sorted(found, key=lambda telling: telling.work.told_at))
