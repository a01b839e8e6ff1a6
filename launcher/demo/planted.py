"""Customers with a story whose end is known: each is one line of the score."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from launcher.demo.calendar import at, next_lot
from launcher.demo.customer import SHANGHAI, Customer, Habits, OnThePhone, Opinion, Ring, WithTheLink, Work
from launcher.demo.words import COMPLAINTS, WISHES, Complaint

EAST = "crm-east"
_FINE = Opinion(5, 5, 5, 5, 5, 5, nps=10, solved="yes")
_SOON = timedelta(hours=3)


@dataclass(frozen=True)
class Planted:
    story: Work
    """Score 1 → case → solved → told at the second callback → closed."""
    stopped: tuple[Work, ...]
    """The first asks on the phone never to be called again; the later ones are the same person or the same number."""
    stopped_online: tuple[Work, ...]
    far_west: Work
    """Lives by another clock: two hours behind the operator's."""
    moved: Work
    """As first told, with an address that was wrong."""
    corrections: tuple[Work, ...]
    silent: Work
    """There is no way to contact this customer."""
    appointment: Work
    kept: tuple[Work, ...]
    """Promised an answer, and told in time."""
    broken: tuple[Work, ...]
    """Promised an answer, and not to be reached again."""
    wish: tuple[Work, ...]
    """One suggestion in two customers' words; one of them can be called, the other one written to."""
    reopened: Work
    """Not content with how it was handled, and content the second time."""

    @property
    def works(self) -> tuple[Work, ...]:
        return (
            self.story, *self.stopped, *self.stopped_online, self.far_west, self.moved, self.silent, self.appointment,
            *self.kept, *self.broken, *self.wish, self.reopened,
        )  # fmt: skip


def planted() -> Planted:
    moved = _writer("戊", 5, completed=at(14, 18, 30), habits=Habits(reads_after=_SOON))
    new_address = replace(moved.customer, email="customer-moved@example.com")
    return Planted(
        story=_unhappy("甲", 1, at(9, 9, 30), score=1, complaint=COMPLAINTS["repair"][0], after=(5,)),
        stopped=_stopped(),
        stopped_online=_stopped_online(),
        far_west=_far_west(),
        moved=moved,
        corrections=(replace(moved, customer=new_address, told_at=at(14, 22)),),
        silent=_of(replace(_person("己", 6), phone=None), "S-P0006", at(8, 10)),
        appointment=_caller("庚", 7, stratum="vip", completed=at(15, 10), habits=Habits(phone=OnThePhone.LATER)),
        kept=(
            _unhappy("辛", 8, at(12, 9, 30), score=2, complaint=COMPLAINTS["logistics"][2], after=(4,)),
            _unhappy("丑", 12, at(20, 9, 30), score=2, complaint=COMPLAINTS["service_desk"][0], after=(4,)),
        ),
        broken=_broken(),
        reopened=_unhappy("寅", 13, at(16, 9, 30), score=1, complaint=COMPLAINTS["billing"][0], after=(2, 5)),
        wish=_wish(),
    )


def _stopped() -> tuple[Work, ...]:
    first = _caller("乙", 2, stratum="vip", completed=at(6, 10), habits=Habits(phone=OnThePhone.STOP))
    shares_number = replace(_person("丙", 3), phone=first.customer.phone)
    return first, _later(first, "S-P0002b", at(20, 10)), _of(shares_number, "S-P0003", at(22, 11))


def _stopped_online() -> tuple[Work, ...]:
    first = _writer("子", 11, completed=at(7, 11), habits=Habits(link=WithTheLink.STOP, reads_after=_SOON))
    return first, _later(first, "S-P0011b", at(23, 10))


def _broken() -> tuple[Work, ...]:
    once, complaint = (Ring.ANSWER, Ring.NO_ANSWER), COMPLAINTS["installation"][1]
    return (_unhappy("壬", 9, at(19, 13, 30), score=2, complaint=complaint, after=(3,), rings=once),)


