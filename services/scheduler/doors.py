"""Everything that scheduler serves under its path."""

from chassis.web.router import GuardedRouter
from services.scheduler.api import completions, lists, policies, services
from services.scheduler.pages import load, why


def doors() -> GuardedRouter:
    router = GuardedRouter()
    for part in (completions.router, services.router, lists.router, policies.router, why.router, load.router):
        router.include_router(part)
    return router
