"""A person corrects tags: the case moves, the figures of the rules follow, and nothing undoes what the person said."""

import asyncio
import re
from pathlib import Path

import httpx
import pytest

from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest
from contracts.events.survey import ResponseRecorded
from contracts.events.tagging import LowScoreFlagged, PraiseRouted, ResponseTagged, TagSheet
from contracts.vocabulary import ItemState
from services.tagging.lexicon import HERE, Lexicon
from services.tagging.trying import tried
from tests.integration.tagging.builders import REF, a_response
from tests.integration.tagging.test_routing_of_items import voiding

WORDS = "客服态度很差。"


@pytest.fixture
async def supervisor(tagging: ServiceUnderTest) -> httpx.AsyncClient:
    return await tagging.client(Role.SUPERVISOR)


async def page(client: httpx.AsyncClient, response: ResponseRecorded) -> str:
    answer = await client.get(f"/tagging/responses/{response.response_id}", headers={"accept": "text/html"})
    assert answer.status_code == 200
    return answer.text


async def save(
    client: httpx.AsyncClient, response: ResponseRecorded, *lines: tuple[str, str, str], seen: int = 1
) -> httpx.Response:
    form = {
        "seen": str(seen),
        "item": [item for item, _, _ in lines],
        "code": [code for _, code, _ in lines],
        "department": [department for _, _, department in lines],
    }
    return await client.post(f"/tagging/responses/{response.response_id}/judgement", data=form)


async def test_a_moved_item_keeps_its_id_and_raises_its_revision(
    tagging: ServiceUnderTest, supervisor: httpx.AsyncClient
) -> None:
    response = await a_response(tagging, 2, WORDS)
    await tagging.receive(response)
    (flag,) = await tagging.sent(LowScoreFlagged)
    assert f'name="item" value="{flag.item_id}"' in await page(supervisor, response)
    assert (await save(supervisor, response, (flag.item_id, "process", "billing"))).status_code == 303
    _, moved = await tagging.sent(LowScoreFlagged)
    assert (moved.item_id, moved.item_revision, moved.state) == (flag.item_id, 2, ItemState.CHANGED)
    assert (moved.department, moved.codes, moved.severity) == ("billing", ("process",), flag.severity)
    assert "已由" in await page(supervisor, response)


async def test_the_corrected_tags_travel_with_a_higher_tagging_revision(
    tagging: ServiceUnderTest, supervisor: httpx.AsyncClient
) -> None:
    response = await a_response(tagging, 5, WORDS)
    await tagging.receive(response)
    (flag,) = await tagging.sent(LowScoreFlagged)
    await save(supervisor, response, (flag.item_id, "", "repair"), ("", "praise", "repair"))
    first, second = await tagging.sent(ResponseTagged)
    assert (first.tagging_revision, second.tagging_revision, second.revision) == (1, 2, 1)
    keys = await tagging.runtime.vault.keyring(facts=["2026-10"])
    sheet = TagSheet.model_validate(keys.open(REF, "tags", second.tags))
    assert [(tag.code, tag.provenance.value) for tag in sheet.tags] == [("praise", "person")]
    assert [f.state for f in await tagging.sent(LowScoreFlagged)] == [ItemState.RAISED, ItemState.WITHDRAWN]
    assert len(await tagging.sent(PraiseRouted)) == 1


async def test_a_later_revision_of_the_response_does_not_undo_it(
    tagging: ServiceUnderTest, supervisor: httpx.AsyncClient
) -> None:
    response = await a_response(tagging, 2, WORDS)
    await tagging.receive(response)
    (flag,) = await tagging.sent(LowScoreFlagged)
    await save(supervisor, response, (flag.item_id, "process", "billing"))
    await tagging.receive(await a_response(tagging, 1, WORDS, revision=2))
    newest = (await tagging.sent(LowScoreFlagged))[-1]
    assert (newest.item_id, newest.department, newest.codes) == (flag.item_id, "billing", ("process",))
    assert (newest.item_revision, newest.response_revision) == (3, 2)


async def test_a_correction_of_what_is_no_longer_the_newest_is_refused_and_changes_nothing(
    tagging: ServiceUnderTest, supervisor: httpx.AsyncClient
) -> None:
    response = await a_response(tagging, 2, WORDS)
    await tagging.receive(response)
    (flag,) = await tagging.sent(LowScoreFlagged)
    await tagging.receive(await a_response(tagging, 1, WORDS, revision=2))
    assert (await save(supervisor, response, (flag.item_id, "process", "billing"), seen=1)).status_code == 409
    assert {f.department for f in await tagging.sent(LowScoreFlagged)} == {"service_desk"}


