"""Some days of a scheduler with everything that can happen to a callback, from one seed."""

from datetime import datetime, timedelta
from random import Random

from chassis.testing.harness import ServiceUnderTest
from contracts.events.intake import ServiceCompleted
from contracts.events.scheduler import CallbackDue
from contracts.events.survey import AttemptClosed
from contracts.vocabulary import AgreedAgent, Channel, CustomerRef, Disposition, NotAttempted, Purpose, ResponseStatus
from tests.integration.scheduler.builders import a_completion, a_request, a_response, an_attempt, an_opt_out

STEP = timedelta(hours=2)
MINUTE = timedelta(minutes=1)
ZONES = ("Asia/Shanghai", "Asia/Shanghai", "Asia/Kathmandu", "America/New_York")
SCENARIOS = ("complaint", "complaint", "after_sale", "installation", "usage", "consultation")
ENDS = (
    Disposition.COMPLETE, Disposition.COMPLETE, Disposition.NO_ANSWER, Disposition.NO_ANSWER, Disposition.BUSY,
    Disposition.SWITCHED_OFF, Disposition.REFUSAL, Disposition.APPOINTMENT, Disposition.BREAK_OFF,
    Disposition.NOT_ATTEMPTED, Disposition.OPTED_OUT,
)  # fmt: skip


class BusyDays:
    def __init__(self, scheduler: ServiceUnderTest, seed: int) -> None:
        self.scheduler, self.chance = scheduler, Random(seed)
        self.told: list[ServiceCompleted] = []
        self._answered = 0
        self._late: list[tuple[datetime, AttemptClosed]] = []

    async def live(self, steps: int, services: int) -> None:
        """So many steps of two hours with so many services each; then everything may run out."""
        for number in range(steps):
            now = await self.scheduler.runtime.now()
            await self.scheduler.receive(*[self._completion(now) for _ in range(services)])
            await self._answer()
            if number % 4 == 2:
                await self._correct(now)
            await self.scheduler.run_until(now + STEP)
        for _ in range(6):
            await self._answer()
            await self.scheduler.run_until(await self.scheduler.runtime.now() + 12 * STEP)

    def _completion(self, now: datetime) -> ServiceCompleted:
        chance = self.chance
        person = chance.randrange(90)
        customer = {"timezone": chance.choice(ZONES), "level": "VIP" if chance.random() < 0.1 else None}
        way = chance.random()
        if way < 0.8:
            customer["phone"] = f"1390013{person:04d}"
        if way > 0.6:
            customer["email"] = f"k{person}@example.com"
        if way > 0.97:
            del customer["email"]
        document = a_completion(
            scenario=chance.choice(SCENARIOS), customer={"phone": None, **customer},
            completed_at=now - chance.randrange(180) * MINUTE,
        )  # fmt: skip
        self.told.append(document)
        return document

    async def _correct(self, now: datetime) -> None:
        for document in self.chance.sample(self.told, 4):
            customer = document.customer.model_copy(update={"email": "neu@example.com"})
            handled = max(document.completed_at, now - 30 * MINUTE)
            await self.scheduler.receive(document.model_copy(update={"customer": customer, "handled_at": handled}))

    async def _answer(self) -> None:
        """Every permit that was released since gets its end, some of them long after."""
        now = await self.scheduler.runtime.now()
        dues = await self.scheduler.sent(CallbackDue)
        for due in dues[self._answered :]:
            if self.chance.random() < 0.04:
                continue
            await self._end(due, now)
        self._answered = len(dues)

    async def _end(self, due: CallbackDue, now: datetime) -> None:
        if due.channel is Channel.EMAIL:
            sent = an_attempt(due, Disposition.DELIVERED, at=now, link_until=now + timedelta(hours=72))
            await self.scheduler.receive(sent)
            if self.chance.random() < 0.4:
                await self.scheduler.receive(a_response(due, at=now))
            return
        end = self.chance.choice(ENDS)
        fields: dict[str, object] = {"agent": "agent-1"}
        if end is Disposition.APPOINTMENT:
            own = self.chance.choice([AgreedAgent.OWN, AgreedAgent.ANY])
            fields |= {"agreed_at": now + timedelta(hours=self.chance.randrange(3, 60)), "agreed_agent": own}
        if end is Disposition.REFUSAL:
            fields["online_consented"] = self.chance.random() < 0.5
        if end is Disposition.NOT_ATTEMPTED:
            fields["not_attempted"] = self.chance.choice([NotAttempted.LATE, NotAttempted.UNCLAIMED])
        attempt = an_attempt(due, end, at=now, **fields)
        if end is not Disposition.COMPLETE:
            await self.scheduler.receive(attempt)
        else:
            await self._complete(due, attempt, now)
        if end is Disposition.OPTED_OUT:
            await self.scheduler.receive(an_opt_out(CustomerRef(due.customer_ref), due.phone_index, now))

    async def _complete(self, due: CallbackDue, attempt: AttemptClosed, now: datetime) -> None:
        status = self.chance.choice([ResponseStatus.COMPLETE, ResponseStatus.COMPLETE, ResponseStatus.PARTIAL])
        response = a_response(due, at=now, status=status)
        events = [attempt, response] if self.chance.random() < 0.5 else [response, attempt]
        for event in events:
            await self.scheduler.receive(event)
        if due.parts[0].purpose is Purpose.SURVEY and self.chance.random() < 0.4:
            begins = now + timedelta(hours=self.chance.randrange(1, 30))
            await self.scheduler.receive(a_request(due, not_before=begins, deadline=begins + timedelta(hours=24)))
