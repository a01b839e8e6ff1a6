"""What orchestration and monitoring ask."""

import asyncio

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from chassis.web.router import GuardedRouter, public
from chassis.web.site import site_of

router = GuardedRouter()


@router.get("/healthz", access=public("liveness: says only that the process answers"))
async def healthz() -> Response:
    return JSONResponse({"status": "ok"})


@router.get("/readyz", access=public("readiness: says which part makes no progress, no personal data"))
async def readyz(request: Request) -> Response:
    """503 with the reasons while any service makes no progress."""
    runtimes = site_of(request).runtimes
    answers = await asyncio.gather(*(runtime.ready() for runtime in runtimes.values()))
    reasons = {name: reasons for name, reasons in zip(runtimes, answers, strict=True) if reasons}
    if reasons:
        return JSONResponse({"status": "not ready", "reasons": reasons}, status_code=503)
    return JSONResponse({"status": "ready"})


@router.get("/metrics", access=public("scraped by the monitoring: counts only, no personal data"))
async def metrics() -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
