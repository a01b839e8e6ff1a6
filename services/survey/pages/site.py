"""What survey shows under /survey: its APIs, the console of the agents, and the pages of the supervisors."""

from chassis.access.roles import Role
from chassis.web.i18n import N_
from chassis.web.router import GuardedRouter
from chassis.webhooks.doors import webhook_doors
from chassis.webhooks.pages import webhook_pages
from services.survey import batch_api, feed, feed_api, imports_api, quality_api, recordings_api, tunes_api
from services.survey.ivr.hosted import doors
from services.survey.pages import console_routes, imports, link_api, quality, recordings, tunes

WEBHOOKS = {feed.RECORDED: N_("回访记录已录入或更正"), feed.VOIDED: N_("回访记录已作废")}


def pages() -> GuardedRouter:
    router = GuardedRouter()
    router.include_router(link_api.router, prefix="/api/v1")
    router.include_router(batch_api.router, prefix="/api/v1")
    router.include_router(quality_api.router, prefix="/api/v1")
    router.include_router(quality.router)
    router.include_router(recordings.router)
    router.include_router(imports_api.router, prefix="/api/v1")
    router.include_router(feed_api.router, prefix="/api/v1")
    router.include_router(recordings_api.router, prefix="/api/v1")
    router.include_router(tunes_api.router, prefix="/api/v1")
    router.include_router(tunes.router)
    router.include_router(webhook_doors(feed.KINDS, Role.CRM, Role.ADMIN), prefix="/api/v1")
    router.include_router(webhook_pages("/survey", WEBHOOKS, Role.ADMIN))
    router.include_router(doors.router, prefix="/calls")
    router.include_router(imports.router)
    router.include_router(console_routes.console_doors())
    return router
