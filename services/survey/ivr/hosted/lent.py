"""Uploaded tunes for the provider: each address is signed for one tune, and holds for a while only."""

import hmac
import time

from services.survey.ivr.hosted.settings import Hosted

VALID_SECONDS = 3600
"""A provider fetches what it is told to play at once; an answer given again is some minutes old."""


def path_of(settings: Hosted, tune_id: str, *, now: float | None = None) -> str:
    """Below the provider's door. `now`: seconds of the machine's clock."""
    until = int(time.time() if now is None else now) + VALID_SECONDS
    return f"tunes/{tune_id}/{until}/{_signature(settings, tune_id, until)}.wav"


def is_lent(settings: Hosted, tune_id: str, until: int, signature: str, *, now: float | None = None) -> bool:
    """Whether this address was given out by us and holds yet."""
    fits = hmac.compare_digest(_signature(settings, tune_id, until).encode(), signature.encode())
    return fits and (time.time() if now is None else now) < until


def _signature(settings: Hosted, tune_id: str, until: int) -> str:
    return hmac.digest(settings.signing_secret.encode(), f"tune {tune_id} {until}".encode(), "sha256").hex()
