"""What each service tells the monitoring about its own work."""

from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import REGISTRY, Counter

from chassis.metrics import Board
from chassis.runtime import Service
from chassis.testing.harness import ServiceUnderTest, running
from chassis.testing.infra import Infra
from launcher.catalog import load_services
from services.followup.app import SERVICE as FOLLOWUP
from services.followup.metrics import CASES_OPEN, CASES_OVERDUE, PROMISES_OPEN, PROMISES_OVERDUE

NOW = datetime(2026, 11, 18, 2, 24, tzinfo=UTC)
MEASURING = [service for service in load_services() if service.figures]


@pytest.mark.parametrize("service", MEASURING, ids=lambda service: service.name)
async def test_figures_of_an_empty_service_can_be_shown(service: Service, infra: Infra) -> None:
    assert service.figures is not None
    async with running(service, infra, now=NOW) as running_service, running_service.runtime.reading() as connection:
        figures = await service.figures(connection, NOW)
    board = Board()
    board.show(figures)
    assert {value for values in figures.values() for value in values.values()} <= {0}
    board.clear()


async def test_cases_and_promises_are_told_by_department_and_made_up_departments_as_one(infra: Infra) -> None:
    async with running(FOLLOWUP, infra, now=NOW) as followup:
        for number, (department, hours, state) in enumerate(
            [
                ("repair", -1, "open"),
                ("repair", 5, "open"),
                ("repair", -9, "closed"),
                ("x1", 1, "open"),
                ("x2", -1, "open"),
            ]
        ):
            due = NOW + timedelta(hours=hours)
            await _case(followup, f"case-{number}", department, due, state)
            await _promise(followup, f"promise-{number}", department, due, "kept" if state == "closed" else state)
        async with followup.runtime.reading() as connection:
            assert FOLLOWUP.figures is not None
            figures = await FOLLOWUP.figures(connection, NOW)
    expected = {("repair",): 2, ("other",): 2}, {("repair",): 1, ("other",): 1}
    assert (figures[CASES_OPEN], figures[CASES_OVERDUE]) == expected
    assert (figures[PROMISES_OPEN], figures[PROMISES_OVERDUE]) == expected


async def _case(followup: ServiceUnderTest, case_id: str, department: str, due: datetime, state: str) -> None:
    await followup.query(
        """
        INSERT INTO case_file (case_id, item_id, response_id, customer_ref, completion_ref, department, codes, severity,
            state, opened_at, policy_due_at, due_at, calendar_version, changed_at, revision, evidence, reopened)
        VALUES ($1, $1, $1, 'c', 'c', $2, '{}', 'normal', $4, $3, $3, $3, '1', $3, 1, '{}', 0)
        """,
        case_id, department, due, state,
    )  # fmt: skip


async def _promise(followup: ServiceUnderTest, promise_id: str, department: str, due: datetime, state: str) -> None:
    await followup.query(
        """
        INSERT INTO promise (promise_id, response_id, customer_ref, completion_ref, department, what, due_at, made_at,
            made_by, ask_at, changed_at, state, revision)
        VALUES ($1, $1, 'c', 'c', $2, 'sealed', $3, $3, 'agent', $3, $3, $4, 1)
        """,
        promise_id, department, due, state,
    )  # fmt: skip


async def test_what_was_rolled_back_is_not_counted_and_lateness_is_told_at_the_commit(infra: Infra) -> None:
    counter = Counter("planted_things", "Planted.", registry=None)

    def observed() -> float:
        labels = {"service": "followup", "timer": "planted"}
        return REGISTRY.get_sample_value("aftercall_timer_lateness_seconds_sum", labels) or 0.0

    async with running(FOLLOWUP, infra, now=NOW) as followup:
        with pytest.raises(ZeroDivisionError):
            async with followup.runtime.transaction() as tx:
                tx.count(counter, 5)
                tx.took("planted", [NOW - timedelta(seconds=70)])
                raise ZeroDivisionError
        before = (counter._value.get(), observed())
        async with followup.runtime.transaction() as tx:
            tx.count(counter, 2)
            tx.took("planted", [NOW - timedelta(seconds=70), NOW + timedelta(seconds=5)])
            assert counter._value.get() == 0
    assert before == (0, 0.0)
    assert (counter._value.get(), observed()) == (2, 70.0)
