"""What every request passes before any route: size, origin, language; and the headers every answer gets."""

from urllib.parse import urlsplit

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.web.faults import respond
from chassis.web.gate import SESSION_COOKIE, bearer_of
from chassis.web.i18n import Speech, accepted, known, speech
from chassis.web.i18n import gettext as _
from chassis.web.problems import Problem
from chassis.web.site import Site

BODY_LIMIT = 1_900_000  # 1,000 documents of ordinary length in one request fit, 2 MB do not
FORM_LIMIT = 1 << 20
UPLOAD_LIMIT = 24 << 20  # 50,000 rows of a table
_UPLOADS = ("/imports", "/uploads")  # doors that take whole files end so
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# as they go over the wire: names in small letters
_HEADERS = {
    b"content-security-policy": (
        b"default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
}


class Headers:
    """Adds the security headers; a route's own value for one of them stays."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = dict(message["headers"])
                missing = [(name, value) for name, value in _HEADERS.items() if name not in own]
                message["headers"] = [*message["headers"], *missing]
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class Spoken:
    """Language of the request: ?lang=, cookie, then Accept-Language; the account's comes in at the guard."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self.app = app
        self.site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        scope.setdefault("state", {})
        mark = speech.set(self._speech(request))
        try:
            await self.app(scope, receive, send)
        finally:
            speech.reset(mark)

    def _speech(self, request: Request) -> Speech:
        chosen = known(request.query_params.get("lang")) or known(request.cookies.get("lang"))
        default = known(self.site.settings.language)
        language = chosen or accepted(request.headers.get("accept-language", "")) or default or Speech.language
        return Speech(language=language, chosen=chosen is not None, catalog=self.site.catalog, zone=self.site.zone)


class BodyLimit:
    """413 as soon as the announced or the counted size passes the limit; what is too much is never kept."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        limit = _limit(scope["path"])
        if int(_digits(request.headers.get("content-length"))) > limit:
            response = respond(request, too_large(limit))
            response.headers["Connection"] = "close"
            await response(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise too_large(limit)
            return message

        await self.app(scope, counted, send)


def _limit(path: str) -> int:
    if path.endswith(_UPLOADS):
        return UPLOAD_LIMIT
    return BODY_LIMIT if "/api/" in path else FORM_LIMIT


def too_large(limit: int) -> Problem:
    return Problem(413, _("内容太大"), _("一次最多 {size} KiB。", size=limit // 1024))


def _digits(value: str | None) -> str:
    return value if value is not None and value.isascii() and value.isdigit() else "0"


class SameOrigin:
    """Refuses unsafe requests that another site made. A bearer token exempts: no browser adds one by itself.

    Sec-Fetch-Site decides where the browser sends it, else Origin. Without either the request does not come from
    a browser page of today: it passes only when no session cookie rides with it. `Origin: null` is treated as
    missing, because our own no-referrer pages send it.
    """

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self.app = app
        self.own = urlsplit(site.settings.web_url).netloc

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in _SAFE:
            request = Request(scope)
            if bearer_of(request) is None and not self._ours(request):
                await respond(request, foreign())(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _ours(self, request: Request) -> bool:
        fetched_from = request.headers.get("sec-fetch-site")
        if fetched_from is not None:
            return fetched_from in {"same-origin", "none"}
        origin = request.headers.get("origin", "null")
        if origin != "null":
            return urlsplit(origin).netloc in {self.own, request.headers.get("host", "")}
        return SESSION_COOKIE not in request.cookies


def foreign() -> Problem:
    return Problem(403, _("这个请求来自别的网站"), _("请从本站的页面重新操作。"))
