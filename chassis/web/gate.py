"""Who asks, and whether they may enter."""

from collections.abc import Iterable
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from chassis.access.person import Person
from chassis.access.roles import Role
from chassis.access.sessions import person_of_session
from chassis.access.token import person_of_token
from chassis.web.i18n import gettext as _
from chassis.web.i18n import prefer
from chassis.web.problems import Problem, wants_page
from chassis.web.site import site_of
from chassis.web.words import role_word

SESSION_COOKIE = "aftercall_session"


async def identify(request: Request) -> Person | None:
    """A bearer token wins over a cookie: a request that carries one is a machine's."""
    bearer = bearer_of(request)
    session = request.cookies.get(SESSION_COOKIE)
    if bearer is None and session is None:
        return None
    async with site_of(request).staff_pool.acquire() as connection:
        if bearer is not None:
            return await person_of_token(connection, bearer)
        return await person_of_session(connection, session or "")


def bearer_of(request: Request) -> str | None:
    scheme, _space, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


async def admit(request: Request, allowed: Iterable[Role]) -> Response | None:
    """None when the request may go on; else where a person without a session is sent. Raises Problem 401 or 403."""
    person = await site_of(request).identify(request)
    if person is None:
        return _ask_to_sign_in(request)
    request.state.person = person
    prefer(person.language)
    if person.role not in allowed:
        names = _("、").join(role_word(role) for role in Role if role in set(allowed))
        raise Problem(403, _("没有权限"), _("这里对这些角色开放：{roles}。", roles=names))
    return None


def person_of(request: Request) -> Person | None:
    person: Person | None = getattr(request.state, "person", None)
    return person


def _ask_to_sign_in(request: Request) -> Response:
    if not wants_page(request):
        raise Problem(401, _("请先登录"), headers={"WWW-Authenticate": "Bearer"})
    login = "/login"
    if request.method == "GET":
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        login = f"/login?next={quote(here, safe='')}"
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={"HX-Redirect": "/login"})
    return RedirectResponse(login, status_code=303)
