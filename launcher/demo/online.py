"""Customers who answer from a letter: a browser without JavaScript, page after page."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from http import HTTPStatus
from urllib.parse import urlsplit

from launcher.demo.answers import Said, said
from launcher.demo.browser import Browser, Reply
from launcher.demo.customer import WithTheLink, Work

_STEP = re.compile(r'name="step" value="([^"]+)"')
_PAGES = 30
_LEAVES_AFTER = 3
_READING_MS = 9_000


class Lost(Exception):
    """The pages did not lead where a customer would expect; says where it ended."""


@dataclass(frozen=True)
class Visit:
    """`answers` by question, as they were taken; `submitted`: the last page said thank you."""

    answers: Mapping[str, Said]
    submitted: bool
    stopped: bool = False


async def answer_online(base: str, link: str, work: Work, *, purpose: str, round_no: int) -> Visit:
    """Opens the link and does what this customer does with links. Raises `Lost`."""
    browser = Browser(base)
    try:
        return await _visit(browser, urlsplit(link).path, work, purpose, round_no)
    finally:
        await browser.close()


async def _visit(browser: Browser, path: str, work: Work, purpose: str, round_no: int) -> Visit:
    page = await browser.get(path)
    if page.status != HTTPStatus.OK:
        raise Lost(f"the link opens with {page.status}")
    if work.habits.link is WithTheLink.STOP:
        page = await browser.submit(f"{path}/stop", {})
        return Visit({}, submitted=False, stopped=page.is_success)
    phone = work.customer.phone
    page = await browser.submit(path, {"last_four": phone[-4:]} if phone else {"confirm": "yes"})
    return await _walk(browser, page, work, purpose, round_no)


async def _walk(browser: Browser, page: Reply, work: Work, purpose: str, round_no: int) -> Visit:
    answers: dict[str, Said] = {}
    for _ in range(_PAGES):
        found = _STEP.search(page.text)
        if found is None:
            if page.path.endswith("/thanks"):
                return Visit(answers, submitted=True)
            raise Lost(f"no question on {page.path.rpartition('/')[2]} ({page.status})")
        if work.habits.link is WithTheLink.LEAVE and len(answers) == _LEAVES_AFTER:
            return Visit(answers, submitted=False)
        step = unescape(found.group(1))
        question = step.rpartition("/")[2]
        answers[question] = one = said(work.opinion, purpose, question, round_no)
        page = await browser.submit(page.path, _form(step, one))
        if page.status != HTTPStatus.OK:
            raise Lost(f"question {question} was refused with {page.status}")
    raise Lost(f"more than {_PAGES} pages")


def _form(step: str, one: Said) -> dict[str, str]:
    form = {"step": step, "elapsed_ms": str(_READING_MS), "do": "next"}
    if "value" in one:
        return {**form, "answer": str(one["value"])}
    return {**form, "text": one["text"]} if "text" in one else {**form, "do": "skip"}
