from pathlib import Path

import asyncpg
import pytest

from chassis.testing.harness import ServiceUnderTest
from chassis.vault import Vault
from contracts.events.scheduler import CustomerErased
from contracts.events.survey import ResponseRecorded, ResponseVoided
from contracts.events.tagging import LowScoreFlagged, PraiseRouted, ResponseTagged, SuggestionRouted, TagSheet
from contracts.vocabulary import CustomerRef, ItemState, Severity
from services.tagging import handlers
from services.tagging.lexicon import HERE, Lexicon
from tests.integration.tagging.builders import AT, REF, a_response


def voiding(response: ResponseRecorded) -> ResponseVoided:
    return ResponseVoided(
        customer_ref=response.customer_ref,
        completion_ref=response.completion_ref,
        response_id=response.response_id,
        reason="duplicate",
        by="supervisor",
        voided_at=AT,
    )


async def test_a_low_score_with_words_goes_to_its_department_at_once(tagging: ServiceUnderTest) -> None:
    await tagging.receive(await a_response(tagging, 2, "客服态度很差。建议增加短信通知。安装师傅很耐心。"))
    (flag,) = await tagging.sent(LowScoreFlagged)
    assert (flag.department, flag.codes, flag.severity) == ("service_desk", ("attitude",), Severity.MINOR)
    assert flag.link == f"/followup/items/{flag.item_id}"
    assert len(await tagging.sent(SuggestionRouted)) == 1
    (praise,) = await tagging.sent(PraiseRouted)
    assert praise.department == "installation"


async def test_bands_and_tags_travel_sealed(tagging: ServiceUnderTest) -> None:
    await tagging.receive(await a_response(tagging, 2, "客服态度很差。"))
    (tagged,) = await tagging.sent(ResponseTagged)
    keys = await tagging.runtime.vault.keyring(facts=["2026-10"])
    sheet = TagSheet.model_validate(keys.open(REF, "tags", tagged.tags))
    assert [tag.code for tag in sheet.tags] == ["attitude"]


async def test_the_same_event_twice_has_one_effect(tagging: ServiceUnderTest) -> None:
    response = await a_response(tagging, 1)
    await tagging.receive(response)
    await tagging.receive(response, again=True)
    await tagging.receive(response)
    assert len(await tagging.sent(LowScoreFlagged)) == 1
    assert len(await tagging.sent(ResponseTagged)) == 1


async def test_a_later_revision_takes_back_what_it_no_longer_says(tagging: ServiceUnderTest) -> None:
    await tagging.receive(await a_response(tagging, 1, "客服态度很差"))
    await tagging.receive(await a_response(tagging, 5, "都很好", revision=2))
    raised, withdrawn = await tagging.sent(LowScoreFlagged)
    assert (raised.state, withdrawn.state) == (ItemState.RAISED, ItemState.WITHDRAWN)
    assert (withdrawn.item_id, withdrawn.item_revision) == (raised.item_id, 2)


async def test_an_older_revision_that_comes_late_changes_nothing(tagging: ServiceUnderTest) -> None:
    newer = await a_response(tagging, 5, revision=2)
    await tagging.receive(newer)
    await tagging.receive(await a_response(tagging, 1, revision=1))
    assert await tagging.sent(LowScoreFlagged) == []


async def test_revisions_in_one_batch_count_as_the_newest(tagging: ServiceUnderTest) -> None:
    older, newer = await a_response(tagging, 1, revision=1), await a_response(tagging, 5, revision=2)
    await tagging.receive(newer, older)
    assert await tagging.sent(LowScoreFlagged) == []
    (tagged,) = await tagging.sent(ResponseTagged)
    assert tagged.revision == 2


async def test_voiding_withdraws_the_items_in_either_order(tagging: ServiceUnderTest) -> None:
    first = await a_response(tagging, 1)
    await tagging.receive(first)
    await tagging.receive(voiding(first))
    await tagging.receive(voiding(first))
    second = await a_response(tagging, 1, ref="customer-2")
    await tagging.receive(voiding(second))
    await tagging.receive(second)
    assert [flag.state for flag in await tagging.sent(LowScoreFlagged)] == [ItemState.RAISED, ItemState.WITHDRAWN]


async def test_a_flag_of_a_progress_answer_carries_what_it_is_about(tagging: ServiceUnderTest) -> None:
    await tagging.receive(await a_response(tagging, 1, purpose="progress", about={"case_id": "AC-1"}))
    (flag,) = await tagging.sent(LowScoreFlagged)
    assert flag.about is not None
    assert flag.about.case_id == "AC-1"


async def test_scores_are_tagged_where_the_words_were_erased(tagging: ServiceUnderTest) -> None:
    response = await a_response(tagging, 1, "客服态度很差")
    await erase(tagging)
    await tagging.receive(CustomerErased(customer_ref=CustomerRef(REF), erased_at=AT), response)
    (flag,) = await tagging.sent(LowScoreFlagged)
    assert (flag.codes, flag.spans) == (("unspecified",), ())


async def test_a_new_lexicon_moves_no_item_of_the_same_words(
    tagging: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    words = "客服态度很差。发票多收了钱。"
    await tagging.receive(await a_response(tagging, 2, words))
    before = {f.item_id: f.department for f in await tagging.sent(LowScoreFlagged)}
    file = tmp_path / "zh.toml"
    file.write_text(
        (HERE / "lexicon" / "zh.toml").read_text().replace('"态度…差", ', "").replace('"建议", ', '"发票", ')
    )
    newer = Lexicon.read(HERE, instead=file)
    monkeypatch.setattr(handlers, "shipped", lambda: newer)
    await tagging.receive(await a_response(tagging, 1, words, revision=2))
    again = [f for f in await tagging.sent(LowScoreFlagged) if f.response_revision == 2]
    assert {f.item_id: f.department for f in again} == before
    assert {f.state for f in again} == {ItemState.CHANGED}
    assert {f.severity for f in again} == {Severity.MAJOR}
    assert await tagging.sent(SuggestionRouted) == []


async def erase(service: ServiceUnderTest) -> None:
    """As scheduler does it: the keys are gone for every service."""
    owner = await asyncpg.connect(service.settings.database_url)
    await owner.execute("SELECT vault.erase($1)", REF)
    await owner.close()
    service.runtime.vault = Vault(service.runtime.pool, service.settings)  # an empty cache: the minute has passed
