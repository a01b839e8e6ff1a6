"""What a page route needs: its runtime, the person, a rendered template, a redirect."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment

from chassis.access.person import Person
from chassis.runtime import Runtime
from chassis.web.gate import person_of
from chassis.web.i18n import gettext as _
from chassis.web.i18n import known, speech
from chassis.web.navigation import bars
from chassis.web.problems import Problem
from chassis.web.site import site_of

THEMES = frozenset({"light", "dark"})
MOST_FIELDS = 1000
_YEAR = 365 * 86400


def runtime_of(request: Request) -> Runtime:
    """The runtime of the service whose route this is."""
    runtime: Runtime = request.app.state.runtime
    return runtime


async def signed_in(request: Request) -> Person:
    """Dependency: the person the guard admitted."""
    person = person_of(request)
    if person is None:
        raise Problem(401, _("请先登录"), headers={"WWW-Authenticate": "Bearer"})
    return person


def render(
    request: Request,
    template: str,
    *,
    status_code: int = 200,
    private: bool = False,
    now: datetime | None = None,
    **context: Any,
) -> HTMLResponse:
    """The page in the request's language. `private` pages (a customer's) also hide where they were opened from."""
    site = site_of(request)
    if now is not None:
        speech.set(replace(speech.get(), now=now))
    person = person_of(request)
    here = request.url.path
    templates: Environment = request.app.state.templates
    html = templates.get_template(template).render(
        person=person,
        here=here,
        language=speech.get().language,
        theme=_theme(request),
        now=speech.get().instant,
        bars=bars(site.nav, person, here),
        switch=lambda **choice: _address(request, choice),
        **context,
    )
    response = HTMLResponse(html, status_code=status_code, headers={"Cache-Control": "no-store"})
    if private:
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex"
    _remember(request, response, secure=site.secure)
    return response


async def posted(request: Request) -> dict[str, str]:
    """The fields of a form as browsers send one without files; of a name that came twice the last. Raises `Problem`."""
    try:
        return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        raise Problem(400, _("无法读取这个请求")) from None


def see_other(request: Request, path: str) -> Response:
    """After a POST: the browser gets the page by itself, reloading repeats nothing."""
    return RedirectResponse(path, status_code=303)


def _address(request: Request, choice: Mapping[str, str]) -> str:
    """Of this page with another choice; everything else of its query stays."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in choice]
    return f"{request.url.path}?{urlencode([*kept, *choice.items()])}"


def _theme(request: Request) -> str | None:
    theme = request.query_params.get("theme") or request.cookies.get("theme")
    return theme if theme in THEMES else None


def _remember(request: Request, response: Response, *, secure: bool) -> None:
    language = known(request.query_params.get("lang"))
    theme = request.query_params.get("theme")
    chosen = {"lang": language, "theme": theme if theme in THEMES else None}
    for name, value in chosen.items():
        if value is not None:
            response.set_cookie(name, value, max_age=_YEAR, samesite="lax", secure=secure, httponly=True)
