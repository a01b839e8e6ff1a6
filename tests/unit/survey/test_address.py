"""A form of address never carries the given name."""

import pytest

from services.survey.address import form_of_address


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("陈晓明", "陈女士/先生"),
        ("欧阳明", "欧阳女士/先生"),
        ("吴先生", "吴先生"),
        ("Ada Example", "Mr/Ms Example"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_customer_is_addressed_by_surname_and_title(name: str | None, address: str) -> None:
    assert form_of_address(name, "zh-CN") == address


def test_without_a_name_the_english_greeting_still_reads() -> None:
    assert form_of_address(None, "en") == "there"
