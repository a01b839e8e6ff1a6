from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest
from contracts.events.scheduler import ServiceAccepted

LIST = """customer_id,name,phone,level
C-1,客户甲,13700137011,
C-2,客户乙,,
,客户丙,13700137013,
C-4,客户丁,13700137014,VIP1
"""


async def upload(scheduler: ServiceUnderTest, text: str, scenario: str = "beta") -> tuple[int, list[tuple[int, str]]]:
    client = await scheduler.client(Role.SUPERVISOR)
    answer = await client.post(
        f"/scheduler/api/v1/lists/{scenario}?source=crm-east", files={"file": ("list.csv", text.encode())}
    )
    rows = answer.json().get("rows", [])
    return answer.status_code, [(row["row"], row["verdict"]) for row in rows]


async def test_an_imported_list_has_a_verdict_for_each_row_and_a_repeated_one_changes_nothing(
    scheduler: ServiceUnderTest,
) -> None:
    status, verdicts = await upload(scheduler, LIST)
    assert (status, verdicts) == (202, [(2, "selected"), (3, "selected"), (4, "invalid"), (5, "selected")])
    told = await scheduler.sent(ServiceAccepted)
    assert {one.stratum for one in told} == {"beta/other", "vip"}
    rows = await scheduler.query("SELECT road, explanation FROM completion ORDER BY service_id")
    assert [(row["road"], row["explanation"]) for row in rows] == [
        ("list", None), ("list", "no_contact_data"), ("list", None)]  # fmt: skip
    _, again = await upload(scheduler, LIST)
    assert [verdict for _, verdict in again] == ["duplicate", "duplicate", "invalid", "duplicate"]
    assert len(await scheduler.sent(ServiceAccepted)) == 3


async def test_a_file_that_is_no_list_or_a_scenario_that_nobody_wrote_is_refused(scheduler: ServiceUnderTest) -> None:
    assert (await upload(scheduler, "x\n1\n"))[0] == 422
    assert (await upload(scheduler, LIST, scenario="mystery"))[0] == 422
    agent = await scheduler.client(Role.AGENT)
    answer = await agent.post("/scheduler/api/v1/lists/beta", files={"file": ("list.csv", b"customer_id\nC-1\n")})
    assert answer.status_code == 403
