"""A form as a browser sends it, read without a parser for files."""

import pytest
from fastapi import Request

from chassis.web.pages import MOST_FIELDS, posted
from chassis.web.problems import Problem


def a_request(body: bytes) -> Request:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request({"type": "http", "method": "POST", "headers": []}, receive)


async def test_fields_keep_their_words_also_empty_ones_and_the_last_of_a_name_holds() -> None:
    body = b"text=%E5%B8%88%E5%82%85+%26+%E5%AE%A2%E6%9C%8D&empty=&do=skip&do=next"
    assert await posted(a_request(body)) == {"text": "师傅 & 客服", "empty": "", "do": "next"}
    assert await posted(a_request(b"")) == {}


@pytest.mark.parametrize("body", [b"text=\xff\xfe", b"&".join([b"a=1"] * (MOST_FIELDS + 1))])
async def test_what_is_no_form_is_refused(body: bytes) -> None:
    with pytest.raises(Problem) as refused:
        await posted(a_request(body))
    assert refused.value.status_code == 400
