"""The part of an exchange that records, for tests in which nothing is recorded."""


class NothingRecorded:
    async def listen_in(self, channel: str, listener: str) -> None: ...

    async def record(self, channel: str, name: str, *, seconds: int) -> None: ...

    async def is_recording(self, name: str) -> bool:
        return False

    async def end_recording(self, name: str) -> None: ...

    async def recorded(self, name: str) -> bytes | None:
        return None

    async def delete_recording(self, name: str) -> None: ...
