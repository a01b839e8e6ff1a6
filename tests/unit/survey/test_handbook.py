from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.vocabulary import Scenario
from services.survey.handbook import Entry, Kind, Situation, fits, found, holds

NOW = datetime(2026, 10, 20, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def an_entry(**given: Any) -> Entry:
    blank = Entry("e1", 1, Kind.FAQ, "没带配件要收上门费吗？", "二次上门不收费。", (), (), (), None, None,
                  withdrawn=False, written_by="主管甲", written_at=NOW)  # fmt: skip
    return replace(blank, **given)


def a_situation(**given: Any) -> Situation:
    return replace(Situation(Scenario.AFTER_SALE, "滚筒洗衣机 XQG100", "金卡会员", NOW), **given)


def test_an_entry_without_limits_is_for_every_call() -> None:
    assert fits(an_entry(), a_situation(product=None, level=None))


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"scenarios": ("after_sale",)}, True),
        ({"scenarios": ("care",)}, False),
        ({"products": ("洗衣机",)}, True),
        ({"products": ("xqg100", "冰箱")}, True),
        ({"products": ("热水器",)}, False),
        ({"levels": ("金卡",)}, True),
        ({"levels": ("银卡",)}, False),
        ({"scenarios": ("after_sale",), "products": ("热水器",)}, False),
    ],
)
def test_limits_are_held_together(limits: dict[str, tuple[str, ...]], expected: bool) -> None:
    assert fits(an_entry(**limits), a_situation()) is expected


def test_a_product_limit_needs_a_known_product() -> None:
    assert not fits(an_entry(products=("洗衣机",)), a_situation(product=None))


def test_an_offer_holds_from_its_beginning_until_right_before_its_end() -> None:
    offer = an_entry(valid_from=NOW, valid_until=NOW + HOUR)
    assert [holds(offer, NOW + shift) for shift in (-timedelta(seconds=1), timedelta(0), HOUR)] == [False, True, False]


def test_what_was_withdrawn_is_shown_to_nobody() -> None:
    assert not fits(an_entry(withdrawn=True), a_situation())


def test_every_word_must_occur_and_titles_come_first() -> None:
    title = an_entry(entry_id="a", title="配件保多久？", body="十二个月。")
    body = an_entry(entry_id="b", title="保修期", body="更换的配件保修十二个月。")
    neither = an_entry(entry_id="c", title="发票", body="随货寄出。")
    assert [entry.entry_id for entry in found([neither, body, title], "配件")] == ["a", "b"]
    assert [entry.entry_id for entry in found([neither, body, title], "配件 保修")] == ["b"]


def test_without_words_the_narrow_come_first_and_then_the_used() -> None:
    general = an_entry(entry_id="general")
    used = an_entry(entry_id="used", uses=9)
    narrow = an_entry(entry_id="narrow", products=("洗衣机",))
    assert [entry.entry_id for entry in found([general, used, narrow], "")] == ["narrow", "used", "general"]
