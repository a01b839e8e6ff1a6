"""Which tune a call ends with: the same for a customer, by chance in a pilot, and always of the rating's band."""

import math
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.vocabulary import Scenario
from services.survey.ivr.choosing import ANY, Assignment, Choice, Listener, Pilot, Shelf, Unit, arm_of, chosen
from services.survey.ivr.tunes import NoTune, Tone, Tune, catalogue
from services.survey.renderings.ivr import Band


def own(name: str, band: Band, *locales: str) -> Tune:
    file = f"tunes/house/{name}"
    return Tune(id=name, band=band, tone=Tone.POP, file=file, licence="ours", uploaded=True, locales=locales)


HOUSE = (
    own("own_cheer", Band.CHEERFUL), own("own_calm", Band.SOOTHING), own("own_zh", Band.CHEERFUL, "zh-CN"),
)  # fmt: skip
TUNES = (*catalogue(), *HOUSE)
OF_BAND = {band: [tune.id for tune in TUNES if tune.band is band] for band in Band}
SOMEBODY = Listener("c-1", "zh-CN", Tone.POP, Scenario.AFTER_SALE, "team-1")
CUSTOMERS = [f"customer-{n}" for n in range(2000)]
# 4.4 standard deviations: one test in 100,000 that are right would fail, and the same names are drawn in every run
WIDTH = 4.4


def a_pilot(**given: object) -> Pilot:
    plain = Pilot(
        "p-1",
        Band.CHEERFUL,
        ("morning_bells", "own_cheer"),
        Unit.CUSTOMER,
        1.0,
        (),
        b"a secret of 32 bytes............",
    )
    return replace(plain, **given)  # type: ignore[arg-type]


@st.composite
def pilots(draw: st.DrawFn) -> Pilot:
    band = draw(st.sampled_from(Band))
    return Pilot(
        pilot_id="p-1",
        band=band,
        arms=tuple(draw(st.lists(st.sampled_from(OF_BAND[band]), min_size=2, max_size=4, unique=True))),
        unit=draw(st.sampled_from(Unit)),
        share=draw(st.sampled_from([0.05, 0.3, 0.5, 0.9, 1.0])),
        teams=draw(st.sampled_from([(), ("team-1", "team-2")])),
        secret=draw(st.binary(min_size=32, max_size=32)),
    )


listeners = st.builds(
    Listener,
    customer_ref=st.uuids().map(str),
    language=st.sampled_from(["zh-CN", "en"]),
    tone=st.sampled_from(Tone),
    scenario=st.sampled_from(Scenario),
    team=st.sampled_from([None, "team-1", "team-2", "team-3"]),
)
assignments = st.lists(
    st.builds(
        Assignment,
        band=st.sampled_from(Band),
        tone=st.sampled_from(Tone),
        locale=st.sampled_from([ANY, "zh-CN", "en"]),
        scenario=st.sampled_from([ANY, *Scenario]),
        tune_id=st.sampled_from([tune.id for tune in TUNES]),
    ),
    max_size=6,
)


@settings(deadline=None)
@given(st.lists(pilots(), max_size=2), assignments, listeners, st.sampled_from(Band))
def test_no_choice_crosses_the_band_or_the_language(
    running: list[Pilot], assigned: list[Assignment], listener: Listener, band: Band
) -> None:
    choice = chosen(Shelf(TUNES, assigned, running), band, listener)
    assert choice.tune.band is band
    assert choice.tune.may_be_heard_in(listener.language)
    if choice.pilot_id is not None:
        assert any(pilot.band is band and choice.tune.id in pilot.arms for pilot in running)


@settings(deadline=None)
@given(pilots(), listeners, st.sampled_from(Scenario), st.sampled_from(Tone))
def test_a_customer_of_a_pilot_hears_the_same_arm_in_every_call(
    pilot: Pilot, listener: Listener, scenario: Scenario, tone: Tone
) -> None:
    again = replace(listener, scenario=scenario, tone=tone)
    shelf = Shelf(TUNES, (), [pilot])
    first, second = chosen(shelf, pilot.band, listener), chosen(shelf, pilot.band, again)
    assert first.pilot_id == second.pilot_id
    if first.pilot_id:
        assert first == second


@settings(max_examples=15, derandomize=True, deadline=None)
@given(pilots())
def test_shares_of_customers_and_arms_lie_inside_their_binomial_intervals(pilot: Pilot) -> None:
    pilot = replace(pilot, unit=Unit.CUSTOMER, teams=(), arms=tuple(a for a in pilot.arms if a != "own_zh"))
    if len(pilot.arms) < 2:
        return
    shelf = Shelf(TUNES, (), [pilot])
    heard = [chosen(shelf, pilot.band, replace(SOMEBODY, customer_ref=ref)) for ref in CUSTOMERS]
    drawn = Counter(choice.tune.id for choice in heard if choice.pilot_id)
    assert inside(drawn.total(), len(CUSTOMERS), pilot.share)
    for arm in pilot.arms:
        assert inside(drawn[arm], drawn.total(), 1 / len(pilot.arms)), drawn


