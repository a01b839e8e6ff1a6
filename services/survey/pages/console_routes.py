"""The agents' part of survey: queue, call and wrap-up pages, and the same as JSON."""

from chassis.web.router import GuardedRouter
from services.survey import agent_api


def console() -> GuardedRouter:
    router = GuardedRouter()
    router.include_router(agent_api.router, prefix="/api/v1")
    return router
