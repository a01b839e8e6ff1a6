"""The customer's door, common to pages and API: throttled, and bound to the link by a session."""

from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from fastapi import Request

from chassis.runtime import Runtime
from chassis.web.i18n import gettext as _
from chassis.web.pages import runtime_of
from chassis.web.problems import Problem
from services.survey import guest
from services.survey.guest import Guest, LinkClosed
from services.survey.links import hash_of, is_session, session_of
from services.survey.throttle import Throttle

REASON = "the code of the link is the key, and the identity of the customer is asked behind it"
COOKIE = "survey_link"
HEADER = "X-Link-Session"


@dataclass(frozen=True)
class _Throttles:
    """A person presses a few keys a minute; a wrong code or proof is rare. Many customers can share one address."""

    by_code: Throttle = field(default_factory=lambda: Throttle(per_minute=120))
    failures_by_address: Throttle = field(default_factory=lambda: Throttle(per_minute=60))


_throttles: WeakKeyDictionary[Runtime, _Throttles] = WeakKeyDictionary()


@dataclass(frozen=True)
class Caller:
    """Who stands at the door: the link, and whether this browser has proved the identity."""

    guest: Guest
    proved: bool


async def enter(request: Request, code: str) -> Caller:
    """Raises `LinkClosed` for an unknown code, `Problem` 429 for too many requests."""
    throttles, address, code_hash = _throttles_of(request), _address(request), hash_of(code)
    if throttles.by_code.is_over(code_hash) or throttles.failures_by_address.is_over(address):
        raise Problem(429, _("请稍后再试"), _("请求太频繁，请过一分钟再打开链接。"), headers={"Retry-After": "60"})
    throttles.by_code.count(code_hash)
    try:
        found = await guest.look(runtime_of(request), code)
    except LinkClosed:
        throttles.failures_by_address.count(address)
        raise
    held = request.cookies.get(COOKIE) or request.headers.get(HEADER)
    key = runtime_of(request).settings.secrets.session_key
    return Caller(found, proved=is_session(key, found.link.code_hash, held) and found.has_begun)


async def prove(request: Request, caller: Caller, *, last_four: str | None, says_yes: bool) -> str | None:
    """The session when the proof holds, else None. Raises `LinkClosed`."""
    runtime: Runtime = runtime_of(request)
    if await guest.prove(runtime, caller.guest, last_four=last_four, says_yes=says_yes):
        return session_of(runtime.settings.secrets.session_key, caller.guest.link.code_hash)
    _throttles_of(request).failures_by_address.count(_address(request))
    return None


def _throttles_of(request: Request) -> _Throttles:
    return _throttles.setdefault(runtime_of(request), _Throttles())


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"
