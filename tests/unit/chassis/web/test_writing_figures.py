from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from markupsafe import Markup

from chassis.web.drawing import Verdict, band, judge, strip
from chassis.web.filters import date, day, duration, mask_email, mask_phone, number, phrases, share, signed, tight, when
from chassis.web.i18n import Speech, gettext, speech

NOW = datetime(2026, 11, 18, 2, 12, tzinfo=UTC)
CATALOG = {"还有 {n} 天": ("{n} day left", "{n} days left"), "（{place}时间）": " ({place} time)"}


@contextmanager
def speaking(language: str) -> Iterator[None]:
    mark = speech.set(Speech(language=language, catalog=CATALOG, now=NOW))
    try:
        yield
    finally:
        speech.reset(mark)


def test_dates_are_written_in_the_operators_zone_with_weekday() -> None:
    at = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
    with speaking("zh-CN"):
        assert when(at).striptags() == "11 月 20 日（周五）18:00"
        assert day(at).striptags() == "11 月 20 日（周五）"
        assert date(at).striptags() == "11 月 20 日"
        assert tight(at).striptags() == "11-20 18:00"
        assert 'datetime="2026-11-20T10:00:00+00:00"' in when(at)
    with speaking("en"):
        assert when(at).striptags() == "20 Nov 2026 (Fri) 18:00"


def test_another_year_and_another_zone_name_themselves() -> None:
    new_year = datetime(2025, 12, 31, 17, 0, tzinfo=UTC)
    with speaking("zh-CN"):
        assert when(new_year).striptags() == "1 月 1 日（周四）01:00"
        assert when(datetime(2024, 3, 1, tzinfo=UTC)).striptags() == "2024 年 3 月 1 日（周五）08:00"
        assert when(NOW, zone="Asia/Urumqi").striptags() == "11 月 18 日（周三）08:12（乌鲁木齐时间）"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (number(1516), "1,516"),
        (number(4.265, 2), "4.27"),
        (share(0.826), "82.6%"),
        (signed(34.6), "+34.6"),
        (signed(-3), "−3.0"),
        (signed(0), "0.0"),
        (duration(timedelta(hours=6, minutes=8)), "6 小时 08 分"),
        (duration(timedelta(days=1, hours=4)), "1 天 4 小时"),
        (duration(timedelta(seconds=45)), "45 秒"),
        (mask_phone("+8613820460046"), "138****0046"),
        (mask_phone("+85298765432"), "+85****32"),
        (mask_phone("12"), "****"),
        (mask_email("customer-a@example.com"), "c***@example.com"),
        (phrases("您对<这次>的|速度"), Markup("您对&lt;这次&gt;的<wbr>速度")),
    ],
)
def test_figures_and_masks(written: str, expected: str) -> None:
    assert written == expected


def test_english_counts_in_singular_and_plural_and_escapes_beside_markup() -> None:
    with speaking("en"):
        assert gettext("还有 {n} 天", n=1) == "1 day left"
        assert gettext("还有 {n} 天", n=2) == "2 days left"
        assert gettext("还有 {n} 天", n=Markup("<b>2</b>")) == "<b>2</b> days left"
    assert gettext("<{a}>{b}", a="<", b=Markup("<b>")) == "&lt;&lt;&gt;<b>"


@pytest.mark.parametrize(
    ("low", "high", "good", "verdict"),
    [
        (0.86, 0.90, "high", Verdict.MET),
        (0.80, 0.84, "high", Verdict.MISSED),
        (0.84, 0.86, "high", Verdict.OPEN),
        (0.86, 0.90, "low", Verdict.MISSED),
        (0.80, 0.84, "low", Verdict.MET),
    ],
)
def test_a_target_is_judged_by_the_whole_interval(low: float, high: float, good: str, verdict: Verdict) -> None:
    assert judge(low, high, 0.85, good) is verdict


def test_a_strip_stays_on_its_axis() -> None:
    at = strip(4.3, 3.0, 4.5, axis=(4.0, 5.0), target=3.9, width=100)
    assert (at.low, at.dot, at.high, at.target) == (0.0, 30.0, 50.0, None)


def test_bands_follow_the_score() -> None:
    assert [band(score) for score in range(1, 6)] == ["low", "low", "mid", "mid", "high"]
