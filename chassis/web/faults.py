"""Every refusal and every fault leaves as an error page for browsers or as problem+json for the rest."""

import traceback
from secrets import token_hex
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from chassis.errors import cannot_be_kept, is_transient
from chassis.web.i18n import gettext as _
from chassis.web.pages import render
from chassis.web.problems import Problem, invalid, wants_page

log = structlog.get_logger(__name__)


def respond(request: Request, problem: Problem, *, code: str | None = None) -> Response:
    if wants_page(request):
        response = render(request, "error.html", status_code=problem.status_code, problem=problem, code=code)
        response.headers.update(problem.headers or {})
        return response
    body: dict[str, Any] = {"type": "about:blank", "title": problem.title, "status": problem.status_code}
    if problem.text:
        body["detail"] = problem.text
    if problem.errors:
        body["errors"] = problem.errors
    if code:
        body["code"] = code
    return JSONResponse(
        body, status_code=problem.status_code, media_type="application/problem+json", headers=problem.headers
    )


def unexpected(request: Request, error: Exception) -> Response:
    """A fault of ours, or data that no column takes. The log tells type and place; the message may quote a customer."""
    code = token_hex(4)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    log.error(
        "request failed", code=code, error=type(error).__name__, file=frame.filename, line=frame.lineno, at=frame.name
    )
    if cannot_be_kept(error):
        problem = Problem(422, _("有些内容不符合要求"), _("里面有不能保存的字符或数值。"))
    elif is_transient(error):
        problem = Problem(503, _("暂时连不上后台"), _("没有完成这一步。请过一会儿重试。"), headers={"Retry-After": "5"})
    else:
        problem = Problem(500, _("这里出了点问题"), _("没有完成这一步，已保存的内容不受影响。请稍后重试。"))
    return respond(request, problem, code=code)


def _titled(error: HTTPException) -> Problem:
    if isinstance(error, Problem):
        return error
    titles = {
        400: _("无法读取这个请求"),
        404: _("没有找到这个页面"),
        405: _("这个地址不接受这种操作"),
        413: _("内容太大"),
    }
    return Problem(error.status_code, titles.get(error.status_code, _("请求没有被接受")), headers=error.headers)


def answer_problems(app: FastAPI) -> None:
    """Installs the handlers; a mounted app needs its own, errors do not cross the mount."""

    async def on_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - the type it is registered for
        return respond(request, _titled(error))

    async def on_invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - the type it is registered for
        return respond(request, invalid(error))

    async def on_fault(request: Request, error: Exception) -> Response:
        return unexpected(request, error)

    app.add_exception_handler(HTTPException, on_problem)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(Exception, on_fault)