async def test_a_correction_and_a_newer_revision_at_once_leave_one_truth(
    tagging: ServiceUnderTest, supervisor: httpx.AsyncClient
) -> None:
    """Whichever comes first: either the correction is refused, or the newer revision keeps it."""
    response = await a_response(tagging, 2, WORDS)
    await tagging.receive(response)
    (flag,) = await tagging.sent(LowScoreFlagged)
    newer = await a_response(tagging, 1, WORDS, revision=2)
    answer, _ = await asyncio.gather(
        save(supervisor, response, (flag.item_id, "process", "billing")), tagging.receive(newer)
    )
    newest = (await tagging.sent(LowScoreFlagged))[-1]
    assert newest.department == ("billing" if answer.status_code == 303 else "service_desk")
    flags = await tagging.sent(LowScoreFlagged)
    assert [f.item_revision for f in flags] == list(range(1, len(flags) + 1))


async def test_a_voided_response_is_not_corrected_and_a_corrected_one_can_be_voided(
    tagging: ServiceUnderTest, supervisor: httpx.AsyncClient
) -> None:
    response = await a_response(tagging, 2, WORDS)
    await tagging.receive(response)
    (flag,) = await tagging.sent(LowScoreFlagged)
    await save(supervisor, response, (flag.item_id, "process", "billing"))
    await tagging.receive(voiding(response))
    assert (await tagging.sent(LowScoreFlagged))[-1].state is ItemState.WITHDRAWN
    assert (await save(supervisor, response, (flag.item_id, "process", "repair"), seen=2)).status_code == 409


async def test_an_unknown_tag_or_department_is_refused(
    tagging: ServiceUnderTest, supervisor: httpx.AsyncClient
) -> None:
    response = await a_response(tagging, 2, WORDS)
    await tagging.receive(response)
    assert (await save(supervisor, response, ("", "weather", "repair"))).status_code == 422
    assert (await save(supervisor, response, ("", "process", "weather"))).status_code == 422
    form = {"seen": "1", "item": [""], "code": [], "department": []}
    path = f"/tagging/responses/{response.response_id}/judgement"
    assert (await supervisor.post(path, data=form)).status_code == 422


async def test_the_page_of_the_rules_counts_what_people_held(
    tagging: ServiceUnderTest, supervisor: httpx.AsyncClient
) -> None:
    right = await a_response(tagging, 2, WORDS)
    wrong = await a_response(tagging, 2, WORDS, ref="customer-2")
    await tagging.receive(right, wrong)
    first, second = await tagging.sent(LowScoreFlagged)
    await save(supervisor, right, (first.item_id, "attitude", "service_desk"), ("", "process", "service_desk"))
    await save(supervisor, wrong, (second.item_id, "", "service_desk"))
    analyst = await tagging.client(Role.ANALYST)
    text = (await analyst.get("/tagging/quality", headers={"accept": "text/html"})).text
    rows = [re.sub(r"<[^>]+>", " ", row).split() for row in re.findall(r"<tr>(.*?)</tr>", text, re.S)[1:]]
    assert rows == [["态度问题", "2", "1", "50", "%", "100", "%"], ["流程缺陷", "0", "1", "—", "0", "%"]]


async def test_a_changed_lexicon_is_tried_on_judged_texts_and_changes_nothing(
    tagging: ServiceUnderTest, supervisor: httpx.AsyncClient, tmp_path: Path
) -> None:
    response = await a_response(tagging, 2, WORDS)
    await tagging.receive(response, await a_response(tagging, 2, "没修好", ref="customer-2"))
    flag = next(f for f in await tagging.sent(LowScoreFlagged) if f.response_id == response.response_id)
    await save(supervisor, response, (flag.item_id, "attitude", "service_desk"))
    told = len(await tagging.sent(ResponseTagged))
    file = tmp_path / "zh.toml"
    file.write_text((HERE / "lexicon" / "zh.toml").read_text().replace('"态度…差", ', ""))
    trial = await tried(tagging.runtime, Lexicon.read(HERE, instead=file))
    assert [(one.response_id, one.lost) for one in trial.moved] == [(response.response_id, {"attitude"})]
    assert (trial.judged, trial.now["attitude"].recall, trial.then["attitude"].recall) == (1, 1.0, 0.0)
    assert "-attitude(wrong)" in next(iter(trial.lines()))
    assert len(await tagging.sent(ResponseTagged)) == told


async def test_only_supervisors_correct(tagging: ServiceUnderTest) -> None:
    response = await a_response(tagging, 2, WORDS)
    await tagging.receive(response)
    analyst = await tagging.client(Role.ANALYST)
    assert "judgement" not in await page(analyst, response)
    assert (await save(analyst, response, ("", "process", "repair"))).status_code == 403
