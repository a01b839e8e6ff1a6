"""A worker as a process of its own, which kills itself (SIGKILL) when a tune is to begin: the rating is committed then.

Run by the tests; the argument is a JSON object.
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from chassis.runtime import open_runtime
from chassis.settings import Secrets, load_settings
from services.survey.app import SERVICE
from services.survey.ivr import keeping
from services.survey.ivr.settings import Telephony
from services.survey.ivr.telephony import serve


async def dies(*_: object, **__: object) -> bool:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody survives this")


async def main(told: dict[str, Any]) -> None:
    setattr(keeping, "begin_tune", dies)  # noqa: B010 - planted
    settings = load_settings(**told["settings"], secrets=Secrets.read(Path(told["secrets"])))
    runtime = await open_runtime(SERVICE, settings)
    await serve(runtime, Telephony(**told["telephony"]))


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
