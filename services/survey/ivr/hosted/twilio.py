"""Twilio's formats: TwiML out, signed forms in. Written from Twilio's published documentation of TwiML for voice
(Gather, Play, Dial, Hangup), of the Call resource (API 2010-04-01) and of "Validating requests"."""

import base64
import hmac
import math
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl
from xml.etree import ElementTree

from services.survey.ivr.hosted.document import (
    Dial,
    Document,
    GoOn,
    HangUp,
    Listen,
    NotUnderstood,
    Order,
    Told,
    cause_of,
)
from services.survey.ivr.hosted.settings import Hosted

_ANSWERED = frozenset({"completed", "answered"})


def signature(token: str, url: str, form: list[tuple[str, str]]) -> str:
    """Base64 of HMAC-SHA1 over the address, then every name and value in the order of the names."""
    signed = url + "".join(name + value for name, value in sorted(form))
    return base64.b64encode(hmac.digest(token.encode(), signed.encode(), "sha1")).decode()


@dataclass(frozen=True)
class Twilio:
    settings: Hosted
    content_type = "application/xml"

    def proves(self, url: str, headers: Mapping[str, str], body: bytes) -> bool:
        expected = signature(self.settings.signing_secret, url, _form(body))
        return hmac.compare_digest(expected.encode(), headers.get("x-twilio-signature", "").encode())

    def told(self, body: bytes) -> Told:
        form = dict(_form(body))
        if not form.get("CallSid"):
            raise NotUnderstood("CallSid is missing")
        status = form.get("CallStatus", "")
        sip = form.get("SipResponseCode", "")
        return Told(
            call=form["CallSid"],
            status=status,
            caller=form.get("From", ""),
            parent=form.get("ParentCallSid") or None,
            keys=form.get("Digits", ""),
            talked=form.get("DialCallStatus", "") in _ANSWERED,
            cause=cause_of(status, int(sip) if sip.isdecimal() else None),
        )

    def rendered(self, document: Document) -> bytes:
        response = ElementTree.Element("Response")
        match document.then:
            case Listen(seconds, keys=keys):
                gather = ElementTree.SubElement(
                    response, "Gather", input="dtmf", numDigits=str(keys), finishOnKey="#" if keys > 1 else "",
                    timeout=str(math.ceil(seconds)), action=document.following, method="POST",
                    actionOnEmptyResult="true",
                )  # fmt: skip
                _play(gather, document.sounds)
            case GoOn():
                _play(response, document.sounds)
                ElementTree.SubElement(response, "Redirect", method="POST").text = document.following
            case Dial(telephones, seconds):
                _play(response, document.sounds)
                dial = ElementTree.SubElement(
                    response, "Dial", action=document.following, method="POST", timeout=str(math.ceil(seconds)),
                    callerId=document.caller,
                )  # fmt: skip
                for telephone in telephones:
                    _telephone(dial, telephone, document.status)
            case HangUp():
                _play(response, document.sounds)
                ElementTree.SubElement(response, "Hangup")
        return b'<?xml version="1.0" encoding="UTF-8"?>' + ElementTree.tostring(response)

    def order(self, number: str, *, first: str, status: str) -> Order:
        settings = self.settings
        return Order(
            url=f"{settings.rest}/2010-04-01/Accounts/{settings.account}/Calls.json",
            login=(settings.account, settings.token),
            form={
                "To": number, "From": settings.caller_id, "Url": first, "Method": "POST", "StatusCallback": status,
                "StatusCallbackMethod": "POST", "StatusCallbackEvent": ["completed"],
                "Timeout": str(settings.ring_seconds),
            },
        )  # fmt: skip


def _form(body: bytes) -> list[tuple[str, str]]:
    return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)


def _play(parent: ElementTree.Element, sounds: tuple[str, ...]) -> None:
    for sound in sounds:
        ElementTree.SubElement(parent, "Play").text = sound


def _telephone(dial: ElementTree.Element, telephone: str, status: str) -> None:
    """A number, or an address of SIP; it tells when somebody answers."""
    noun = ElementTree.SubElement(
        dial, "Sip" if telephone.startswith("sip:") else "Number", statusCallback=status,
        statusCallbackEvent="answered", statusCallbackMethod="POST",
    )  # fmt: skip
    noun.text = telephone
