"""Where a running stack answers: the ready file for others, and the same in its data directory for our own commands."""

import json
from dataclasses import dataclass
from pathlib import Path

from chassis.embedded.secrets import FILE_NAME, write_private
from chassis.settings import Settings, load_settings
from launcher.faults import StartError

RUNNING = "running.json"


@dataclass(frozen=True)
class Addresses:
    web: str
    kafka: str
    database: str

    def as_json(self) -> str:
        return json.dumps({"web": self.web, "kafka": self.kafka, "database": self.database}) + "\n"


def announce(addresses: Addresses, *files: Path | None) -> None:
    """Each file appears whole, mode 0600: the database address has a password in it."""
    for file in files:
        if file is not None:
            write_private(file, addresses.as_json())


def withdraw(*files: Path | None) -> None:
    for file in files:
        if file is not None:
            file.unlink(missing_ok=True)


def settings_of(data: Path | None) -> Settings:
    """The settings of the stack that runs on `data`; without `data`, those of the environment."""
    if data is None:
        return load_settings()
    try:
        found = json.loads((data / RUNNING).read_text())
    except FileNotFoundError:
        raise StartError(f"Nothing runs on {data}: start it with ./aftercall up --data {data}.") from None
    return load_settings(
        kafka=found["kafka"],
        kafka_security="PLAINTEXT",
        database_url=found["database"],
        secrets_file=data / FILE_NAME,
        data_dir=data,
        web_url=found["web"],
    )
