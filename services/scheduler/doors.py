"""Everything that scheduler serves under its path."""

from chassis.web.router import GuardedRouter
from services.scheduler.api import completions, lists, policies, services
from services.scheduler.pages import load, whatif, why
from services.scheduler.pages import policies as policy_pages


def doors() -> GuardedRouter:
    router = GuardedRouter()
    parts = (completions, services, lists, policies, why, load, whatif, policy_pages)
    for part in parts:
        router.include_router(part.router)
    return router
