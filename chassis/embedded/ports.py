import errno
import socket
from pathlib import Path

from chassis.embedded.errors import EmbeddedError

LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def require_free(port: int, purpose: str) -> None:
    """Raises EmbeddedError when the port cannot be listened on."""
    if not is_free(port):
        raise EmbeddedError(
            f"Port {port} on {LOOPBACK}, wanted for {purpose}, is already taken: "
            "end the process that holds it or choose another port."
        )


def any_free() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def choose(wanted: int | None, *, remembered: Path, purpose: str) -> int:
    """The wanted port, else the one of the last run when it is free, else any free one; written down for next time."""
    if wanted is not None:
        require_free(wanted, purpose)
        port = wanted
    else:
        port = _last_port(remembered) or any_free()
    remembered.write_text(f"{port}\n")
    return port


def _last_port(remembered: Path) -> int | None:
    try:
        port = int(remembered.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return port if is_free(port) else None
