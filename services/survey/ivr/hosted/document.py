"""What a provider is asked to do until it tells us again: sounds, then one thing. Values; a provider renders them."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Listen:
    """While the sounds play and `seconds` longer, for at most so many keys. More than one key: `#` ends them, or
    `pause` seconds without another."""

    seconds: float
    keys: int = 1
    pause: float = 0.0


@dataclass(frozen=True)
class GoOn:
    """Tell us when the sounds are over."""


@dataclass(frozen=True)
class Dial:
    """Ring these at the same time; tell us when the talk is over, or when nobody came."""

    telephones: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class HangUp:
    pass


Then = Listen | GoOn | Dial | HangUp


@dataclass(frozen=True)
class Document:
    """`sounds`: addresses. `following`: the address to which the next thing is told."""

    sounds: tuple[str, ...]
    then: Then
    following: str = ""
    status: str = ""
    caller: str = ""


@dataclass(frozen=True)
class Told:
    """What a request of the provider says. `status`: its own word for how the call stands.

    `cause`: ITU-T Q.850, of a call that is over. `talked`: whether a person took the transferred call.
    """

    call: str
    status: str
    caller: str = ""
    parent: str | None = None
    keys: str = ""
    played: bool = True
    talked: bool = False
    cause: int = 16


@dataclass(frozen=True)
class Order:
    """A request to the provider's REST interface that places one call."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    login: tuple[str, str] | None = None
    form: Mapping[str, str | list[str]] | None = None
    json: Mapping[str, object] | None = None


class NotUnderstood(Exception):
    """A signed request that says nothing of use: which field is missing."""


# RFC 3398, section 8.2.6.1: from a SIP response to a cause of Q.850
_CAUSES = {
    404: 1, 410: 22, 480: 18, 484: 28, 485: 1, 486: 17, 408: 102, 600: 17, 603: 21, 604: 1, 403: 21, 401: 21, 407: 21,
    500: 41, 502: 38, 503: 41, 504: 102,
}  # fmt: skip
_BY_STATUS = {"completed": 16, "busy": 17, "no-answer": 19, "canceled": 16, "failed": 41}
OVER = frozenset(_BY_STATUS)


def cause_of(status: str, sip: int | None) -> int:
    """Of a call that is over. What says nothing of the customer is 41: temporary failure."""
    if status in ("completed", "busy", "no-answer", "canceled"):
        return _BY_STATUS[status]
    return _CAUSES.get(sip or 0, _BY_STATUS["failed"])
