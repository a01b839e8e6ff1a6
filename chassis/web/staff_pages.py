"""Accounts of staff, and the audit trail: who saw whom."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Form, Query, Request, Response

from chassis.access import audit
from chassis.access.accounts import (
    SHORTEST_PASSWORD,
    AccountRefused,
    create_account,
    list_accounts,
    set_disabled,
    set_password,
)
from chassis.access.person import Person
from chassis.access.roles import STAFF, Role
from chassis.web.i18n import CHINESE, N_
from chassis.web.i18n import gettext as _
from chassis.web.navigation import NavItem
from chassis.web.pages import render, see_other, signed_in
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, roles
from chassis.web.site import site_of

ACCOUNTS = "/staff/accounts"
_AUDIT_PAGE = 50
NAV = (
    NavItem(area=N_("人员"), title=N_("账号"), path=ACCOUNTS, roles=frozenset({Role.ADMIN})),
    NavItem(area=N_("人员"), title=N_("查看记录"), path="/staff/audit", roles=frozenset({Role.ADMIN, Role.AUDITOR})),
)
router = GuardedRouter()
Admin = Annotated[Person, Depends(signed_in)]


@router.get(ACCOUNTS, access=roles(Role.ADMIN))
async def accounts(request: Request) -> Response:
    return await _accounts_page(request, form={}, errors={})


@router.post(ACCOUNTS, access=roles(Role.ADMIN))
async def add_account(
    request: Request,
    person: Admin,
    login: Annotated[str, Form(max_length=100)] = "",
    name: Annotated[str, Form(max_length=100)] = "",
    role: Annotated[Role, Form()] = Role.AGENT,
    department: Annotated[str, Form(max_length=100)] = "",
    skills: Annotated[str, Form(max_length=500)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    try:
        async with site_of(request).staff_pool.acquire() as connection, connection.transaction():
            account_id = await create_account(
                connection,
                login=login,
                name=name,
                role=role,
                password=password,
                department=department.strip() or None,
                skills=[skill.strip() for skill in skills.replace("，", ",").split(",") if skill.strip()],
                language=CHINESE,
            )
            await audit.record(connection, person, action="account-created", subject=f"account:{account_id}")
    except AccountRefused as refused:
        form = {"login": login, "name": name, "role": role, "department": department, "skills": skills}
        return await _accounts_page(request, form=form, errors={refused.field: _reason(refused.rule)})
    return see_other(request, ACCOUNTS)


@router.post(ACCOUNTS + "/{account_id}/disabled", access=roles(Role.ADMIN))
async def disable(request: Request, person: Admin, account_id: UUID, disabled: Annotated[bool, Form()]) -> Response:
    if account_id == person.id:
        raise Problem(409, _("不能停用自己的账号"))
    async with site_of(request).staff_pool.acquire() as connection, connection.transaction():
        if not await set_disabled(connection, account_id, disabled=disabled):
            raise Problem(404, _("没有这个账号"))
        action = "account-disabled" if disabled else "account-enabled"
        await audit.record(connection, person, action=action, subject=f"account:{account_id}")
    return see_other(request, ACCOUNTS)


@router.post(ACCOUNTS + "/{account_id}/password", access=roles(Role.ADMIN))
async def new_password(
    request: Request, person: Admin, account_id: UUID, password: Annotated[str, Form(max_length=1000)] = ""
) -> Response:
    try:
        async with site_of(request).staff_pool.acquire() as connection, connection.transaction():
            if not await set_password(connection, account_id, password):
                raise Problem(404, _("没有这个账号"))
            await audit.record(connection, person, action="password-set", subject=f"account:{account_id}")
    except AccountRefused as refused:
        raise Problem(422, _reason(refused.rule), errors=[{"field": "password", "rule": refused.rule}]) from refused
    return see_other(request, ACCOUNTS)


@router.get("/staff/audit", access=roles(Role.ADMIN, Role.AUDITOR))
async def audit_trail(
    request: Request,
    before: Annotated[int | None, Query(ge=1)] = None,
    actor: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    async with site_of(request).staff_pool.acquire() as connection:
        entries = await audit.page_of_audit(connection, before=before, limit=_AUDIT_PAGE + 1, actor=actor or None)
    older = entries[_AUDIT_PAGE - 1].position if len(entries) > _AUDIT_PAGE else None
    return render(request, "audit.html", entries=entries[:_AUDIT_PAGE], older=older, actor=actor, actions=ACTIONS)


ACTIONS = {
    "account-created": N_("新建账号"),
    "account-disabled": N_("停用账号"),
    "account-enabled": N_("启用账号"),
    "password-set": N_("重设密码"),
    "revealed": N_("查看客户信息"),
    "exported": N_("导出"),
    "number dialled": N_("拨打时查看号码"),
    "number revealed": N_("查看完整号码"),
    "records exported": N_("导出回访记录"),
    "replayed": N_("重放死信"),
    "record-kept": N_("保留有疑点的记录"),
    "record-voided": N_("作废记录"),
    "records-read": N_("读取回访记录"),
    "import-uploaded": N_("上传回答"),
    "import-committed": N_("提交导入的回答"),
    "recording-heard": N_("听录音"),
    "recording-linked": N_("登记录音"),
    "recording-removed": N_("删除录音链接"),
    "webhook-subscribed": N_("新建推送订阅"),
    "webhook-changed": N_("更改推送订阅"),
    "webhook-secret": N_("更换推送密钥"),
    "webhook-replayed": N_("重放推送"),
}


async def _accounts_page(request: Request, *, form: dict[str, str], errors: dict[str, str]) -> Response:
    async with site_of(request).staff_pool.acquire() as connection:
        known = await list_accounts(connection)
    return render(
        request,
        "accounts.html",
        status_code=422 if errors else 200,
        accounts=known,
        form={"login": "", "name": "", "role": Role.AGENT, "department": "", "skills": "", **form},
        errors=errors,
        people=[role for role in Role if role in STAFF],
        shortest=SHORTEST_PASSWORD,
    )


def _reason(rule: str) -> str:
    return {
        "required": _("请填写"),
        "taken": _("这个登录名已经有人用了"),
        "too_short": _("密码至少 {n} 个字符", n=SHORTEST_PASSWORD),
    }[rule]
