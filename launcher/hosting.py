"""Services and their pages in this process."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from chassis.host import Host
from chassis.runtime import Runtime, Service, open_runtime
from chassis.settings import Settings
from chassis.stepping import Stepper
from chassis.web.app import create_app
from contracts.publish import asyncapi
from launcher import clockwork
from launcher.collecting import loaded_for_good
from launcher.door import serving


@dataclass(frozen=True)
class Hosted:
    """Services at work, in the order of the data. The web task ends by itself only when it failed."""

    hosts: tuple[Host, ...]
    web: asyncio.Task[None]

    @property
    def runtimes(self) -> dict[str, Runtime]:
        return {host.runtime.name: host.runtime for host in self.hosts}


@asynccontextmanager
async def hosted(
    services: Sequence[Service], settings: Settings, listening: socket.socket, *, stepped: bool = False
) -> AsyncIterator[Hosted]:
    """Pages go first at the end, then the services in the direction of the data, so that each can hand on its last."""
    async with AsyncExitStack() as exits:
        hosts = []
        for service in reversed(services):
            runtime = await open_runtime(service, settings)
            exits.push_async_callback(runtime.close)
            hosts.append(await exits.enter_async_context(Host(runtime)))
        hosts.reverse()
        runtimes = {host.runtime.name: host.runtime for host in hosts}
        doors = [clockwork.door(Stepper(hosts))] if stepped else []
        app = create_app(services, runtimes, settings, asyncapi=json.dumps(asyncapi(), ensure_ascii=False), doors=doors)
        web = await exits.enter_async_context(serving(app, listening))
        exits.enter_context(loaded_for_good())
        yield Hosted(tuple(hosts), web)
