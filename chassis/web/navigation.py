"""What the top bar offers: areas a role may open, and within an area its pages. What a role may not open is absent."""

from collections.abc import Iterable
from dataclasses import dataclass

from chassis.access.person import Person
from chassis.access.roles import Role


@dataclass(frozen=True)
class NavItem:
    """One page in the bars. `area` and `title` are msgids; items of one area share a top-bar entry."""

    area: str
    title: str
    path: str
    roles: frozenset[Role]


@dataclass(frozen=True)
class OpenWork:
    """What waits for this person: shown on the landing page with its count. `title` is a msgid."""

    title: str
    count: int
    path: str
    urgent: bool = False


@dataclass(frozen=True)
class Area:
    title: str
    path: str
    pages: tuple[NavItem, ...]
    current: bool


@dataclass(frozen=True)
class Bars:
    areas: tuple[Area, ...]
    pages: tuple[NavItem, ...]
    page: NavItem | None


def bars(items: Iterable[NavItem], person: Person | None, here: str) -> Bars:
    allowed = [item for item in items if person is not None and person.role in item.roles]
    page = _page_of(allowed, here)
    current = page.area if page else _area_of(allowed, here)
    areas = tuple(_area(title, allowed, current) for title in dict.fromkeys(item.area for item in allowed))
    pages = next((area.pages for area in areas if area.current), ())
    return Bars(areas=areas, pages=pages if len(pages) > 1 else (), page=page)


def _page_of(items: list[NavItem], here: str) -> NavItem | None:
    holding = [item for item in items if here == item.path or here.startswith(item.path.rstrip("/") + "/")]
    return max(holding, key=lambda item: len(item.path), default=None)


def _area_of(items: list[NavItem], here: str) -> str | None:
    mount = here.split("/")[1] if here.count("/") else ""
    return next((item.area for item in items if mount and item.path.split("/")[1] == mount), None)


def _area(title: str, items: list[NavItem], current: str | None) -> Area:
    pages = tuple(item for item in items if item.area == title)
    return Area(title=title, path=pages[0].path, pages=pages, current=title == current)
