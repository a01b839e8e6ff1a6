import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from chassis.kafka_login import client_arguments, principal_of
from contracts.topics import SERVICES
from tests.deploy.conftest import Deployment, at_once, within

pytestmark = pytest.mark.containers

SEEN_SECONDS = 120


def a_document(number: str) -> dict[str, Any]:
    return {
        "source": "crm-east", "service_id": number, "scenario": "complaint",
        "completed_at": datetime.now(UTC).isoformat(),
        "customer": {"customer_id": f"C-{number}", "phone": "+8613800138077"},
    }  # fmt: skip


def token(deployment: Deployment, *words: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {deployment.command('token', '--role', *words).splitlines()[-1]}"}


async def put(deployment: Deployment, principal: str, topic: str, value: bytes) -> None:
    producer = AIOKafkaProducer(**client_arguments(deployment.settings, principal))
    try:
        await producer.start()
        await producer.send_and_wait(topic, value)
    finally:
        await producer.stop()


def test_a_document_by_http_and_one_by_kafka_become_figures(deployment: Deployment) -> None:
    crm = token(deployment, "crm", "--source", "crm-east")
    scheduler, reporting = deployment.webs["scheduler"], deployment.webs["reporting"]
    answer = httpx.post(
        f"{scheduler}/scheduler/api/v1/service-completions", json=a_document("S-http"), headers=crm, timeout=60
    )
    assert answer.status_code == 202, answer.text
    document = json.dumps(a_document("S-kafka")).encode()
    at_once(put(deployment, principal_of("crm"), "service-completed", document))

    def story(number: str) -> Any:
        told = httpx.get(f"{scheduler}/scheduler/api/v1/services/crm-east/{number}", headers=crm, timeout=60)
        return told.json() if told.status_code == 200 else None

    stories = [within(SEEN_SECONDS, lambda n=number: story(n)) for number in ("S-http", "S-kafka")]
    assert [told["verdict"] for told in stories] == ["selected", "selected"]

    analyst = token(deployment, "analyst")
    period = {"period": stories[0]["period"]}

    def counted() -> bool:
        summary = httpx.get(f"{reporting}/reporting/api/v1/summary", params=period, headers=analyst, timeout=60)
        assert summary.status_code == 200, summary.text
        return sum(row["accepted"] for row in summary.json()["strata"]) == 2

    within(SEEN_SECONDS, counted)


def test_what_a_service_knows_opens_its_own_part_only(deployment: Deployment) -> None:
    assert deployment.intrude() == {
        "own schema": "done",
        "another's schema": "InsufficientPrivilegeError",
        "keys beside their functions": "InsufficientPrivilegeError",
        "another's role": "InvalidPasswordError",
        "write own topic": "done",
        "write another's topic": "TopicAuthorizationFailedError",
        "read own topic": "done",
        "read another's topic": "TopicAuthorizationFailedError",
        "join another's group": "GroupAuthorizationFailedError",
        "another's principal": "SettingsError",
    }


def test_a_crm_writes_intake_topics_only_and_a_stranger_nothing(deployment: Deployment) -> None:
    with pytest.raises(KafkaError):
        at_once(put(deployment, principal_of("crm"), "service-accepted", b"{}"))
    wrong = deployment.settings.model_copy(
        update={
            "secrets": deployment.settings.secrets.model_copy(update={"kafka_passwords": {"aftercall-crm": "guessed"}})
        }
    )
    with pytest.raises(KafkaError):
        at_once(put(Deployment(deployment.webs, wrong, deployment.command, deployment.intrude), "aftercall-crm",
                    "service-completed", b"{}"))  # fmt: skip


def test_prometheus_sees_the_five_services_and_knows_its_rules(deployment: Deployment) -> None:
    if deployment.prometheus is None:
        pytest.skip("Prometheus runs under compose only")

    def all_up() -> bool:
        told = httpx.get(f"{deployment.prometheus}/api/v1/targets", timeout=30).json()["data"]["activeTargets"]
        return sorted(t["labels"]["instance"] for t in told if t["health"] == "up") == sorted(
            f"{service}:8080" for service in SERVICES
        )

    within(SEEN_SECONDS, all_up)
    assert httpx.get(f"{deployment.prometheus}/api/v1/rules", timeout=30).json()["data"]["groups"]


def test_migration_may_run_again(deployment: Deployment) -> None:
    assert "up to date" in deployment.command("migrate")