@settings(max_examples=5, derandomize=True, deadline=None)
@given(st.binary(min_size=32, max_size=32))
def test_teams_take_part_as_a_whole_and_their_customers_are_drawn_one_by_one(secret: bytes) -> None:
    shelf = Shelf(TUNES, (), [a_pilot(unit=Unit.TEAM, share=0.4, secret=secret)])
    parts = {}
    for number in range(300):
        of_team = [
            chosen(shelf, Band.CHEERFUL, replace(SOMEBODY, customer_ref=f"{number}-{n}", team=f"team-{number}"))
            for n in range(10)
        ]
        assert len({choice.pilot_id for choice in of_team}) == 1
        if of_team[0].pilot_id:
            parts[number] = Counter(choice.tune.id for choice in of_team)
    assert inside(len(parts), 300, 0.4)
    drawn = sum(parts.values(), Counter())
    assert inside(drawn["own_cheer"], drawn.total(), 0.5)


def inside(found: int, of: int, share: float) -> bool:
    return abs(found - of * share) <= WIDTH * math.sqrt(of * share * (1 - share)) + 0.5


def test_a_larger_share_keeps_everybody_of_a_smaller_one_at_their_arm() -> None:
    small, large = (Shelf(TUNES, (), [a_pilot(share=share)]) for share in (0.2, 0.6))
    for ref in CUSTOMERS[:300]:
        listener = replace(SOMEBODY, customer_ref=ref)
        before = chosen(small, Band.CHEERFUL, listener)
        if before.pilot_id:
            assert chosen(large, Band.CHEERFUL, listener) == before


def test_another_secret_draws_anew() -> None:
    one, other = (a_pilot(secret=secret) for secret in (b"1" * 32, b"2" * 32))
    same = sum(arm_of(one, ref) == arm_of(other, ref) for ref in CUSTOMERS)
    assert inside(same, len(CUSTOMERS), 0.5)


def test_who_takes_part_says_nothing_of_the_arm() -> None:
    pilot = a_pilot(share=0.5)
    shelf = Shelf(TUNES, (), [pilot])
    inner = [ref for ref in CUSTOMERS if chosen(shelf, Band.CHEERFUL, replace(SOMEBODY, customer_ref=ref)).pilot_id]
    assert inside(sum(arm_of(pilot, ref) == "own_cheer" for ref in inner), len(inner), 0.5)


@pytest.mark.parametrize(
    ("pilot", "listener"),
    [
        (a_pilot(teams=("team-2",)), SOMEBODY),
        (a_pilot(unit=Unit.TEAM), replace(SOMEBODY, team=None)),
        (a_pilot(arms=("morning_bells", "own_zh")), replace(SOMEBODY, language="en")),
        (a_pilot(arms=("morning_bells", "gone")), SOMEBODY),
        (a_pilot(band=Band.SOOTHING, arms=("slow_chords", "own_calm")), SOMEBODY),
    ],
    ids=["another team", "no team", "an arm in another language", "an arm that cannot be played", "the other band"],
)
def test_a_customer_outside_a_pilot_hears_the_tone_of_the_house(pilot: Pilot, listener: Listener) -> None:
    assert chosen(Shelf(TUNES, (), [pilot]), Band.CHEERFUL, listener) == Choice(of("skipping_stones"))


def test_the_narrowest_assignment_holds() -> None:
    assigned = [
        Assignment(Band.CHEERFUL, Tone.POP, ANY, ANY, "own_cheer"),
        Assignment(Band.CHEERFUL, Tone.POP, "zh-CN", ANY, "own_zh"),
        Assignment(Band.CHEERFUL, Tone.POP, ANY, Scenario.CARE, "small_brook"),
        Assignment(Band.SOOTHING, Tone.POP, ANY, ANY, "own_calm"),
    ]

    def heard(band: Band, **changed: object) -> str:
        return chosen(Shelf(TUNES, assigned), band, replace(SOMEBODY, **changed)).tune.id  # type: ignore[arg-type]

    assert heard(Band.CHEERFUL) == "own_zh"
    assert heard(Band.CHEERFUL, language="en") == "own_cheer"
    assert heard(Band.CHEERFUL, scenario=Scenario.CARE) == "small_brook"
    assert heard(Band.CHEERFUL, tone=Tone.CLASSICAL) == "morning_bells"
    assert heard(Band.SOOTHING) == "own_calm"


def test_a_house_without_pilot_and_assignment_plays_its_own_tone_and_never_an_upload() -> None:
    for band in Band:
        for tone in Tone:
            heard = chosen(Shelf(tuple(reversed(TUNES))), band, replace(SOMEBODY, tone=tone))
            assert (heard.tune.tone, heard.tune.uploaded, heard.pilot_id) == (tone, False, None)


def test_a_band_without_a_tune_says_so() -> None:
    with pytest.raises(NoTune, match="add one"):
        chosen(Shelf([]), Band.SOOTHING, SOMEBODY)


def of(tune_id: str) -> Tune:
    return next(tune for tune in TUNES if tune.id == tune_id)
