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
    _all_looked: datetime | None = None

    def next_due(self) -> datetime | None:
        dues = [self.crm.next_due(), self.customers.next_due()]
        dues += [agent.next_due() for agent in self.agents] + [person.next_due() for person in self.departments]
        return min((due for due in dues if due is not None), default=None)

    async def act(self, now: datetime) -> int:
        """Everybody does what is due now; how much was done. Zero: nothing is left for this instant."""
        done = await self.crm.act(now)
        done += await self.customers.act(now)
        done += await self._agents(now)
        news = self._news("followup")
        done += sum(await asyncio.gather(*(person.act(now, news=news) for person in self.departments)))
        return done

    async def _agents(self, now: datetime) -> int:
        """Once an hour everybody looks at the queue when there is news; in between one of each kind looks for all."""
        news = self._news("survey")
        if news and not now.minute and now != self._all_looked:
            self._all_looked = now
            return sum(await asyncio.gather(*(agent.act(now, news=True) for agent in self.agents)))
        groups = [[a for a in self.agents if a.is_senior is senior] for senior in (False, True)]
        return sum(await asyncio.gather(*(_watched(group, now, news=news) for group in groups)))

    def _news(self, service: str) -> bool:
        count = self.changes(service)
        is_new = self._seen.get(service) != count
        self._seen[service] = count
        return is_new


async def _watched(group: Sequence[Agent], now: datetime, *, news: bool) -> int:
    """Who is due acts; of the others the first looks, and calls as many of them as there is work for."""
    due = [agent for agent in group if agent.is_due(now)]
    free = [agent for agent in group if agent not in due and agent.talk is None]
    done = sum(await asyncio.gather(*(agent.act(now, news=False) for agent in due)))
    if not news or not free:
        return done
    lookout, *others = free
    done += await lookout.act(now, news=True)
    called = others[: lookout.left_waiting]
    return done + sum(await asyncio.gather(*(agent.act(now, news=True) for agent in called)))
