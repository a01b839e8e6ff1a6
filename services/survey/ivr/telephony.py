"""The worker as a task of the service: it begins again when the exchange was away."""

import asyncio

import structlog

from chassis.runtime import Runtime, Task
from services.survey.ivr import ari, settings
from services.survey.ivr.desk import Desk
from services.survey.ivr.exchange import ExchangeError
from services.survey.ivr.recorder import Recorder
from services.survey.ivr.settings import Telephony
from services.survey.ivr.sounds import Sounds
from services.survey.ivr.worker import TakenOver, Worker
from services.survey.metrics import EXCHANGE_LOST, EXCHANGE_TAKEN

log = structlog.get_logger(__name__)


async def telephony(runtime: Runtime) -> None:
    """The task of the service; see `serve`."""
    await serve(runtime, settings.read())


async def serve(runtime: Runtime, given: Telephony) -> None:
    """Works until the exchange goes away (`ExchangeError`). Once taken over it does nothing any more."""
    assert given.sounds is not None, "settings demand it"  # noqa: S101
    try:
        async with ari.opened(given) as (exchange, told):
            recorder = Recorder(runtime, exchange, given.app)
            desk = Desk(runtime, exchange, given, Sounds(given.sounds), recorder)
            EXCHANGE_LOST.set(0)
            await Worker(desk).run(told)
    except TakenOver:
        EXCHANGE_TAKEN.set(1)
        log.error("another client took the application name: give each worker its own", app=given.app)
        runtime.checks.append(_taken_over)
    except ExchangeError:
        EXCHANGE_LOST.set(1)
        raise
    await asyncio.Event().wait()


async def _taken_over() -> list[str]:
    return ["survey: another client took the application name at the exchange; give each worker its own and restart"]


TASKS = (Task("telephony", telephony, wanted=settings.wanted),)
