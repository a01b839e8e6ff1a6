"""Tables of answers: a verdict for each row, nothing recorded before the commit, nothing twice, nothing guessed."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from chassis.access.roles import Role
from chassis.spreadsheets import read_table, write_workbook
from chassis.testing.harness import ServiceUnderTest, running
from chassis.testing.infra import Infra
from contracts.context import ServiceContext
from contracts.events.scheduler import ServiceAccepted
from contracts.events.survey import AttemptClosed, ResponseRecorded, ResponseVoided
from contracts.vocabulary import ChannelReason, NotAttempted, Scenario
from services.survey import taking
from services.survey.app import SERVICE
from tests.integration.survey.builders import HOUR, MONTH, NOW, a_part, a_permit, closed
from tests.integration.survey.calls import a_call_waits, an_agent
from tests.integration.survey.test_online import opened

IMPORTS = "/survey/api/v1/imports"
GOOD: dict[str, Any] = {
    "answered_at": "2026-10-20 09:00", "overall.score": 5, "response_speed.score": 4, "competence.score": 5,
    "attitude.score": 5, "clarity.score": 4, "solved.choice": "是", "nps.score": 10, "remarks.text": "师傅很准时",
}  # fmt: skip


@pytest.fixture(scope="module")
async def survey(infra: Infra) -> AsyncIterator[ServiceUnderTest]:
    async with running(SERVICE, infra, now=NOW) as service:
        yield service


@pytest.fixture(scope="module")
async def clerk(survey: ServiceUnderTest) -> httpx.AsyncClient:
    return await survey.client(Role.SUPERVISOR)


async def accepted(survey: ServiceUnderTest, name: str, verdict: str = "selected") -> None:
    """scheduler has told of a completion of this name."""
    ref = f"customer-of-{name}"
    keys = await survey.runtime.vault.keyring(facts=[MONTH])
    context = ServiceContext(scenario=Scenario.AFTER_SALE, completed_at=NOW - 30 * HOUR)
    document = {
        "customer_ref": ref, "completion_ref": f"completion-of-{name}", "source": "crm", "service_id": f"S-{name}",
        "verdict": verdict, "reason": "drawn", "scenario": "after_sale", "period": MONTH, "stratum": "s",
        "rate_version": 1, "cell": "first", "inclusion_probability": 0.5, "policy_version": "v",
        "accepted_at": NOW - 30 * HOUR, "completed_at": NOW - 30 * HOUR,
        "context": keys.seal_facts(MONTH, ref, "context", context.model_dump(mode="json")),
    }  # fmt: skip
    await survey.receive(ServiceAccepted.model_validate(document))


async def drawn(survey: ServiceUnderTest, name: str) -> None:
    """A completion with an open call."""
    await accepted(survey, name)
    await a_call_waits(survey, callback=name, ref=f"customer-of-{name}")


def a_row(name: str, **given: Any) -> dict[str, Any]:
    return {"service_id": f"S-{name}"} | GOOD | {key.replace("__", "."): value for key, value in given.items()}


def a_workbook(*rows: dict[str, Any]) -> bytes:
    heading = list(dict.fromkeys(key for row in rows for key in row))
    return write_workbook([("answers", [heading, *([row.get(key) for key in heading] for row in rows)])])


def a_csv(*rows: dict[str, Any], encoding: str = "utf-8") -> bytes:
    stored = io.StringIO()
    writer = csv.DictWriter(stored, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return stored.getvalue().encode(encoding)


async def upload(clerk: httpx.AsyncClient, content: bytes, **form: str) -> dict[str, Any]:
    files = {"file": ("answers.xlsx", content)}
    answer = await clerk.post(IMPORTS, files=files, data={"questionnaire": "after_sale", **form})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def verdicts(clerk: httpx.AsyncClient, batch: dict[str, Any]) -> list[str]:
    rows = (await clerk.get(f"{IMPORTS}/{batch['import_id']}/rows")).json()["rows"]
    return [f"{row['verdict']} {row['fault_field'] or ''}".strip() for row in rows]


async def committed(
    survey: ServiceUnderTest, clerk: httpx.AsyncClient, batch: dict[str, Any], rows: Any = "all"
) -> list[str]:
    answer = await clerk.post(f"{IMPORTS}/{batch['import_id']}/commit", json={"rows": rows})
    assert answer.status_code == 202, answer.text
    await survey.tick()
    return await verdicts(clerk, batch)


async def of(survey: ServiceUnderTest, model: Any, name: str) -> list[Any]:
    return [event for event in await survey.sent(model) if event.completion_ref == f"completion-of-{name}"]


async def test_the_preview_has_a_verdict_for_each_row_and_records_nothing(
    survey: ServiceUnderTest, clerk: httpx.AsyncClient
) -> None:
    await drawn(survey, "previewed")
    await accepted(survey, "outside", "not_drawn")
    await accepted(survey, "rejected", "rejected")
    rows = [
        a_row("previewed"), a_row("outside"), a_row("rejected"), a_row("nobody"), a_row("previewed", overall__score=6),
        a_row("previewed", nps__score="高"), a_row("previewed", overall__score=1),
        a_row("previewed", answered_at="昨天"),
    ]  # fmt: skip
    batch = await upload(clerk, a_workbook(*rows))
    assert await verdicts(clerk, batch) == [
        "ready", "outside", "refused service_id", "refused service_id", "refused answers.overall",
        "refused answers.nps", "refused answers.reason", "refused answered_at",
    ]  # fmt: skip
    assert await of(survey, ResponseRecorded, "previewed") == []
    stored = await survey.query("SELECT sealed FROM import_row WHERE sealed IS NOT NULL")
    assert all("师傅" not in row["sealed"] for row in stored)
    page = (await clerk.get(f"/survey/imports/{batch['import_id']}")).text
    for words in ("没有这个服务单：请核对单号和来源", "要填 1 到 5 的整数", "不是时间，请写成 2026-10-14 15:30"):
        assert words in page, words
    assert 'lang="en">is ' not in page


async def test_what_names_no_known_service_is_not_kept(survey: ServiceUnderTest, clerk: httpx.AsyncClient) -> None:
    await drawn(survey, "kept-name")
    typed = [{"service_id": "13800138999"} | GOOD, {"service_id": "13800138998"} | GOOD | {"overall.score": 6}]
    batch = await upload(clerk, a_workbook(*typed, a_row("kept-name", overall__score=6)))
    rows = (await clerk.get(f"{IMPORTS}/{batch['import_id']}/rows")).json()["rows"]
    assert [(row["number"], row["service_id"], row["verdict"]) for row in rows] == [
        (2, None, "refused"), (3, None, "refused"), (4, "S-kept-name", "refused"),
    ]  # fmt: skip
    stored = await survey.query("SELECT import_row::text AS row FROM import_row")
    assert [row["row"] for row in stored if "1380013899" in row["row"]] == []


async def test_a_verification_is_imported_where_one_was_asked_for(
    survey: ServiceUnderTest, clerk: httpx.AsyncClient
) -> None:
    await accepted(survey, "asked-again")
    await accepted(survey, "not-asked-again")
    part = a_part(purpose="verification", questionnaire="verification", about={"response_id": "r-first"})
    await a_call_waits(survey, callback="asked-again", ref="customer-of-asked-again", parts=[part])
    said = {"answered_at": "2026-10-20 09:00", "meant.choice": "meant", "overall.score": 5, "solved.choice": "是",
            "reason.text": "师傅来得早，修得好"}  # fmt: skip
    rows = [{"service_id": f"S-{name}"} | said for name in ("asked-again", "not-asked-again")]
    batch = await upload(clerk, a_workbook(*rows), questionnaire="verification")
    assert await committed(survey, clerk, batch) == ["recorded", "refused service_id"]
    [told] = await of(survey, ResponseRecorded, "asked-again")
    assert (told.purpose, told.about and told.about.response_id) == ("verification", "r-first")


async def test_a_drawn_service_is_recorded_and_its_open_call_ends_as_already_answered(
    survey: ServiceUnderTest, clerk: httpx.AsyncClient
) -> None:
    await drawn(survey, "drawn")
    batch = await upload(clerk, a_workbook(a_row("drawn")))
    assert await committed(survey, clerk, batch) == ["recorded"]
    [told] = await of(survey, ResponseRecorded, "drawn")
    [attempt] = await of(survey, AttemptClosed, "drawn")
    assert (told.in_design, told.final, told.channel_reason) == (True, True, ChannelReason.FALLBACK)
    assert attempt.not_attempted is NotAttempted.ALREADY_ANSWERED
    _, texts = await opened(survey, told)
    assert texts.texts == {"remarks": "师傅很准时"}
    assert told.ended_at.isoformat() == "2026-10-20T01:00:00+00:00", "a time without offset is the operator's"
    left = await survey.query("SELECT sealed FROM import_row WHERE import_id = $1", batch["import_id"])
    assert [row["sealed"] for row in left] == [None]


async def test_a_service_that_was_not_drawn_is_recorded_outside_the_design(
    survey: ServiceUnderTest, clerk: httpx.AsyncClient
) -> None:
    await accepted(survey, "not-drawn", "not_drawn")
    batch = await upload(clerk, a_workbook(a_row("not-drawn")))
    assert await committed(survey, clerk, batch) == ["outside"]
    [told] = await of(survey, ResponseRecorded, "not-drawn")
    assert (told.in_design, told.callback_id, told.permit_no, told.round) == (False, None, None, 1)


async def test_the_same_file_again_records_nothing_twice(survey: ServiceUnderTest, clerk: httpx.AsyncClient) -> None:
    await drawn(survey, "again")
    await accepted(survey, "again-outside", "not_drawn")
    content = a_workbook(a_row("again"), a_row("again-outside"))
    first = await upload(clerk, content)
    await committed(survey, clerk, first)
    second = await upload(clerk, content)
    assert second["import_id"] == first["import_id"]
    assert await committed(survey, clerk, second) == ["recorded", "outside"]
    other_file = await upload(clerk, a_csv(a_row("again"), a_row("again-outside")))
    assert await committed(survey, clerk, other_file) == ["repeated", "repeated"]
    for name in ("again", "again-outside"):
        assert len(await of(survey, ResponseRecorded, name)) == 1


async def test_of_two_records_of_one_service_the_first_complete_one_stays(
    survey: ServiceUnderTest, clerk: httpx.AsyncClient
) -> None:
    await drawn(survey, "twice")
    batch = await upload(clerk, a_workbook(a_row("twice"), a_row("twice", overall__score=4)))
    assert await committed(survey, clerk, batch) == ["recorded", "duplicate"]
    first, second = await of(survey, ResponseRecorded, "twice")
    [voided] = await of(survey, ResponseVoided, "twice")
    assert (voided.response_id, voided.reason, voided.by) == (
        second.response_id, f"duplicate of {first.response_id}", "rules",
    )  # fmt: skip
    assert first.response_id != second.response_id
    late = await upload(clerk, a_workbook(a_row("twice", overall__score=3)))
    assert await verdicts(clerk, late) == ["duplicate"]
    assert await committed(survey, clerk, late) == ["duplicate"]
    assert len(await of(survey, ResponseVoided, "twice")) == 2


async def test_a_callback_that_was_closed_unanswered_can_still_be_recorded(
    survey: ServiceUnderTest, clerk: httpx.AsyncClient
) -> None:
    await accepted(survey, "exhausted")
    permit = await a_permit(survey, callback="exhausted", ref="customer-of-exhausted", channel="phone")
    await survey.receive(permit)
    await survey.receive(closed(permit, "exhausted"))
    batch = await upload(clerk, a_workbook(a_row("exhausted")))
    assert await committed(survey, clerk, batch) == ["recorded"]
    [told] = await of(survey, ResponseRecorded, "exhausted")
    assert told.in_design is True


async def test_a_permit_that_comes_after_the_answer_ends_as_already_answered(
    survey: ServiceUnderTest, clerk: httpx.AsyncClient
) -> None:
    await accepted(survey, "early")
    assert await committed(survey, clerk, await upload(clerk, a_workbook(a_row("early")))) == ["recorded"]
    await a_call_waits(survey, callback="early", ref="customer-of-early")
    [attempt] = await of(survey, AttemptClosed, "early")
    assert attempt.not_attempted is NotAttempted.ALREADY_ANSWERED


async def test_a_call_on_its_way_comes_first_and_the_row_can_be_chosen_again(
    survey: ServiceUnderTest, clerk: httpx.AsyncClient
) -> None:
    await drawn(survey, "busy")
    agent = await an_agent(survey, callback="busy")
    await agent.steps("claim", "dial")
    batch = await upload(clerk, a_workbook(a_row("busy")))
    assert await committed(survey, clerk, batch) == ["busy"]
    await agent.post("wrapup", disposition="no_answer")
    assert await committed(survey, clerk, batch) == ["recorded"]


async def test_only_chosen_rows_are_recorded(survey: ServiceUnderTest, clerk: httpx.AsyncClient) -> None:
    for name in ("chosen", "unchosen"):
        await drawn(survey, name)
    batch = await upload(clerk, a_workbook(a_row("unchosen"), a_row("chosen")))
    assert await committed(survey, clerk, batch, [3, 99]) == ["ready", "recorded"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_a_csv_is_read_in_its_encoding(survey: ServiceUnderTest, clerk: httpx.AsyncClient, encoding: str) -> None:
    await drawn(survey, encoding)
    batch = await upload(clerk, a_csv(a_row(encoding, overall__score=2, reason__text="等了三天"), encoding=encoding))
    assert await committed(survey, clerk, batch) == ["recorded"]
    [told] = await of(survey, ResponseRecorded, encoding)
    _, texts = await opened(survey, told)
    assert texts.texts["reason"] == "等了三天"


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ({"overall": 5}, "column overall"),
        ({"overall.stars": 5}, "column overall.stars"),
        ({"weather.score": 5}, "column weather.score"),
    ],
)
async def test_a_column_that_does_not_say_what_it_holds_is_refused(
    clerk: httpx.AsyncClient, heading: dict[str, int], field: str
) -> None:
    content = a_workbook({"service_id": "S-1", "answered_at": "2026-10-20", **heading})
    answer = await clerk.post(IMPORTS, files={"file": ("a.xlsx", content)}, data={"questionnaire": "after_sale"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


async def test_formulas_are_texts_and_come_out_as_texts(survey: ServiceUnderTest, clerk: httpx.AsyncClient) -> None:
    await drawn(survey, "formula")
    evil = '=HYPERLINK("http://evil.example/","x")'
    batch = await upload(clerk, a_csv(a_row("formula", remarks__text=evil), a_row("=1+1", overall__score="=5")))
    page = await clerk.get(f"/survey/imports/{batch['import_id']}")
    assert await verdicts(clerk, batch) == ["ready", "refused answers.overall"]
    assert 'href="http://evil' not in page.text
    assert read_table(write_workbook([("t", [[evil]])])) == [[f"'{evil}"]]


async def test_careless_and_impossible_rows_are_flagged(survey: ServiceUnderTest, clerk: httpx.AsyncClient) -> None:
    odd = {
        "hasty": {"seconds": 1}, "before": {"connected_at": "2026-10-20 09:05"}, "older": {"answered_at": "2026-10-18"},
        "fine": {"seconds": 150, "connected_at": "2026-10-20 08:57"},
    }  # fmt: skip
    for name in odd:
        await drawn(survey, name)
    batch = await upload(clerk, a_workbook(*(a_row(name, **given) for name, given in odd.items())))
    assert await committed(survey, clerk, batch) == ["recorded"] * 4
    flags = {name: [f.code for f in (await of(survey, ResponseRecorded, name))[0].flags] for name in odd}
    assert flags == {"hasty": ["too_fast"], "before": ["before_connected"], "older": ["impossible"], "fine": []}


async def test_an_erased_customer_is_not_recorded(survey: ServiceUnderTest, clerk: httpx.AsyncClient) -> None:
    await drawn(survey, "erased")
    batch = await upload(clerk, a_workbook(a_row("erased")))
    # what is left of a text whose key was destroyed
    await survey.query("UPDATE import_row SET sealed = 's1.t..' WHERE import_id = $1", batch["import_id"])
    assert await committed(survey, clerk, batch) == ["refused service_id"]


async def test_a_row_that_cannot_be_opened_is_refused_and_stops_no_other(
    survey: ServiceUnderTest, clerk: httpx.AsyncClient
) -> None:
    for name in ("sound", "broken"):
        await drawn(survey, name)
    batch = await upload(clerk, a_workbook(a_row("broken"), a_row("sound")))
    await survey.query(
        """UPDATE import_row SET sealed = (SELECT sealed FROM import_row WHERE import_id = $1 AND number = 3)
           WHERE import_id = $1 AND number = 2""",
        batch["import_id"],
    )
    assert await committed(survey, clerk, batch) == ["refused row", "recorded"]


async def test_the_template_can_be_filled_in_and_handed_back(
    survey: ServiceUnderTest, clerk: httpx.AsyncClient
) -> None:
    await drawn(survey, "template")
    answer = await clerk.get(f"{IMPORTS}/templates/after_sale")
    heading = read_table(answer.content)[0]
    row = a_row("template")
    filled = write_workbook([("answers", [heading, [row.get(str(name)) for name in heading]])])
    assert await committed(survey, clerk, await upload(clerk, filled)) == ["recorded"]


@pytest.mark.parametrize("count", [1_200, pytest.param(50_000, marks=pytest.mark.slow)])
async def test_thousands_of_rows_are_recorded_in_chunks(
    survey: ServiceUnderTest, clerk: httpx.AsyncClient, count: int
) -> None:
    await accepted(survey, f"many-{count}-0", "not_drawn")
    await survey.query(
        """INSERT INTO completion (completion_ref, customer_ref, source, service_id, verdict, scenario, period,
               completed_at, context, narrative)
           SELECT completion_ref || '-' || n, customer_ref, source, 'S-many-' || $2::text || '-' || n, verdict,
               scenario, period, completed_at, context, narrative
           FROM completion, generate_series(1, $1::integer - 1) AS n WHERE service_id = 'S-many-' || $2::text || '-0'
           RETURNING 1""",
        count,
        str(count),
    )
    batch = await upload(clerk, a_csv(*(a_row(f"many-{count}-{number}") for number in range(count))))
    assert (batch["rows"], batch["counts"]) == (count, [{"state": "staged", "verdict": "outside", "rows": count}])
    assert (await clerk.post(f"{IMPORTS}/{batch['import_id']}/commit", json={"rows": "all"})).status_code == 202
    chunk = await taking.record_chosen(survey.runtime)
    begun = (await clerk.get(f"{IMPORTS}/{batch['import_id']}")).json()["counts"]
    assert {one["state"]: one["rows"] for one in begun} == {"chosen": count - chunk, "settled": chunk}, "it can be seen"
    while await taking.record_chosen(survey.runtime):
        pass
    done = (await clerk.get(f"{IMPORTS}/{batch['import_id']}")).json()
    assert done["counts"] == [{"state": "settled", "verdict": "outside", "rows": count}]


async def test_who_may_import(survey: ServiceUnderTest) -> None:
    agent = await survey.client(Role.AGENT)
    admin = await survey.client(Role.ADMIN)
    assert (await agent.get(IMPORTS)).status_code == 403
    assert (await admin.get("/survey/imports")).status_code == 200
