"""Calls, records and tunes in a report over invented months."""

from datetime import timedelta

import pytest

from services.reporting.composing.content import content_of
from services.reporting.figure import Refusal
from services.reporting.limits import Baseline, Verdict
from tests.unit.reporting.builders import DAY, LIMITS, a_month, a_span, an_answer, call, content, some_work


def test_duration_counts_completed_calls_only_and_is_held_against_the_baseline() -> None:
    calls = [call(n, 200 + n % 2) for n in range(20)]
    others = [call(30, 5, disposition="refusal"), call(31, 900, channel="ivr"), call(32, 0, connected_at=None)]
    found = content([an_answer(n) for n in range(20)], calls=[*calls, *others], baseline=300.0).efficiency
    assert found is not None
    assert (found.duration.n, found.duration.seconds) == (20, pytest.approx(200.5))
    assert found.duration.change == pytest.approx(200.5 / 300 - 1)
    assert (found.duration.target, found.duration.verdict) == (pytest.approx(240), Verdict.MET)


def test_without_a_baseline_nothing_is_compared_and_a_stated_one_goes_first() -> None:
    calls = [call(n, 200 + n % 2) for n in range(20)]
    alone = content([an_answer(1)], calls=calls).efficiency
    assert alone is not None
    assert (alone.duration.baseline, alone.duration.change, alone.duration.verdict) == (None, None, None)
    stated = Baseline(figure="duration", since=DAY.date().replace(day=1), value=250.0)
    limits = type(LIMITS)(LIMITS.minimum_n, LIMITS.k, LIMITS.targets, (stated,), LIMITS.steps, LIMITS.mixes)
    span = a_span(a_month([an_answer(1)], {"complaint": 2}))
    found = content_of(span, some_work(calls=calls, baseline=300.0), limits).efficiency
    assert found is not None
    assert found.duration.baseline == 250


def test_a_record_is_complete_when_its_call_was_wrapped_up_and_prompt_within_ten_minutes() -> None:
    late = call(2, 100)
    late["recorded_at"] = DAY + timedelta(days=1, seconds=100 + 601)
    found = content([an_answer(1)], calls=[call(1, 100), late, call(3, 90, wrapup_missing=True)]).efficiency
    assert found is not None
    assert (found.completeness.count, found.completeness.of) == (2, 3)
    assert (found.prompt.count, found.prompt.of) == (2, 3)


def test_nothing_is_said_of_a_caller_with_few_calls() -> None:
    calls = [call(n, 200) for n in range(12)] + [call(n, 200, agent="chen") for n in range(12, 15)]
    answers = [an_answer(n, agent="lin" if n < 12 else "chen", team="安装一组") for n in range(15)]
    people = content(answers, calls=calls).people
    rows = {row.agent: row for row in people.agents}
    assert (rows["lin"].seconds, rows["lin"].rating.enough) == (200, True)
    assert (rows["chen"].seconds, rows["chen"].rating.refused) == (None, Refusal.TOO_FEW)
    assert [row.team for row in people.teams] == ["安装一组"]


def test_without_a_keypad_survey_the_music_section_says_so() -> None:
    assert content([an_answer(1)]).music.empty


def test_tunes_are_compared_only_within_a_band_on_what_came_later() -> None:
    answers = [an_answer(n, overall=1 if n < 4 else 5) for n in range(8)]
    later = [
        an_answer(20 + n, purpose="progress", about_response_id=f"response-{n:04}", overall=4 if n < 1 else 2)
        for n in range(2)
    ]
    calls = [
        call(n, 60, channel="ivr", tune="calm" if n < 4 else "bright", tune_pilot="autumn" if n < 3 else None)
        for n in range(8)
    ]
    found = content([*answers, *later], calls=calls).music
    assert [(row.band, row.tune, row.plays, row.drawn, row.later.count, row.later.of) for row in found.tunes] == [
        ("low", "calm", 4, 3, 1, 2),
        ("high", "bright", 4, 0, 0, 0),
    ]


def test_a_tune_that_nobody_drew_is_compared_with_none() -> None:
    answers = [an_answer(n, overall=1) for n in range(4)]
    later = [an_answer(20 + n, purpose="progress", about_response_id=f"response-{n:04}", overall=4) for n in range(4)]
    calls = [call(n, 60, channel="ivr", tune="calm", tune_pilot="autumn" if n < 1 else None) for n in range(4)]
    [row] = content([*answers, *later], calls=calls).music.tunes
    assert (row.plays, row.drawn, row.later.count, row.later.of) == (4, 1, 1, 1)
