from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from contracts.events.intake import ServiceCompleted
from services.scheduler import intake
from services.scheduler.contact import normalised_email, normalised_phone, region_of, zone_of

SHANGHAI = ZoneInfo("Asia/Shanghai")


def a_document(**fields: object) -> ServiceCompleted:
    return ServiceCompleted.model_validate({
        "service_id": "S-1", "scenario": "after_sale", "completed_at": "2026-10-14T10:00:00+08:00",
        "customer": {"customer_id": "C-1"}, **fields,
    })  # fmt: skip


@pytest.mark.parametrize("raw", ["13800138000", "138 0013 8000", "+86-138-0013-8000", "008613800138000"])
def test_every_spelling_of_a_number_is_one_number(raw: str) -> None:
    assert normalised_phone(raw, SHANGHAI) == "+8613800138000"


@pytest.mark.parametrize("raw", ["", None, "无", "123", "x" * 300])
def test_what_cannot_be_a_number_is_none(raw: str | None) -> None:
    assert normalised_phone(raw, SHANGHAI) is None


def test_a_number_without_country_belongs_to_the_customers_zone() -> None:
    assert region_of(ZoneInfo("Europe/Berlin")) == "DE"
    assert normalised_phone("030 901820", ZoneInfo("Europe/Berlin")) == "+4930901820"


@pytest.mark.parametrize("raw", ["a@example.com, b@example.com", "a@example.com\nBcc: b@example.com", "a@b", "@x.cn"])
def test_an_address_that_could_carry_another_is_refused(raw: str) -> None:
    assert normalised_email(raw) is None


@pytest.mark.parametrize("name", ["Mars/Olympus", "../../etc/passwd", "", "Asia", "x" * 1000])
def test_an_unknown_zone_is_none(name: str) -> None:
    assert zone_of(name) is None


def test_the_digest_ignores_key_order_and_offset_but_no_content() -> None:
    first = a_document(attributes={"a": 1, "b": 2})
    same = a_document(attributes={"b": 2, "a": 1}, completed_at="2026-10-14T02:00:00Z")
    assert intake.digest(first) == intake.digest(same)
    assert intake.digest(first) != intake.digest(a_document(attributes={"a": 1, "b": 3}))
    assert intake.digest(first) != intake.digest(a_document(attributes={"a": 1, "b": 2}, unknown_field="x"))


def test_unknown_fields_are_kept_in_the_narrative() -> None:
    narrative = intake.narrative_of(a_document(warranty="在保", complaint={"level": "A", "text": "太慢"}))
    assert narrative.attributes["warranty"] == "在保"
    assert narrative.complaint is not None and "太慢" in narrative.complaint


def test_an_absurd_time_stays_storable() -> None:
    assert intake.bounded(datetime.max.replace(tzinfo=UTC)) + timedelta(days=1) < datetime.max.replace(tzinfo=UTC)
