"""A hosted provider as both publish it: it asks, plays what it is told, and tells what its customer does."""

import json
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import httpx

from chassis.testing.harness import WEB_URL, ServiceUnderTest
from services.survey.ivr.hosted import jambonz, twilio

SECRET = "a-secret-of-both"


@dataclass
class Doing:
    """What one document asks: sounds by file name, then gather, next, dial or hangup."""

    verb: str
    sounds: list[str]
    following: str = ""
    keys: int = 0
    telephones: list[str] = field(default_factory=list)


class HostedProvider:
    """`name`: twilio or jambonz."""

    def __init__(self, name: str, survey: ServiceUnderTest, client: httpx.AsyncClient) -> None:
        self.name = name
        self.survey = survey
        self._client = client

    async def ask(self, url: str, *, call: str, number: str = "", secret: str = SECRET, **told: Any) -> httpx.Response:
        if self.name == "twilio":
            form = {"CallSid": call, "From": number, "CallStatus": "in-progress"} | told
            body = urlencode(form).encode()
            sign = {"X-Twilio-Signature": twilio.signature(secret, url, [(k, str(v)) for k, v in form.items()])}
            kind = "application/x-www-form-urlencoded"
        else:
            body = json.dumps({"call_sid": call, "from": number, "call_status": "in-progress"} | told).encode()
            now = int(time.time())
            sign, kind = {"Jambonz-Signature": f"t={now},v1={jambonz.signature(secret, now, body)}"}, "application/json"
        return await self._client.post(url, content=body, headers={**sign, "Content-Type": kind})

    def pressed(self, keys: str) -> dict[str, str]:
        if self.name == "twilio":
            return {"Digits": keys}
        return {"reason": "dtmfDetected", "digits": keys} if keys else {"reason": "timeout"}

    def talked(self, took: bool) -> dict[str, str]:
        status = "completed" if took else "no-answer"
        return {"DialCallStatus" if self.name == "twilio" else "dial_call_status": status}

    def standing(self, status: str, *, sip: int = 200, parent: str | None = None) -> dict[str, Any]:
        if self.name == "twilio":
            return {"CallStatus": status, "SipResponseCode": str(sip)} | ({"ParentCallSid": parent} if parent else {})
        return {"call_status": status, "sip_status": sip} | ({"parent_call_sid": parent} if parent else {})

    def doing(self, answer: httpx.Response) -> Doing:
        assert answer.status_code == 200, answer.text
        return _of_twiml(answer.content) if self.name == "twilio" else _of_verbs(answer.json())

    async def call(self, channel: str, keys: Iterable[str], *, takes: bool = False) -> list[str]:
        """A whole answered call: what was played. `keys`: for each time it listens; then silence."""
        pressed, heard = deque(keys), list[str]()
        doing = self.doing(await self.ask(f"{WEB_URL}/survey/calls/{channel}/0", call="CA-1"))
        for _ in range(40):
            heard += doing.sounds
            if doing.verb == "hangup":
                await self.over(channel)
                return heard
            told: dict[str, Any] = {}
            if doing.verb == "gather":
                told = self.pressed(pressed.popleft() if pressed else "")
                assert len(told.get("Digits", told.get("digits", ""))) <= doing.keys
            elif doing.verb == "dial":
                if takes:
                    child = self.standing("in-progress", parent="CA-1")
                    await self.ask(f"{WEB_URL}/survey/calls/{channel}/status", call="CA-2", **child)
                told = self.talked(takes)
            doing = self.doing(await self.ask(doing.following, call="CA-1", **told))
        raise AssertionError("the call never ends")

    async def over(self, channel: str, status: str = "completed", *, sip: int = 200) -> None:
        url = f"{WEB_URL}/survey/calls/{channel}/status"
        assert (await self.ask(url, call="CA-1", **self.standing(status, sip=sip))).status_code == 204


def _name(address: str) -> str:
    return address.removeprefix("https://sounds.example/").removesuffix(".wav")


def _of_twiml(content: bytes) -> Doing:
    response = ElementTree.fromstring(content)  # noqa: S314 - our own
    sounds = [_name(play.text or "") for play in response.iter("Play")]
    last = response[-1]
    match last.tag:
        case "Gather":
            return Doing("gather", sounds, last.get("action", ""), int(last.get("numDigits", "0")))
        case "Redirect":
            return Doing("next", sounds, last.text or "")
        case "Dial":
            return Doing("dial", sounds, last.get("action", ""), telephones=[one.text or "" for one in last])
        case _:
            assert last.tag == "Hangup"
            return Doing("hangup", sounds)


def _of_verbs(verbs: list[dict[str, Any]]) -> Doing:
    last = verbs[-1]
    played = [one.get("play", {}).get("url", []) if one["verb"] == "gather" else one.get("url", []) for one in verbs]
    sounds = [_name(url) for urls in played for url in urls]
    match last["verb"]:
        case "gather":
            return Doing("gather", sounds, last["actionHook"], last["numDigits"])
        case "play":
            return Doing("next", sounds, last["actionHook"])
        case "dial":
            return Doing("dial", sounds, last["actionHook"], telephones=[str(one) for one in last["target"]])
        case _:
            assert last["verb"] == "hangup"
            return Doing("hangup", sounds)
