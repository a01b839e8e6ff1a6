"""Everybody who lives in the demo's month, and when they next have something to do."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from launcher.demo.agents import Agent
from launcher.demo.crm import Crm
from launcher.demo.customers import Customers
from launcher.demo.departments import DepartmentPerson
from launcher.demo.librarian import Librarian

_OWN_CALLS_AT = 10
"""Minutes past the hour: shortly after departments have asked for calls."""


@dataclass
class People:
    """`changes(service)` grows whenever that service stored something; people look then, and at their own times."""

    crm: Crm
    customers: Customers
    agents: Sequence[Agent]
    departments: Sequence[DepartmentPerson]
    librarian: Librarian
    changes: Callable[[str], int]
    _seen: dict[str, int] = field(default_factory=dict)

    def next_due(self) -> datetime | None:
        dues = [self.crm.next_due(), self.customers.next_due(), self.librarian.next_due()]
        dues += [agent.next_due() for agent in self.agents] + [person.next_due() for person in self.departments]
        return min((due for due in dues if due is not None), default=None)

    async def act(self, now: datetime) -> int:
        """Everybody does what is due now; how much was done. Zero: nothing is left for this instant."""
        done = await self.crm.act(now)
        done += await self.customers.act(now)
        done += await self._agents(now)
        done += await self.librarian.act(now)
        news = self._news("followup")
        done += sum(await asyncio.gather(*(person.act(now, news=news) for person in self.departments)))
        return done

    async def _agents(self, now: datetime) -> int:
        """Seniors and the others apart: they take different calls."""
        news = self._news("survey")
        rooms = [[a for a in self.agents if a.is_senior is senior] for senior in (False, True)]
        return sum(await asyncio.gather(*(_in_room(room, now, news=news) for room in rooms)))

    def _news(self, service: str) -> bool:
        count = self.changes(service)
        is_new = self._seen.get(service) != count
        self._seen[service] = count
        return is_new


async def _in_room(agents: Sequence[Agent], now: datetime, *, news: bool) -> int:
    """Agents who sit together: one looks at the queue and calls out what waits, each who is free takes one."""
    done = sum(await asyncio.gather(*(agent.end_call(now) for agent in agents)))
    wanted = news and now.minute == _OWN_CALLS_AT
    own = [agent for agent in agents if agent.talk is None and (agent.keeps_appointment(now) or wanted)]
    done += sum(await asyncio.gather(*(_own_call(agent, now) for agent in own)))
    free = [agent for agent in agents if agent.talk is None]
    if free and (news or done or any(agent.looks_at and agent.looks_at <= now for agent in free)):
        offered = await free[0].look()
        for agent in free[1:]:
            agent.looks_at = None
        pairs = zip(free, offered, strict=False)
        done += sum(await asyncio.gather(*(agent.call(row["callback_id"], now) for agent, row in pairs)))
    return done


async def _own_call(agent: Agent, now: datetime) -> int:
    """A customer who is called a second time hears the same voice, where it is free."""
    own = next((row for row in await agent.look() if row["reserved"]), None)
    return await agent.call(own["callback_id"], now) if own else 0
