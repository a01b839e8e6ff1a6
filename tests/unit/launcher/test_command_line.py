import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def aftercall(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AFTERCALL_")}
    return subprocess.run(
        [sys.executable, "-P", "-m", "launcher", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**inherited, "PYTHONPATH": str(ROOT), **environment},
    )


def assert_one_sentence(done: subprocess.CompletedProcess[str], words: str) -> None:
    assert done.returncode == 1
    assert done.stdout == ""
    assert words in done.stderr
    assert done.stderr.startswith("aftercall: ") and done.stderr.count("\n") == 1


def test_help_names_every_command() -> None:
    shown = aftercall("--help").stdout
    for command in ("demo", "up", "run", "migrate", "token", "dlq", "test"):
        assert command in shown


def test_an_unknown_service_is_one_sentence() -> None:
    assert_one_sentence(aftercall("run", "billing"), "There is no service billing; there are scheduler, survey")


def test_a_token_without_a_running_stack_is_one_sentence(tmp_path: Path) -> None:
    done = aftercall("token", "--role", "crm", "--source", "crm", "--data", str(tmp_path))
    assert_one_sentence(done, f"Nothing runs on {tmp_path}")


def test_a_missing_setting_is_one_sentence() -> None:
    assert_one_sentence(aftercall("migrate"), "AFTERCALL_SECRETS_FILE")


def test_a_taken_port_is_one_sentence_and_nothing_is_written(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        done = aftercall("up", "--data", str(tmp_path / "data"), "--port", str(taken))
    assert_one_sentence(done, f"Port {taken} on 127.0.0.1, wanted for the web pages, cannot be used")
    assert not (tmp_path / "data").exists()


def test_a_policy_that_contradicts_itself_starts_nothing(tmp_path: Path) -> None:
    policies = tmp_path / "policies"
    policies.mkdir()
    packaged = (ROOT / "services/scheduler/scenarios/after_sale.toml").read_text()
    (policies / "after_sale.toml").write_text(packaged.replace("deadline_hours = 24", "deadline_hours = 0"))
    done = aftercall("run", "scheduler", AFTERCALL_SCHEDULER_POLICIES=str(policies))
    assert_one_sentence(done, f"{policies / 'after_sale.toml'}:")
    assert "window" in done.stderr


@pytest.mark.parametrize("role", ["nobody", "crm"])
def test_a_refused_token_prints_no_token(role: str, tmp_path: Path) -> None:
    assert aftercall("token", "--role", role, "--data", str(tmp_path)).stdout == ""
