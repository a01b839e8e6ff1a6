"""The one who asks: a signed-in member of staff, or a machine with a bearer token."""

from dataclasses import dataclass
from uuid import UUID

from chassis.access.roles import Role


@dataclass(frozen=True)
class Person:
    id: UUID
    login: str
    name: str
    role: Role
    department: str | None = None
    skills: tuple[str, ...] = ()
    language: str = "zh-CN"
    source: str | None = None
    by_token: bool = False
