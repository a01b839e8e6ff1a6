"""Everybody who lives in the demo's month, and when they next have something to do."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from launcher.demo.agents import Agent
from launcher.demo.crm import Crm
from launcher.demo.customers import Customers
from launcher.demo.departments import DepartmentPerson


@dataclass
class People:
    """`changes(service)` grows whenever that service stored something; people look then, and at their own times."""

    crm: Crm
    customers: Customers
    agents: Sequence[Agent]
    departments: Sequence[DepartmentPerson]
    changes: Callable[[str], int]
    _seen: dict[str, int] = field(default_factory=dict)

    def next_due(self) -> datetime | None:
        dues = [self.crm.next_due(), self.customers.next_due()]
        dues += [agent.next_due() for agent in self.agents] + [person.next_due() for person in self.departments]
        return min((due for due in dues if due is not None), default=None)

    async def act(self, now: datetime) -> int:
        """Everybody does what is due now; how much was done. Zero: nothing is left for this instant."""
        done = await self.crm.act(now)
        done += await self.customers.act(now)
        news = self._news("survey")
        done += sum(await asyncio.gather(*(agent.act(now, news=news) for agent in self.agents)))
        news = self._news("followup")
        done += sum(await asyncio.gather(*(person.act(now, news=news) for person in self.departments)))
        return done

    def _news(self, service: str) -> bool:
        count = self.changes(service)
        is_new = self._seen.get(service) != count
        self._seen[service] = count
        return is_new
