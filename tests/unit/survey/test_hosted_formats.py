"""Both renderers and both signatures, held against what the providers publish.

Twilio: TwiML for voice (verbs Gather, Play, Redirect, Dial, Hangup and their attributes), "Validating requests" with
its worked example. jambonz: the JSON schemas of its verbs and callbacks, "Securing HTTP endpoints".
"""

import json
import time
from xml.etree import ElementTree

import pytest

from services.survey.ivr.hosted import jambonz, twilio
from services.survey.ivr.hosted.document import Dial, Document, GoOn, HangUp, Listen, Then, Told
from services.survey.ivr.hosted.jambonz import Jambonz
from services.survey.ivr.hosted.settings import Hosted
from services.survey.ivr.hosted.twilio import Twilio

SOUNDS = ("https://sounds.example/a.wav", "https://sounds.example/b.wav")
NEXT = "https://aftercall.example/survey/calls/c-1/1"
STATUS = "https://aftercall.example/survey/calls/c-1/status"

ATTRIBUTES = {
    "Gather": {"input", "numDigits", "finishOnKey", "timeout", "action", "method", "actionOnEmptyResult"},
    "Redirect": {"method"},
    "Dial": {"action", "method", "timeout", "callerId"},
    "Number": {"statusCallback", "statusCallbackEvent", "statusCallbackMethod"},
    "Sip": {"statusCallback", "statusCallbackEvent", "statusCallbackMethod"},
    "Play": set(), "Hangup": set(),
}  # fmt: skip
NESTED = {"Response": {"Gather", "Play", "Redirect", "Dial", "Hangup"}, "Gather": {"Play"}, "Dial": {"Number", "Sip"}}
PROPERTIES = {
    "gather": {
        "input",
        "numDigits",
        "timeout",
        "dtmfBargein",
        "actionHook",
        "finishOnKey",
        "interDigitTimeout",
        "play",
    },
    "play": {"url", "actionHook"},
    "dial": {"target", "callerId", "timeout", "actionHook"},
    "hangup": set(),
}


def settings(provider: str) -> Hosted:
    return Hosted(
        provider=provider, account="AC1", token="12345", secret="" if provider == "twilio" else "54321",
        caller_id="+861065550100", sounds_url="https://sounds.example", _env_file=None,
    )  # fmt: skip


def a_document(then: Then, *sounds: str) -> Document:
    return Document(sounds, then, following=NEXT, status=STATUS, caller="+861065550100")


EVERY = (
    Listen(6.0), Listen(1.2), Listen(6.0, keys=2, pause=3.0), GoOn(), HangUp(),
    Dial(("+861065550101", "sip:desk@pbx.example"), 25.0),
)  # fmt: skip


def twiml_of(document: Document) -> ElementTree.Element:
    return ElementTree.fromstring(Twilio(settings("twilio")).rendered(document))  # noqa: S314 - our own


@pytest.mark.parametrize("then", EVERY, ids=str)
def test_twiml_has_only_published_verbs_and_attributes(then: Then) -> None:
    response = twiml_of(a_document(then, *SOUNDS))
    for parent in response.iter():
        for child in parent:
            assert child.tag in NESTED[parent.tag]
            assert set(child.attrib) <= ATTRIBUTES[child.tag]
    assert [play.text for play in response.iter("Play")] == list(SOUNDS)


@pytest.mark.parametrize("then", EVERY, ids=str)
def test_jambonz_verbs_have_only_published_properties(then: Then) -> None:
    verbs = json.loads(Jambonz(settings("jambonz")).rendered(a_document(then, *SOUNDS)))
    for verb in verbs:
        assert set(verb) - {"verb"} <= PROPERTIES[verb["verb"]]
    played = [verb.get("play", verb).get("url", []) for verb in verbs if verb["verb"] in ("gather", "play")]
    assert played == [list(SOUNDS)]


def test_one_key_is_listened_for_with_every_key_as_an_answer() -> None:
    [gather] = twiml_of(a_document(Listen(1.2)))
    assert (gather.get("numDigits"), gather.get("finishOnKey"), gather.get("timeout")) == ("1", "", "2")
    assert (gather.get("action"), gather.get("actionOnEmptyResult")) == (NEXT, "true")
    [verb] = json.loads(Jambonz(settings("jambonz")).rendered(a_document(Listen(1.2))))
    assert (verb["numDigits"], verb["timeout"], verb["actionHook"]) == (1, 2, NEXT)
    assert "finishOnKey" not in verb


def test_a_number_is_listened_for_in_one_piece() -> None:
    [gather] = twiml_of(a_document(Listen(6.0, keys=2, pause=3.0)))
    assert (gather.get("numDigits"), gather.get("finishOnKey")) == ("2", "#")
    [verb] = json.loads(Jambonz(settings("jambonz")).rendered(a_document(Listen(6.0, keys=2, pause=3.0))))
    assert (verb["numDigits"], verb["finishOnKey"], verb["interDigitTimeout"]) == (2, "#", 3)


