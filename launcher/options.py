"""Options that several commands have."""

from pathlib import Path
from typing import Annotated

import typer

RunningData = Annotated[
    Path | None, typer.Option("--data", help="Directory of a running stack; without it, the AFTERCALL_ environment.")
]
