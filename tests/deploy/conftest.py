"""The five services with logins in two ways: as docker-compose.yml runs them, and as processes beside containers."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis.embedded import ports
from chassis.settings import Secrets, Settings, load_settings
from chassis.testing.containers import start_containers
from chassis.testing.infra import CHOICE
from contracts.topics import SERVICES
from launcher.secret_file import write_secrets

ROOT = Path(__file__).parents[2]
INTRUDER = ROOT / "tests" / "deploy" / "intruder.py"
START_SECONDS = 420
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("AFTERCALL_")}


@dataclass(frozen=True)
class Deployment:
    """`webs` by service; `settings` with every secret, for clients outside; `prometheus` where it runs."""

    webs: Mapping[str, str]
    settings: Settings
    command: Callable[..., str]
    intrude: Callable[[], dict[str, str]]
    prometheus: str | None = None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get(CHOICE) == "containers":
        return
    for item in items:
        if item.get_closest_marker("containers"):
            item.add_marker(pytest.mark.skip(reason=f"only with {CHOICE}=containers"))


@pytest.fixture(scope="module", params=["compose", "testcontainers"])
def deployment(request: pytest.FixtureRequest) -> Iterator[Deployment]:
    start = {"compose": _composed, "testcontainers": _beside_containers}[request.param]
    directory = ROOT / ".aftercall" / f"deploy-{uuid4().hex[:8]}"  # a place that the engine can mount
    directory.mkdir(parents=True)
    try:
        with start(directory) as running:
            yield running
    finally:
        shutil.rmtree(directory)


def _run(words: Sequence[str], environment: Mapping[str, str], *, given: str | None = None) -> str:
    done = subprocess.run(
        words, cwd=ROOT, env=environment, input=given, capture_output=True, text=True, timeout=START_SECONDS + 60
    )
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout.strip()


@contextmanager
def _composed(directory: Path) -> Iterator[Deployment]:
    project = directory.name
    at = {name: f"127.0.0.1:{ports.any_free()}" for name in (*SERVICES, "kafka", "prometheus")}
    environment = {
        **ENVIRONMENT,
        **{f"AFTERCALL_{name.upper()}_BIND": place for name, place in at.items()},
        "AFTERCALL_KAFKA_OUTSIDE": at["kafka"],
    }
    compose = ["docker", "compose", "--project-name", project, "--profile", "metrics", "--profile", "tools"]
    tools = [*compose, "run", "--rm", "--no-deps"]
    _run(["docker", "build", "--quiet", "--file", "deploy/Dockerfile", "--tag", "aftercall", "."], environment)
    try:
        up = ["up", "--detach", "--no-build", "--wait", "--wait-timeout", str(START_SECONDS)]
        try:
            _run([*compose, *up, *SERVICES, "prometheus"], environment)
        except AssertionError:
            print(_run([*compose, "logs", "--no-color", "--tail", "30"], environment))  # noqa: T201 - before it is gone
            raise
        content = _run([*tools, "--entrypoint", "cat", "tools", "/run/aftercall/secrets.json"], environment)
        yield Deployment(
            webs={service: f"http://{at[service]}" for service in SERVICES},
            settings=_settings(at["kafka"], Secrets.model_validate_json(content)),
            command=lambda *words: _run([*tools, "tools", *words], environment),
            intrude=lambda: _last_line(
                _run(
                    [*compose, "exec", "-T", "survey", "python", "-", "survey"], environment, given=INTRUDER.read_text()
                )
            ),
            prometheus=f"http://{at['prometheus']}",
        )
    finally:
        _run([*compose, "down", "--volumes", "--timeout", "20"], environment)
        assert _run(["docker", "ps", "-aq", "--filter", f"name={project}"], environment) == ""
        assert _run(["docker", "volume", "ls", "-q", "--filter", f"name={project}"], environment) == ""


@contextmanager
def _beside_containers(directory: Path) -> Iterator[Deployment]:
    file = directory / "admin" / "secrets.json"
    file.parent.mkdir()
    write_secrets(file, directory)
    secrets = Secrets.read(file)
    servers = start_containers(secrets.password_of("aftercall_owner"), guarded=directory)
    environment = {
        **ENVIRONMENT,
        "PYTHONPATH": str(ROOT),
        "AFTERCALL_KAFKA": servers.kafka,
        "AFTERCALL_KAFKA_SECURITY": "SASL_PLAINTEXT",
        "AFTERCALL_DATABASE_URL": servers.owner_dsn,
        "AFTERCALL_SECRETS_FILE": str(file),
    }
    launcher = [sys.executable, "-P", "-m", "launcher"]
    try:
        _run([*launcher, "migrate"], environment)
        port = ports.any_free()
        process = subprocess.Popen([*launcher, "run", *SERVICES, "--port", str(port)], env=environment)
        try:
            web = f"http://127.0.0.1:{port}"
            _until_ready(web, process)
            own = {**environment, "AFTERCALL_SECRETS_FILE": str(directory / "survey" / "secrets.json")}
            yield Deployment(
                webs=dict.fromkeys(SERVICES, web),
                settings=_settings(servers.kafka, secrets),
                command=lambda *words: _run([*launcher, *words], environment),
                intrude=lambda: _last_line(_run([sys.executable, str(INTRUDER), "survey"], own)),
            )
        finally:
            process.terminate()
            assert process.wait(60) == 0
    finally:
        servers.stop()


def _settings(kafka: str, secrets: Secrets) -> Settings:
    return load_settings(
        kafka=kafka, kafka_security="SASL_PLAINTEXT", database_url="postgresql://nowhere/aftercall", secrets=secrets
    )


def _last_line(said: str) -> dict[str, str]:
    told: dict[str, str] = json.loads(said.splitlines()[-1])
    return told


def _until_ready(web: str, process: subprocess.Popen[bytes]) -> None:
    limit = time.monotonic() + START_SECONDS
    while not _answers(f"{web}/readyz"):
        assert process.poll() is None, "the services ended while they were starting"
        assert time.monotonic() < limit, "the services are not ready"
        time.sleep(0.3)


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def within(seconds: float, look: Callable[[], Any]) -> Any:
    """What `look` finds, as soon as it finds something."""
    limit = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < limit, "not seen in time"
        time.sleep(0.5)
    return found


def at_once(coroutine: Any) -> Any:
    return asyncio.run(coroutine)
