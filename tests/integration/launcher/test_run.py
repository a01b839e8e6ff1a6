"""`secrets`, `migrate`, `run` and `dlq` against servers that were there before: the services in two processes."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from aiokafka import AIOKafkaProducer

from chassis.embedded import ports
from chassis.testing.infra import Infra

ROOT = Path(__file__).parents[3]
GROUPS = (("scheduler", "survey"), ("tagging", "followup", "reporting"))
START_SECONDS = 180


class Deployment:
    """Servers of `infra`, own database and secrets; commands run as an operator types them."""

    def __init__(self, infra: Infra, directory: Path, database: str) -> None:
        self.kafka = infra.kafka
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "AFTERCALL_KAFKA": infra.kafka,
            "AFTERCALL_KAFKA_GROUP": f"run-{os.getpid()}",
            "AFTERCALL_DATABASE_URL": database,
            "AFTERCALL_SECRETS_FILE": str(directory / "secrets.json"),
        }

    def command(self, *words: str) -> tuple[int, str, str]:
        done = subprocess.run(self._words(words), env=self._environment, capture_output=True, text=True, timeout=180)
        return done.returncode, done.stdout, done.stderr

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._words(words), env=self._environment)

    @staticmethod
    def _words(words: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-P", "-m", "launcher", *words]


@pytest.fixture(scope="module")
def deployment(infra: Infra, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    database = asyncio.run(infra.new_database())
    made = Deployment(infra, tmp_path_factory.mktemp("deployment"), database)
    yield made


@pytest.fixture(scope="module")
def webs(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    secrets = Path(deployment._environment["AFTERCALL_SECRETS_FILE"])
    assert deployment.command("secrets", str(secrets))[0] == 0
    for _ in range(2):
        code, said, complaint = deployment.command("migrate")
        assert (code, complaint) == (0, ""), complaint
        assert "up to date" in said
    processes, addresses = [], []
    for group in GROUPS:
        port = ports.any_free()
        processes.append(deployment.start("run", *group, "--port", str(port)))
        addresses.append(f"http://127.0.0.1:{port}")
    try:
        _until_ready(addresses)
        yield addresses
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        assert [process.wait(60) for process in processes] == [0, 0]


def _until_ready(addresses: list[str]) -> None:
    limit = time.monotonic() + START_SECONDS
    waiting = list(addresses)
    while waiting:
        assert time.monotonic() < limit, f"not ready: {waiting}"
        try:
            if httpx.get(f"{waiting[0]}/readyz", timeout=5).status_code == 200:
                waiting.pop(0)
        except httpx.TransportError:
            pass
        time.sleep(0.2)


def test_an_existing_secrets_file_is_never_replaced(deployment: Deployment, webs: list[str]) -> None:
    code, _, complaint = deployment.command("secrets", deployment._environment["AFTERCALL_SECRETS_FILE"])
    assert code == 1 and "exists" in complaint


def test_a_revoked_token_is_refused_at_once_and_its_neighbour_is_not(deployment: Deployment, webs: list[str]) -> None:
    door = f"{webs[0]}/scheduler/api/v1/services/crm-south/S-nobody"

    def asked_with(token: str) -> int:
        return httpx.get(door, headers={"Authorization": f"Bearer {token.strip()}"}).status_code

    lost, kept = (deployment.command("token", "--role", "crm", "--source", "crm-south")[1] for _ in range(2))
    assert (asked_with(lost), asked_with(kept)) == (404, 404)
    code, printed, _ = deployment.command("tokens")
    lines = [line for line in printed.splitlines() if "crm crm-south" in line]
    assert (code, len(lines)) == (0, 2) and lost.strip() not in printed
    token_id = lines[0].split()[0]
    code, said, _ = deployment.command("tokens", "--revoke", token_id)
    assert (code, said.split()[0]) == (0, token_id)
    assert (asked_with(lost), asked_with(kept)) == (401, 404)
    code, _, complaint = deployment.command("tokens", "--revoke", token_id)
    assert (code, complaint.count("that is still taken")) == (1, 1)
    assert "revoked" in next(line for line in deployment.command("tokens")[1].splitlines() if token_id in line)


def test_services_in_two_processes_hand_a_document_on(deployment: Deployment, webs: list[str]) -> None:
    _, token, _ = deployment.command("token", "--role", "crm", "--source", "crm-east")
    headers = {"Authorization": f"Bearer {token.strip()}"}
    now = datetime.now(UTC).isoformat()
    document = {
        "source": "crm-east", "service_id": "S-run-1", "scenario": "complaint", "completed_at": now,
        "customer": {"customer_id": "C-run-1", "phone": "+8613800138077"},
    }  # fmt: skip
    door = f"{webs[0]}/scheduler/api/v1/service-completions"
    assert httpx.post(door, json=document, headers=headers).status_code == 202
    story = httpx.get(f"{webs[0]}/scheduler/api/v1/services/crm-east/S-run-1", headers=headers)
    assert story.status_code == 200 and story.json()["verdict"] == "selected"

    _, analyst, _ = deployment.command("token", "--role", "analyst")
    period = story.json()["period"]
    limit = time.monotonic() + 60
    while True:
        summary = httpx.get(
            f"{webs[1]}/reporting/api/v1/summary",
            params={"period": period},
            headers={"Authorization": f"Bearer {analyst.strip()}"},
        )
        assert summary.status_code == 200
        if any(row["accepted"] for row in summary.json()["strata"]):
            return
        assert time.monotonic() < limit, summary.text
        time.sleep(0.3)


def test_a_dead_letter_is_listed_shown_and_stays_dead_while_its_fault_lasts(
    deployment: Deployment, webs: list[str]
) -> None:
    async def publish() -> None:
        producer = AIOKafkaProducer(bootstrap_servers=deployment.kafka)
        await producer.start()
        await producer.send_and_wait("service-completed", b'{"service_id": "S-run-2", "secret": "13800138077"}')
        await producer.stop()

    asyncio.run(publish())
    limit = time.monotonic() + 60
    while not (listed := deployment.command("dlq", "list", "scheduler")[1]):
        assert time.monotonic() < limit
        time.sleep(0.5)
    name, number, *_ = listed.split("\t")
    assert name == "scheduler" and "is required" in listed and "13800138077" not in listed
    shown = json.loads(deployment.command("dlq", "show", "scheduler", number)[1])
    assert "original" not in shown
    opened = json.loads(deployment.command("dlq", "show", "scheduler", number, "--open")[1])
    assert "13800138077" in opened["original"]["value"]
    code, said, _ = deployment.command("dlq", "replay", "scheduler", number)
    assert code == 1 and "still dead" in said
