"""The yardstick of the pages: the same form on a bare FastAPI route. It keeps nothing, knows nobody, decides nothing.

Serves the page in the file named by its argument, says its port, and ends when its standard input does.
"""

import asyncio
import sys
from pathlib import Path

import uvloop
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from launcher.bench.worker import ended
from launcher.door import bind, serving


def bare(page: str) -> FastAPI:
    app = FastAPI()

    @app.get("/q/{code}/{n}")
    async def show(code: str, n: int) -> HTMLResponse:
        return HTMLResponse(page)

    @app.post("/q/{code}/{n}")
    async def take(request: Request, code: str, n: int) -> RedirectResponse:
        await request.form()
        return RedirectResponse(f"/q/{code}/{n + 1}", status_code=303)

    return app


async def serve(page: str) -> None:
    with bind(0) as listening:
        async with serving(bare(page), listening) as web:
            print(f"at http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
            await asyncio.wait([web, asyncio.create_task(ended())], return_when=asyncio.FIRST_COMPLETED)


if __name__ == "__main__":
    uvloop.run(serve(Path(sys.argv[1]).read_text()))
