"""Which records are about to be handled, so that one that ends the process again and again is found."""

from collections.abc import Collection, Sequence

from chassis import inbox
from chassis.inbox import Place
from chassis.records import RawRecord
from chassis.runtime import Runtime


class InHand:
    """A process that ends goes on after the offsets that it had committed. The record that ended it lies in the first
    records that its successor reads of a partition; so batches are noted until one of their partition is committed.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._passed: set[Place] = set()

    def passed(self, places: Collection[Place]) -> None:
        """The broker holds an offset of this process for them."""
        self._passed.update(places)

    def given_away(self, places: Collection[Place]) -> None:
        """Others read them from now on, and may end over it."""
        self._passed.difference_update(places)

    async def begin(self, records: Sequence[RawRecord]) -> int:
        """How often the same records were begun without an end, this time included; 0 where nothing is noted."""
        if not (some := self._to_note(records)):
            return 0
        async with self._runtime.reading() as connection:
            return await inbox.note_in_hand(connection, some)

    async def end(self, records: Sequence[RawRecord]) -> None:
        if not (some := self._to_note(records)):
            return
        async with self._runtime.reading() as connection:
            await inbox.note_handled(connection, some)

    def _to_note(self, records: Sequence[RawRecord]) -> list[RawRecord]:
        return [record for record in records if (record.topic, record.partition) not in self._passed]
