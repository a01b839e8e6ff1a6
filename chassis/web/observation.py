"""Counts and times every request by its route, and turns what nobody caught into an answer."""

from time import perf_counter

from fastapi import Request
from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.web.faults import respond, unexpected
from chassis.web.problems import Problem
from chassis.web.walk import Templates

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
REQUESTS = Counter("aftercall_http_requests_total", "Requests by route and status.", ("method", "route", "status"))
SECONDS = Histogram(
    "aftercall_http_request_seconds",
    "Time until the answer began, by route.",
    ("method", "route"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0),
)


class Observed:
    """The outermost layer. Labels are the route's template, never the path, which holds ids; the class of the status;
    and no method that a visitor made up."""

    def __init__(self, app: ASGIApp, templates: Templates) -> None:
        self.app = app
        self.templates = templates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, method = perf_counter(), str(scope["method"])
        status: int | None = None
        took = 0.0

        async def watched(message: Message) -> None:
            nonlocal status, took
            if message["type"] == "http.response.start":
                status, took = message["status"], perf_counter() - began
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:  # the last one who can answer it
            if status is None:
                request = Request(scope)
                response = respond(request, error) if isinstance(error, Problem) else unexpected(request, error)
                await response(scope, receive, watched)
        route = self.templates.get(scope.get("endpoint"), "other")
        method = method if method in METHODS else "other"
        # nothing was answered: the visitor went away, or the answer broke off before it began
        REQUESTS.labels(method, route, f"{status // 100}xx" if status else "none").inc()
        SECONDS.labels(method, route).observe(took)
