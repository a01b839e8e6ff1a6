"""The online questionnaire: one question a screen, every step a POST and a redirect; reading a page changes nothing."""

from datetime import timedelta

from fastapi import Request, Response

from chassis.web.i18n import gettext as _
from chassis.web.pages import posted, render, runtime_of, see_other
from chassis.web.router import GuardedRouter, public
from services.survey import guest
from services.survey.guest import LinkClosed
from services.survey.links import WRONG_TRIES, LinkState, reference_of
from services.survey.pages import door, online_steps
from services.survey.pages.door import Caller

OPEN = public(door.REASON)
router = online_steps.router  # its own routes come first: they are asked for most

_STATUS = {LinkState.USED: 410, LinkState.EXPIRED: 410, LinkState.STOPPED: 410, LinkState.LOCKED: 423}


def pages() -> GuardedRouter:
    return router


@router.get("/{code}", access=OPEN)
async def arrive(request: Request, code: str) -> Response:
    caller = await _entered(request, code)
    if isinstance(caller, Response):
        return caller
    if caller.proved and _is_over(caller):
        return see_other(request, f"/q/{code}/thanks")
    if caller.guest.state is not LinkState.LIVE:
        return closed_page(request, code, caller.guest.state, stopped=caller.guest.stopped)
    if caller.proved:
        return see_other(request, f"/q/{code}/{online_steps.position(caller)}")
    return _identity_page(request, code, caller)


@router.post("/{code}", access=OPEN)
async def identify(request: Request, code: str) -> Response:
    form = await posted(request)
    last_four = form.get("last_four", "").strip()
    try:
        caller = await door.enter(request, code)
        if caller.guest.state is not LinkState.LIVE:
            raise LinkClosed(caller.guest.state)
        if caller.guest.by_phone and not (last_four.isdecimal() and len(last_four) == 4):
            return _identity_page(request, code, caller, error=_("请填写四位数字"))
        session = await door.prove(request, caller, last_four=last_four, says_yes=form.get("confirm") == "yes")
        if session is None:
            return await _wrong(request, code)
    except LinkClosed as closed:
        return closed_page(request, code, closed.state)
    response = see_other(request, f"/q/{code}")
    secure = runtime_of(request).settings.web_url.startswith("https:")
    response.set_cookie(
        door.COOKIE, session, path=f"/q/{code}", max_age=int(timedelta(days=4).total_seconds()), httponly=True,
        samesite="lax", secure=secure,
    )  # fmt: skip
    return response


@router.get("/{code}/thanks", access=OPEN)
async def thanks(request: Request, code: str) -> Response:
    caller = await _entered(request, code)
    if isinstance(caller, Response):
        return caller
    interview = caller.guest.interview
    if not caller.proved or interview is None or not _is_over(caller):
        return see_other(request, f"/q/{code}")
    return render(
        request,
        "online_thanks.html",
        private=True,
        now=caller.guest.now,
        code=code,
        reference=reference_of(caller.guest.link.callback_id),
        answered_by=guest.answered_by(runtime_of(request), interview),
        stopped=caller.guest.stopped,
    )


@router.get("/{code}/privacy", access=OPEN)
async def privacy(request: Request, code: str) -> Response:
    return render(request, "online_privacy.html", private=True, code=code)


@router.get("/{code}/stop", access=OPEN)
async def ask_to_stop(request: Request, code: str) -> Response:
    caller = await _entered(request, code)
    if isinstance(caller, Response):
        return caller
    return render(request, "online_stop.html", private=True, code=code, stopped=caller.guest.stopped)


@router.post("/{code}/stop", access=OPEN)
async def stop(request: Request, code: str) -> Response:
    caller = await _entered(request, code)
    if isinstance(caller, Response):
        return caller
    await guest.opt_out(runtime_of(request), caller.guest)
    return see_other(request, f"/q/{code}/stop")


def closed_page(request: Request, code: str, state: LinkState | None, *, stopped: bool = False) -> Response:
    """A link that opens nothing says so kindly, and never what was answered."""
    status = 404 if state is None else _STATUS.get(state, 200)
    return render(
        request, "online_closed.html", status_code=status, private=True, code=code, state=state, stopped=stopped
    )


async def _entered(request: Request, code: str) -> Caller | Response:
    """Who stands at the door, else the page for a link that opens nothing."""
    try:
        return await door.enter(request, code)
    except LinkClosed as closed:
        return closed_page(request, code, closed.state)


async def _wrong(request: Request, code: str) -> Response:
    caller = await door.enter(request, code)
    if caller.guest.state is not LinkState.LIVE:
        return closed_page(request, code, caller.guest.state)
    left = WRONG_TRIES - caller.guest.link.wrong_tries
    return _identity_page(request, code, caller, error=_("和我们登记的不一致，还可以再试 {n} 次", n=left))


def _identity_page(request: Request, code: str, caller: Caller, *, error: str | None = None) -> Response:
    return render(
        request,
        "online_identity.html",
        status_code=422 if error else 200,
        private=True,
        now=caller.guest.now,
        code=code,
        by_phone=caller.guest.by_phone,
        purpose=caller.guest.callback.parts[0].purpose,
        expires_at=caller.guest.link.expires_at,
        error=error,
    )


def _is_over(caller: Caller) -> bool:
    """Submitted; an interview that ended because its link died or was stopped is not."""
    return caller.guest.state is LinkState.USED and caller.guest.has_ended
