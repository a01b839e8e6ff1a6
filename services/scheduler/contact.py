"""Telephone numbers, addresses and zones as one spelling each."""

import re
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

HOME_REGION = "CN"  # for a zone that belongs to no country
_ATOM = r"[^\s@<>,;:\"()\[\]\\\x00-\x20\x7f]+"  # what can neither break out of a header nor hide a second address
_ADDRESS = re.compile(rf"{_ATOM}@{_ATOM}\.[^\s@.<>,;:\"()\[\]\\\x00-\x20\x7f]+")
_LONGEST_ADDRESS = 254  # RFC 5321


def normalised_phone(raw: str | None, zone: ZoneInfo) -> str | None:
    """E.164; a number without a country is one of the zone's country. None when it cannot be a number."""
    if not raw:
        return None
    try:
        number = phonenumbers.parse(raw, region_of(zone))
    except NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def normalised_email(raw: str | None) -> str | None:
    """The address without blanks around it; None when no mail can be sent to it."""
    address = (raw or "").strip()
    return address if len(address) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(address) else None


def zone_of(name: str) -> ZoneInfo | None:
    """The zone of an IANA name; None when there is none."""
    return ZoneInfo(name) if name in _zone_names() else None


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def region_of(zone: ZoneInfo) -> str:
    """ISO 3166 code of the zone's country."""
    return _regions().get(zone.key, HOME_REGION)


@cache
def _regions() -> dict[str, str]:
    table = files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if line and not line.startswith("#")]
    return {name: country for country, _, name, *_ in rows}


def phone_subject(index: str | None) -> str | None:
    return f"phone:{index}" if index else None


def email_subject(index: str | None) -> str | None:
    return f"email:{index}" if index else None


def customer_subject(customer_ref: str) -> str:
    return f"customer:{customer_ref}"


def person_subject(phone_index: str | None, email_index: str | None, customer_ref: str) -> str:
    """Who one contact budget belongs to: the number, else the address, else the customer."""
    return phone_subject(phone_index) or email_subject(email_index) or customer_subject(customer_ref)


def subjects(phone_index: str | None, email_index: str | None, customer_ref: str) -> tuple[str, ...]:
    """Everything under which this customer may have asked not to be contacted; the first is whose budget is used."""
    found = (phone_subject(phone_index), email_subject(email_index), customer_subject(customer_ref))
    return tuple(subject for subject in found if subject)