def _wish() -> tuple[Work, ...]:
    authors = (
        _caller("癸", 10, stratum="vip", completed=at(13, 10)),
        _writer("卯", 14, completed=at(14, 11), habits=Habits(reads_after=_SOON)),
    )
    opinions = (replace(_FINE, remarks=w, remark_kind="suggestion", remark_department="product") for w in WISHES)
    return tuple(replace(work, opinion=opinion) for work, opinion in zip(authors, opinions, strict=True))


def outside_frame(random: Random, count: int) -> list[Work]:
    """Documents that parse and are wrong; the ledger must name the reason of each."""
    return [_misfit(n, at(random.randint(3, 28), random.randint(9, 18))) for n in range(count)]


def _misfit(number: int, told: datetime) -> Work:
    work = replace(
        _of(replace(_person(f"外{number}", 100 + number), level=None), f"S-X{number:04d}", told - timedelta(hours=2)),
        stratum=None, told_at=told,
    )  # fmt: skip
    match number % 5:
        case 0:
            return replace(work, scenario="carrier_pigeon", expected_reason="unknown_scenario")
        case 1:
            return replace(work, completed_at=told + timedelta(days=3), handled_at=None,
                           expected_reason="completed_in_future")  # fmt: skip
        case 2:
            nowhere = replace(work.customer, zone="Mars/Olympus")
            return replace(work, customer=nowhere, expected_reason="unknown_zone")
        case 3:
            return replace(work, handled_at=work.completed_at - timedelta(days=45),
                           expected_reason="handled_far_from_completed")  # fmt: skip
        case _:
            long_ago = told - timedelta(days=40)
            return replace(work, completed_at=long_ago, handled_at=long_ago, expected_reason="older_than_look_back")


def _person(sign: str, number: int) -> Customer:
    return Customer(f"C-P{number:03d}", f"客户{sign}", f"+86138000{number:05d}", None, level="VIP3", zone=SHANGHAI)


def _of(customer: Customer, service_id: str, completed: datetime, *, scenario: str = "after_sale") -> Work:
    return Work(
        source=EAST,
        service_id=service_id,
        customer=customer,
        scenario=scenario,
        service_type="投诉处理" if scenario == "complaint" else "热水器维修",
        completed_at=completed,
        handled_at=completed - timedelta(minutes=15),
        told_at=next_lot(completed + timedelta(minutes=1)),
        team="投诉专席一组" if scenario == "complaint" else "华东维修一组",
        region="华东",
        opinion=_FINE,
        habits=Habits(),
        stratum="complaint" if scenario == "complaint" else "vip",
    )


def _caller(sign: str, number: int, *, stratum: str, completed: datetime, habits: Habits | None = None) -> Work:
    """Has a telephone only, so that a person calls."""
    scenario = "complaint" if stratum == "complaint" else "after_sale"
    work = _of(_person(sign, number), f"S-P{number:04d}", completed, scenario=scenario)
    return replace(work, habits=habits or Habits())


def _writer(sign: str, number: int, *, completed: datetime, habits: Habits) -> Work:
    """Has an address only, so that a link comes by mail."""
    customer = replace(_person(sign, number), phone=None, email=f"customer-p{number:03d}@example.com")
    return replace(_of(customer, f"S-P{number:04d}", completed), habits=habits)


def _unhappy(
    sign: str, number: int, completed: datetime, *, score: int, complaint: Complaint, after: tuple[int, ...],
    rings: tuple[Ring, ...] = (Ring.ANSWER,),
) -> Work:  # fmt: skip
    opinion = Opinion(score, score, score, 3, 3, 4, nps=score, solved="no", complaint=complaint, after=after)
    work = _caller(sign, number, stratum="complaint", completed=completed)
    return replace(work, opinion=opinion, habits=Habits(rings=rings))


def _far_west() -> Work:
    work = _caller("丁", 4, stratum="vip", completed=at(13, 19, 30))
    return replace(work, customer=replace(work.customer, zone="Asia/Urumqi"), region="新疆")


def _later(work: Work, service_id: str, completed: datetime) -> Work:
    return replace(
        _of(work.customer, service_id, completed), habits=Habits(), opinion=_FINE, service_type=work.service_type
    )
