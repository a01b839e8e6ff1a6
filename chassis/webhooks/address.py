"""Where a message may go: https to a public address that is looked up once and held on to."""

import asyncio
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit, urlunsplit

LONGEST = 500
# Networks that carry an IPv4 address inside (RFC 6052, 3056): a private one could hide there.
_WRAPPING = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"), IPv6Network("2002::/16"))


class AddressRefused(Exception):
    """Nothing is sent to this address; `rule` says why."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


@dataclass(frozen=True)
class Target:
    """`url` names the address itself, so that nobody can answer the name differently a second time."""

    url: str
    host: str
    server_name: str


def checked_url(url: str, allowed: frozenset[str]) -> SplitResult:
    """The parts of a URL that may be subscribed. Raises `AddressRefused`.

    `allowed`: hosts, or host:port, of the operator's own network: they may be http and private.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressRefused("is no URL") from None
    if len(url) > LONGEST or not url.isascii() or not parts.hostname or any(sign <= " " for sign in url):
        raise AddressRefused(f"must be a URL of at most {LONGEST} plain characters")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise AddressRefused("must not hold a login or a fragment")
    own = is_allowed(parts, allowed)
    if parts.scheme != "https" and not (own and parts.scheme == "http"):
        raise AddressRefused("must begin with https://")
    literal = _literal(parts.hostname)
    if literal is not None and not own and not is_public(literal):
        raise AddressRefused("must not be an address of a private network")
    if port == 0:
        raise AddressRefused("must not name port 0")
    return parts


def is_allowed(parts: SplitResult, allowed: frozenset[str]) -> bool:
    host = parts.hostname or ""
    return host in allowed or f"{host}:{_port(parts)}" in allowed


async def resolved(url: str, allowed: frozenset[str]) -> Target:
    """Looks the name up once. Raises `OSError`, and `AddressRefused` also when one of many addresses is private."""
    parts = checked_url(url, allowed)
    host, port = parts.hostname or "", _port(parts)
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ip_address(entry[4][0]) for entry in found]
    if not is_allowed(parts, allowed) and not all(is_public(address) for address in addresses):
        raise AddressRefused("leads into a private network")
    first = addresses[0]
    place = f"[{first}]:{port}" if isinstance(first, IPv6Address) else f"{first}:{port}"
    pinned = urlunsplit((parts.scheme, place, parts.path or "/", parts.query, ""))
    return Target(pinned, host=parts.netloc, server_name=host)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if any(address in network for network in _WRAPPING):
            return False
    return address.is_global and not address.is_multicast


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)
