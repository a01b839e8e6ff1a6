"""Requests to the broker that aiokafka's administrator lacks.

It knows the records about rights, but its own requests carry one right each; the record about passwords it lacks.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from aiokafka.errors import IncompatibleBrokerVersion
from aiokafka.protocol.api import RequestStruct, Response
from aiokafka.protocol.types import (
    CompactArray,
    CompactBytes,
    CompactString,
    Int8,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)


@dataclass(frozen=True)
class Exactly:
    """A request in this one version of its record."""

    record: RequestStruct

    def prepare(self, spoken: Mapping[int, tuple[int, int]]) -> RequestStruct:
        """aiokafka asks for this with the versions that the broker speaks, by the number of the request."""
        lowest, highest = spoken.get(self.record.API_KEY, (0, -1))
        if not lowest <= self.record.API_VERSION <= highest:
            raise IncompatibleBrokerVersion(f"The broker does not know {type(self.record).__name__}")
        return self.record


class AlterScramResponse_v0(Response):  # type: ignore[misc]
    API_KEY, API_VERSION = 51, 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "results",
            CompactArray(
                ("user", CompactString("utf-8")),
                ("error_code", Int16),
                ("error_message", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class AlterScramRequest_v0(RequestStruct):  # type: ignore[misc]
    API_KEY, API_VERSION = 51, 0
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = AlterScramResponse_v0
    SCHEMA = Schema(
        (
            "deletions",
            CompactArray(("name", CompactString("utf-8")), ("mechanism", Int8), ("tags", TaggedFields)),
        ),
        (
            "upsertions",
            CompactArray(
                ("name", CompactString("utf-8")),
                ("mechanism", Int8),
                ("iterations", Int32),
                ("salt", CompactBytes),
                ("salted_password", CompactBytes),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )
