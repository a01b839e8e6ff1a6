"""What survey shows under /survey: the API of the links, the batch door, and the console of the agents."""

from chassis.web.router import GuardedRouter
from services.survey import batch_api
from services.survey.pages import console_routes, link_api


def pages() -> GuardedRouter:
    router = GuardedRouter()
    router.include_router(link_api.router, prefix="/api/v1")
    router.include_router(batch_api.router, prefix="/api/v1")
    router.include_router(console_routes.console_doors())
    return router
