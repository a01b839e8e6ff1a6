from datetime import UTC, datetime

from contracts.vocabulary import Dimension, ItemKind, ItemState, Severity
from services.tagging.items import Item, tag
from services.tagging.lexicon import shipped
from services.tagging.revisions import ItemRow, as_found_then, as_item
from tests.unit.tagging.builders import a_context, a_sheet, rating

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def found(score: int, text: str) -> list[Item]:
    sheet = a_sheet(rating(Dimension.OVERALL, score))
    return list(tag("r-1", sheet, texts={"why": text}, context=a_context(), lexicon=shipped()).items)


def a_row(item: Item, state: ItemState = ItemState.RAISED) -> ItemRow:
    told = {name: getattr(item, name) for name in Item._fields if name != "fallback"}
    return ItemRow(
        **told, item_revision=1, response_id="r-1", response_revision=1, customer_ref="c", completion_ref="s",
        state=state, about=None, routed_at=NOW,
    )  # fmt: skip


def test_a_stored_item_is_the_item_again() -> None:
    (item,) = found(2, "客服态度差")
    assert as_item(a_row(item)) == item._replace(fallback=False)


def test_what_a_newer_lexicon_no_longer_sees_stays_with_the_severity_of_the_score() -> None:
    (then,) = found(2, "客服态度差")
    (kept,) = as_found_then(found(1, "")[:0], [a_row(then)])
    assert (kept.item_id, kept.severity) == (then.item_id, Severity.REMARK)
    stays = as_found_then(found(1, "客服态度差，修坏了"), [a_row(then)])
    assert [(item.item_id, item.severity) for item in stays] == [(then.item_id, Severity.MAJOR)]


def test_what_a_newer_lexicon_sees_besides_is_not_raised() -> None:
    (then,) = found(5, "客服态度差")
    now = found(5, "客服态度差。建议增加短信通知。")
    assert [item.item_id for item in as_found_then(now, [a_row(then)])] == [then.item_id]


def test_a_score_that_became_low_has_a_problem_though_the_older_lexicon_found_none() -> None:
    now = found(1, "客服态度差")
    assert as_found_then(now, []) == now
    assert as_found_then(found(5, "客服态度差"), []) == []


def test_what_was_taken_back_before_is_not_raised_again_by_it() -> None:
    (then,) = found(5, "客服态度差")
    assert as_found_then(found(5, "客服态度差"), [a_row(then, ItemState.WITHDRAWN)]) == []
    assert then.kind is ItemKind.PROBLEM
