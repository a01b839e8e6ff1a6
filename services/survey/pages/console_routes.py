"""The agents' part of survey: queue, call, records and handbook, the same as JSON, and the supervisor's page."""

from chassis.web.router import GuardedRouter
from services.survey import agent_api, desk_api, records_api, supervision_api
from services.survey.pages import console, desk, handbook, queue, records, supervisor


def console_doors() -> GuardedRouter:
    router = GuardedRouter()
    for api in (agent_api, desk_api, supervision_api, records_api):
        router.include_router(api.router, prefix="/api/v1")
    router.include_router(queue.router)
    router.include_router(desk.router)
    router.include_router(console.router)
    router.include_router(records.router)
    router.include_router(supervisor.router)
    router.include_router(handbook.router)
    return router
