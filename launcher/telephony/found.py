"""Where an Asterisk is: installed, unpacked before, or fetched from Debian and unpacked beside the system."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PREFIX = "AFTERCALL_ASTERISK"
"""Names a directory into which Asterisk's packages are or shall be unpacked."""
REQUIRED = "AFTERCALL_TEST_PHONE"
"""`required`: a machine without an exchange fails the tests of telephony instead of leaving them out."""
SUITE = "forky"  # bookworm has no Asterisk
FETCH_SECONDS = 300
_TRIPLET = "x86_64-linux-gnu"
_APT = """Dir::Etc::sourcelist "{at}/sources.list";
Dir::Etc::sourceparts "{at}/none";
Dir::Etc::preferencesparts "{at}/none";
Dir::State::lists "{at}/lists";
Dir::State::status "{at}/status";
Dir::Cache "{at}/cache";
Acquire::Languages "none";
APT::Install-Recommends "false";
APT::Sandbox::User "";
Debug::NoLocking "true";
Acquire::Retries "3";
"""


class NoExchange(Exception):
    """One sentence: why there is no Asterisk, and what to do."""


@dataclass(frozen=True)
class Program:
    """How Asterisk is started. `command`: before its arguments; `modules` and `data`: its own folders."""

    command: tuple[str, ...]
    modules: Path
    data: Path
    environment: Mapping[str, str] = field(default_factory=dict)


def find() -> Program:
    """Installed, or in the cache. Raises `NoExchange`."""
    installed = shutil.which("asterisk") or shutil.which("asterisk", path="/usr/sbin:/usr/local/sbin")
    if installed:
        return Program((installed,), _modules(Path("/usr/lib")), Path("/usr/share/asterisk"))
    root = cache() / "root"
    if not (root / "usr/sbin/asterisk").exists():
        raise NoExchange(
            f"There is no Asterisk on this machine: install the package asterisk, or run "
            f"`./aftercall exchange --fetch`, which unpacks it into {cache()} and changes nothing else."
        )
    return _unpacked(root)


def cache() -> Path:
    if named := os.environ.get(PREFIX):
        return Path(named).absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "aftercall" / "asterisk"


def fetch() -> Program:
    """Asterisk with every library it needs, its own libc too; the system's packages stay as they are.

    Raises `NoExchange` when the mirror that the system's apt uses cannot be reached or has no such suite.
    """
    for tool in ("apt-get", "dpkg"):
        if shutil.which(tool) is None:
            raise NoExchange(f"There is no {tool}: Asterisk can be fetched on Debian and its kin only.")
    at = cache()
    for folder in ("lists/partial", "cache/archives/partial", "none", "root"):
        (at / folder).mkdir(parents=True, exist_ok=True)
    (at / "status").touch()
    key = "/usr/share/keyrings/debian-archive-keyring.gpg"
    (at / "sources.list").write_text(f"deb [signed-by={key}] {_mirror()} {SUITE} main\n")
    (at / "apt.conf").write_text(_APT.format(at=at))
    _run(["apt-get", "-qq", "update"], at)
    _run(["apt-get", "-qq", "-y", "--download-only", "install", "asterisk"], at)
    unfinished = at / "unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    for package in sorted((at / "cache/archives").glob("*.deb")):
        _run(["dpkg", "-x", str(package), str(unfinished)], at)
    shutil.rmtree(at / "root", ignore_errors=True)
    unfinished.rename(at / "root")  # whole or not at all
    shutil.rmtree(at / "cache", ignore_errors=True)
    return _unpacked(at / "root")


def _unpacked(root: Path) -> Program:
    library = root / "usr/lib" / _TRIPLET
    loaders = [root / "usr/lib64/ld-linux-x86-64.so.2", library / "ld-linux-x86-64.so.2"]
    loader = next((one for one in loaders if one.exists()), None)
    if loader is None:
        raise NoExchange(f"{root} holds no loader for this machine: remove the directory and fetch again.")
    path = f"{library}:{root / 'usr/lib'}"
    return Program(
        command=(str(loader), "--library-path", path, str(root / "usr/sbin/asterisk")),
        modules=_modules(root / "usr/lib"),
        data=root / "usr/share/asterisk",
        environment={"OPENSSL_MODULES": str(library / "ossl-modules"), "OPENSSL_CONF": "/dev/null"},
    )


def _modules(below: Path) -> Path:
    found = next(below.rglob("asterisk/modules/chan_pjsip.so"), None)
    if found is None:
        raise NoExchange(f"Asterisk has no SIP (chan_pjsip.so) below {below}: install its modules.")
    return found.parent


def _mirror() -> str:
    """The one that this system's packages come from."""
    newer, older = Path("/etc/apt/sources.list.d/debian.sources"), Path("/etc/apt/sources.list")
    for line in (newer.read_text() if newer.exists() else "").splitlines():
        if line.startswith("URIs:"):
            return line.split()[1]
    for line in (older.read_text() if older.exists() else "").splitlines():
        words = [word for word in line.split() if not word.startswith("[")]
        if words[:1] == ["deb"]:
            return words[1]
    raise NoExchange("This system names no Debian mirror in /etc/apt: install the package asterisk yourself.")


def _run(command: list[str], at: Path) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - apt and dpkg with our own arguments
            command, env={**os.environ, "APT_CONFIG": str(at / "apt.conf")}, capture_output=True, text=True,
            timeout=FETCH_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise NoExchange(f"{command[0]} did not end within {FETCH_SECONDS} s: try again later.") from None
    if done.returncode != 0:
        complaint = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise NoExchange(f"Asterisk cannot be fetched: {command[0]} says {' '.join(complaint)!r}.")
