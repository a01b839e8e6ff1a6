"""Hands letters to the mail server and says what became of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from enum import StrEnum

import aiosmtplib

from chassis.settings import Settings

TIMEOUT = 30  # seconds; a letter is taken from whoever holds it longer than four times this


class Fate(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"
    """For good: the address does not exist."""
    LATER = "later"
    """Server away or busy."""
    UNDERWAY = "underway"
    """Taken by a gateway that will tell later what became of it."""


@dataclass(frozen=True)
class Outcome:
    """`why` is for operators; it never holds an address or a text of the server, which may quote one."""

    fate: Fate
    why: str | None = None


async def send(settings: Settings, letters: Sequence[EmailMessage]) -> list[Outcome]:
    """One outcome for each letter, in their order; never raises for what a mail server can do."""
    smtp = aiosmtplib.SMTP(hostname=settings.smtp_host, port=settings.smtp_port, timeout=TIMEOUT)
    try:
        await smtp.connect()
    except (aiosmtplib.SMTPException, OSError) as error:
        return [Outcome(Fate.LATER, f"the mail server cannot be reached ({type(error).__name__})")] * len(letters)
    outcomes = [await _send_one(smtp, letter) for letter in letters]
    try:
        await smtp.quit()
    except (aiosmtplib.SMTPException, OSError):
        smtp.close()
    return outcomes


async def _send_one(smtp: aiosmtplib.SMTP, letter: EmailMessage) -> Outcome:
    try:
        await smtp.send_message(letter)
    except aiosmtplib.SMTPRecipientsRefused as error:
        return _refusal(error.recipients[0].code if error.recipients else 550)
    except aiosmtplib.SMTPResponseException as error:
        return _refusal(error.code)
    except (aiosmtplib.SMTPException, OSError) as error:
        return Outcome(Fate.LATER, f"the mail server broke off ({type(error).__name__})")
    except (ValueError, UnicodeError):
        return Outcome(Fate.REFUSED, "the address is not one that mail can go to")
    return Outcome(Fate.ACCEPTED)


def _refusal(code: int) -> Outcome:
    permanent = 500 <= code < 600  # RFC 5321, 4.2.1
    fate = Fate.REFUSED if permanent else Fate.LATER
    return Outcome(fate, f"the mail server answered {code}")
