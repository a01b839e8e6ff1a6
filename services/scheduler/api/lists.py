"""Lists of customers by HTTP: the file, and a verdict for each of its rows."""

from dataclasses import asdict
from typing import Annotated

from fastapi import Query, Request, UploadFile
from pydantic import BaseModel

from chassis.access.roles import Role
from chassis.web.i18n import gettext as _
from chassis.web.pages import runtime_of
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, roles
from contracts.vocabulary import SourceName
from services.scheduler.handlers.listing import take_list
from services.scheduler.lists import ListRefused

router = GuardedRouter(prefix="/api/v1")


class ListRowOut(BaseModel):
    """`row` as the table counts, the heading is 1."""

    row: int
    service_id: str | None
    verdict: str
    reason: str | None


class ListTaken(BaseModel):
    rows: tuple[ListRowOut, ...]


@router.post("/lists/{scenario}", access=roles(Role.SUPERVISOR, Role.ADMIN), status_code=202)
async def take(
    request: Request, scenario: str, file: UploadFile, source: Annotated[SourceName, Query()] = "crm"
) -> ListTaken:
    """A CSV or .xlsx with customer_id, and name, phone, email, level, timezone, service_type, product, since."""
    try:
        verdicts = await take_list(runtime_of(request), await file.read(), scenario=scenario, source=source)
    except ListRefused as error:
        raise Problem(422, _("这份名单不能导入"), str(error)) from None
    return ListTaken(rows=tuple(ListRowOut(**asdict(verdict)) for verdict in verdicts))