def test_persons_are_rung_at_the_same_time_by_number_or_address() -> None:
    dial = Dial(("+861065550101", "sip:desk@pbx.example"), 25.0)
    [twiml] = twiml_of(a_document(dial))
    assert [(one.tag, one.text, one.get("statusCallback")) for one in twiml] == [
        ("Number", "+861065550101", STATUS), ("Sip", "sip:desk@pbx.example", STATUS),
    ]  # fmt: skip
    [verb] = json.loads(Jambonz(settings("jambonz")).rendered(a_document(dial)))
    assert verb["target"] == [
        {"type": "phone", "number": "+861065550101"}, {"type": "sip", "sipUri": "sip:desk@pbx.example"},
    ]  # fmt: skip


TWILIO_EXAMPLE = (
    "https://mycompany.com/myapp.php?foo=1&bar=2",
    b"Digits=1234&To=%2B18005551212&From=%2B14158675309&Caller=%2B14158675309&CallSid=CA1234567890ABCDE",
    "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
)
"""The worked example of "Validating requests", its token is 12345."""


def test_twilios_own_example_is_accepted_and_nothing_near_it() -> None:
    url, body, signature = TWILIO_EXAMPLE
    provider, header = Twilio(settings("twilio")), {"x-twilio-signature": signature}
    assert provider.proves(url, header, body)
    assert not provider.proves(url, header, body.replace(b"1234&", b"1235&"))
    assert not provider.proves(url + "&more=1", header, body)
    assert not provider.proves(url, {}, body)


def test_a_jambonz_signature_covers_time_and_body_and_grows_old() -> None:
    provider, body, now = Jambonz(settings("jambonz")), b'{"call_sid":"c-1"}', int(time.time())

    def signed(at: int, *, by: str = "54321") -> dict[str, str]:
        return {"jambonz-signature": f"t={at},v1={jambonz.signature(by, at, body)}"}

    assert provider.proves(NEXT, signed(now), body)
    assert not provider.proves(NEXT, signed(now), body + b" ")
    assert not provider.proves(NEXT, signed(now, by="another"), body)
    assert not provider.proves(NEXT, signed(now - jambonz.TOLERANCE_SECONDS - 60), body)
    mixed = signed(now)["jambonz-signature"].replace(f"t={now}", f"t={now - 1}")
    assert not provider.proves(NEXT, {"jambonz-signature": mixed}, body)
    assert not provider.proves(NEXT, {"jambonz-signature": "t=x,v1=y"}, body)
    assert not provider.proves(NEXT, {}, body)


def test_what_the_providers_tell_is_read() -> None:
    form = b"CallSid=CA1&From=%2B8613800138000&CallStatus=in-progress&Digits=1%23"
    assert Twilio(settings("twilio")).told(form) == Told("CA1", "in-progress", "+8613800138000", keys="1#", cause=41)
    ended = b"CallSid=CA1&CallStatus=failed&SipResponseCode=404"
    assert Twilio(settings("twilio")).told(ended).cause == 1
    assert Twilio(settings("twilio")).told(b"CallSid=CA1&CallStatus=busy").cause == 17
    gathered = {"call_sid": "c-1", "from": "+8613800138000", "call_status": "in-progress", "sip_status": 200,
                "reason": "dtmfDetected", "digits": "1"}  # fmt: skip
    read = Jambonz(settings("jambonz")).told
    assert read(json.dumps(gathered).encode()).keys == "1"
    assert read(json.dumps({"call_sid": "c-1", "reason": "timeout"}).encode()).keys == ""
    assert not read(json.dumps({"call_sid": "c-1", "reason": "playFailed"}).encode()).played
    assert read(json.dumps({"call_sid": "c-1", "dial_call_status": "completed"}).encode()).talked
    assert not read(json.dumps({"call_sid": "c-1", "dial_call_status": "no-answer"}).encode()).talked
    lost = {"call_sid": "c-1", "call_status": "failed", "sip_status": 480, "parent_call_sid": "c-0"}
    assert (read(json.dumps(lost).encode()).cause, read(json.dumps(lost).encode()).parent) == (18, "c-0")


def test_calls_are_ordered_as_the_rest_interfaces_say() -> None:
    order = Twilio(settings("twilio")).order("+8613800138000", first=NEXT, status=STATUS)
    assert order.url == "https://api.twilio.com/2010-04-01/Accounts/AC1/Calls.json"
    assert order.form is not None
    assert (order.form["To"], order.form["Url"], order.form["StatusCallback"]) == ("+8613800138000", NEXT, STATUS)
    assert order.login == ("AC1", "12345")
    placed = Jambonz(settings("jambonz")).order("+8613800138000", first=NEXT, status=STATUS)
    assert placed.url == "https://api.jambonz.cloud/v1/Accounts/AC1/Calls"
    assert placed.json is not None
    assert placed.json["to"] == {"type": "phone", "number": "+8613800138000"}
    assert placed.json["call_hook"] == {"url": NEXT, "method": "POST"}


def test_a_signature_is_not_made_with_the_words_of_another_order() -> None:
    """Names are sorted, values keep theirs."""
    given = [("b", "2"), ("a", "1")]
    assert twilio.signature("12345", NEXT, given) == twilio.signature("12345", NEXT, given[::-1])
