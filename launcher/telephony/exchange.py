"""A telephone exchange on this machine, for `demo --phone` and the tests: real SIP and RTP, loopback only."""

import asyncio
import secrets
import signal
import socket
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

from chassis.embedded import ports
from chassis.embedded.errors import EmbeddedError
from chassis.embedded.processes import ServerProcess, last_complaint, spawn
from launcher.telephony import configuration
from launcher.telephony.configuration import USER, Ports
from launcher.telephony.found import Program

READY_SECONDS = 60.0
_FOLDERS = ("etc", "var/lib", "var/agi", "var/spool/recording", "var/run", "var/log")


@dataclass(frozen=True)
class LocalExchange:
    """`sip`, `http`: ports on loopback. `password`: of the REST interface."""

    process: ServerProcess
    sip: int
    http: int
    password: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http}"

    async def stop(self) -> None:
        await self.process.stop(signal.SIGTERM)

    def environment(self, *, app: str, sounds: Path) -> dict[str, str]:
        """What the survey service is told of it."""
        told = {
            "URL": self.url, "USER": USER, "PASSWORD": self.password, "APP": app, "SOUNDS": str(sounds),
        }  # fmt: skip
        return {f"AFTERCALL_SURVEY_ARI_{name}": value for name, value in told.items()}


async def start(program: Program, folder: Path, *, app: str, sounds: Path) -> LocalExchange:
    """Ready for calls when it returns; `folder` is absolute. Raises `EmbeddedError`."""
    chosen, password = Ports(sip=_free_udp(), http=ports.any_free(), rtp=_free_udp_block()), secrets.token_urlsafe(18)
    _write(program, folder, chosen, password=password, app=app, sounds=sounds)
    log = folder / "console.log"
    process = spawn(
        "Asterisk", [*program.command, "-C", str(folder / "etc/asterisk.conf"), "-f", "-g"], log=log,
        environment=program.environment, orphan_signal=signal.SIGTERM,
    )  # fmt: skip
    exchange = LocalExchange(process, chosen.sip, chosen.http, password)
    try:
        await _ready(exchange, log)
    except BaseException:
        await exchange.stop()
        raise
    return exchange


def _write(program: Program, folder: Path, chosen: Ports, *, password: str, app: str, sounds: Path) -> None:
    for name in _FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
    written = configuration.files(
        folder, modules=program.modules, data=program.data, ports=chosen, password=password, app=app, sounds=sounds
    )
    for name, content in written.items():
        (folder / "etc" / name).write_text(content)


async def _ready(exchange: LocalExchange, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    async with httpx.AsyncClient(auth=(USER, exchange.password), trust_env=False, timeout=2) as client:
        while time.monotonic() < deadline:
            if not exchange.process.is_running:
                raise EmbeddedError(f"Asterisk ended at once: {last_complaint(_said(log))}.")
            if "Asterisk Ready" in _said(log) and await _answers(client, exchange.url):
                return
            await asyncio.sleep(0.05)
    raise EmbeddedError(f"Asterisk was not ready within {READY_SECONDS:.0f} s; see {log}.")


def _said(log: Path) -> str:
    return log.read_text(errors="replace")


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(f"{url}/ari/asterisk/info")).is_success
    except httpx.HTTPError:
        return False


def _free_udp() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _free_udp_block() -> int:
    """An even port below those that the system gives to others."""
    return 12000 + 2 * secrets.randbelow(8000)
