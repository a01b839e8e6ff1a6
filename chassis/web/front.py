"""The landing page and the way in and out."""

from typing import Annotated

from fastapi import Depends, Form, Request, Response

from chassis.access.person import Person
from chassis.access.roles import Role
from chassis.access.sessions import ABSOLUTE, SignedIn, Throttled, sign_in, sign_out
from chassis.web.filters import duration
from chassis.web.gate import SESSION_COOKIE
from chassis.web.i18n import gettext as _
from chassis.web.navigation import OpenWork
from chassis.web.pages import render, see_other, signed_in
from chassis.web.router import GuardedRouter, public, roles
from chassis.web.site import site_of

router = GuardedRouter()


@router.get("/", access=roles(*Role))
async def landing(request: Request, person: Annotated[Person, Depends(signed_in)]) -> Response:
    site = site_of(request)
    work: list[OpenWork] = []
    for service in site.services:
        if service.open_work is not None:
            work += await service.open_work(site.runtimes[service.name], person)
    work.sort(key=lambda item: not item.urgent)
    return render(request, "landing.html", work=work)


@router.get("/login", access=public("the way in"))
async def login_form(request: Request, next: str = "/") -> Response:
    return render(request, "login.html", login="", after=_inside(next), error=None)


@router.post("/login", access=public("the way in"))
async def login(
    request: Request,
    login: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    after: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    address = request.client.host if request.client else ""
    site = site_of(request)
    async with site.staff_pool.acquire() as connection:
        outcome = await sign_in(connection, login, password, address=address)
    if isinstance(outcome, SignedIn):
        response = see_other(request, _inside(after))
        response.set_cookie(
            SESSION_COOKIE,
            outcome.secret,
            max_age=int(ABSOLUTE.total_seconds()),
            httponly=True,
            samesite="lax",
            secure=site.secure,
        )
        return response
    error = _("登录名或密码不对。")
    status = 401
    if isinstance(outcome, Throttled):
        status, error = 429, _("尝试次数太多，请在 {span} 后再试。", span=duration(outcome.retry_after))
    page = render(request, "login.html", status_code=status, login=login, after=_inside(after), error=error)
    if isinstance(outcome, Throttled):
        page.headers["Retry-After"] = str(int(outcome.retry_after.total_seconds()) + 1)
    return page


@router.post("/logout", access=public("ends a session, needs none"))
async def logout(request: Request) -> Response:
    secret = request.cookies.get(SESSION_COOKIE)
    if secret is not None:
        async with site_of(request).staff_pool.acquire() as connection:
            await sign_out(connection, secret)
    response = see_other(request, "/login")
    response.delete_cookie(SESSION_COOKIE)
    return response


def _inside(path: str) -> str:
    """Only a path of this site: `//host` and `/\\host` would lead a signed-in person away."""
    safe = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if safe else "/"
