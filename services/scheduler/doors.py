"""Everything that scheduler serves under its path."""

from chassis.web.router import GuardedRouter
from services.scheduler.api import completions, lists, policies, services
from services.scheduler.pages import load, whatif, why


def doors() -> GuardedRouter:
    router = GuardedRouter()
    parts = (completions, services, lists, policies, why, load, whatif)
    for part in parts:
        router.include_router(part.router)
    return router
