"""What the terminal shows: the month day by day, the score, the addresses and logins."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from chassis.access.roles import Role
from launcher.accounts import FIRST_ACCOUNT
from launcher.demo.calendar import BEGIN, CLOSED, LAST_DAY_HEARD, ZONE
from launcher.demo.people import People
from launcher.demo.scene import Scene
from launcher.demo.score import Line
from launcher.demo.staff import Account

_WEEKDAYS = "一二三四五六日"


class Screen:
    """One line a day; plain text where the output is no terminal."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        self._day: object = None

    def opening(self, services: int) -> None:
        self.console.print(
            f"[bold]Aftercall[/bold]  {services} 次服务，2026 年 10 月。所有客户、电话、邮箱、工号和话语都是虚构的。\n"
            "All customers, numbers, addresses and words are invented.\n"
            "正在启动 PostgreSQL、Kafka 和五个服务；第一次运行要下载 Kafka，请稍候。",
            soft_wrap=True,
        )

    def day(self, now: datetime, people: People, answered: int) -> None:
        """Called at each instant; prints once a day, and once a week after the month."""
        local = now.astimezone(ZONE)
        if local.date() == self._day or (now > LAST_DAY_HEARD and local.weekday() and now < CLOSED):
            return
        self._day = local.date()
        if now == BEGIN:
            return
        calls = sum(agent.calls for agent in people.agents)
        self.console.print(
            f"{local:%m-%d} 周{_WEEKDAYS[local.weekday()]}"
            f"  单据 {people.crm.published:>5}  通话 {calls:>4}  答卷 {answered:>4}"
        )

    def score(self, lines: Sequence[Line]) -> None:
        """One line for each planted fact, however narrow the terminal is."""
        self.console.print("\n[bold]埋下的事实，与系统给出的[/bold]")
        for line in lines:
            mark = "[green]✓[/green]" if line.holds else "[red]✗[/red]"
            words = f"{mark} {line.name}：{escape(line.found)}  [dim]真值 {escape(line.planted)}[/dim]"
            self.console.print(words, soft_wrap=True)
        wrong = sum(not line.holds for line in lines)
        words = f"{len(lines) - wrong} / {len(lines)} 个埋下的事实被找到。"
        self.console.print(f"[bold]{words}[/bold]" if not wrong else f"[bold red]{words}[/bold red]")

    def reports(self, files: Sequence[Path], *, kept: bool) -> None:
        """Where the month's report lies. `kept`: the files outlive this line."""
        for file in files:
            self.console.print(f"报告  {file}" if kept else f"报告  {file.name}（--data 会留下文件）", soft_wrap=True)

    def house(self, scene: Scene, links: Sequence[str], *, kept: bool) -> None:
        """Where everything is, and who may sign in. `kept`: the data outlives the run."""
        addresses = scene.stack.addresses
        self.console.print(
            f"\n网页 {addresses.web}    Kafka {addresses.kafka}    文档 {addresses.web}/docs", soft_wrap=True
        )
        table = Table("登录名", "密码", "姓名", "角色", title="登录（只在这次运行有效）", title_justify="left")
        for account in (first_account(scene), *scene.staff):
            if account is not None:
                table.add_row(account.login, account.password, account.name, account.role.value)
        self.console.print(table)
        for link in links:
            self.console.print(f"新的问卷链接  {link}", soft_wrap=True)
        self.console.print(
            f"业务时钟从 2026-12-01 起按真实速度走。按 Ctrl-C 结束，数据{'会保留' if kept else '随之删除'}。"
        )


def first_account(scene: Scene) -> Account | None:
    """The administrator that every new stack has."""
    data = scene.stack.settings.data_dir
    if data is None or not (data / FIRST_ACCOUNT).exists():
        return None
    found = json.loads((data / FIRST_ACCOUNT).read_text())
    return Account(found["login"], "管理员", Role.ADMIN, found["password"])
