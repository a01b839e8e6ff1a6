"""The agents' part of survey: queue, call and wrap-up pages, and the same as JSON."""

from chassis.web.router import GuardedRouter
from services.survey import agent_api
from services.survey.pages import console, queue


def console_doors() -> GuardedRouter:
    router = GuardedRouter()
    router.include_router(agent_api.router, prefix="/api/v1")
    router.include_router(queue.router)
    router.include_router(console.router)
    return router
