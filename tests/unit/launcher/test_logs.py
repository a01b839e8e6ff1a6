import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from launcher.logs import FILE_NAME, log_to


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    log_to(tmp_path)
    yield tmp_path / FILE_NAME
    logging.basicConfig(level=level, handlers=before, force=True)
    structlog.reset_defaults()


def lines(log: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_a_client_that_repeats_itself_is_heard_once(log: Path) -> None:
    for _ in range(100):
        logging.getLogger("aiokafka.conn").error("Unable connect to node with id %s: %s", 1, "refused")
        logging.getLogger("services.x").error("ours")
    events = [json.loads(line)["event"] for line in log.read_text().splitlines()]
    assert events.count("Unable connect to node with id 1: refused") == 1
    assert events.count("ours") == 100


def test_the_message_of_an_exception_is_not_logged_but_its_type_and_places_are(log: Path) -> None:
    try:
        try:
            raise KeyError("王小明")
        except KeyError as error:
            raise ValueError("13800138000") from error
    except ValueError:
        structlog.get_logger("chassis.x").exception("handler failed", service="survey")
        logging.getLogger("uvicorn.error").error("Exception in application", exc_info=True)
    ours, theirs = lines(log)
    assert ours["event"] == "handler failed" and ours["service"] == "survey" and ours["level"] == "error"
    for line in (ours, theirs):
        assert "ValueError" in str(line["exception"]) and "KeyError" in str(line["exception"])
        assert "test_logs.py" in str(line["exception"])
    assert "王小明" not in log.read_text() and "13800138000" not in log.read_text()


def test_our_information_is_kept_and_the_libraries_only_from_warnings_on(log: Path) -> None:
    structlog.get_logger("services.survey").info("started")
    structlog.get_logger("services.survey").debug("detail")
    logging.getLogger("aiokafka").info("chatter")
    logging.getLogger("aiokafka").warning("trouble with %s", "node 1")
    assert [line["event"] for line in lines(log)] == ["started", "trouble with node 1"]


def test_the_file_is_private(log: Path) -> None:
    assert log.stat().st_mode & 0o077 == 0
