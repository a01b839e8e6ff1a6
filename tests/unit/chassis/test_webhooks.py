"""Signatures that others can check, and addresses to which nothing is sent."""

import base64
import hashlib
import hmac
import re
import subprocess
import sys
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.webhooks.address import AddressRefused, checked_url, is_allowed, is_public, resolved
from chassis.webhooks.signature import BadSignature, check, secret_of, signed_headers

KEY = bytes(range(32))
SECRET = secret_of(KEY, "sub-1", 1)
NOW = 1_760_000_000
BODY = '{"type":"record.recorded","data":{"remarks":"师傅很准时"}}'.encode()
DOCS = Path(__file__).parents[3] / "docs/crm.md"


def test_the_signature_is_that_of_standard_webhooks() -> None:
    """The example of the specification's libraries (secret, id, timestamp, body, signature)."""
    headers = signed_headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b'{"test": 2432232314}'
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_receiver_accepts_what_was_signed_and_learns_the_id() -> None:
    assert check(SECRET, signed_headers(SECRET, "msg_1", NOW, BODY), BODY, now=NOW + 10) == "msg_1"


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("webhook-id", "msg_2"),
        ("webhook-timestamp", str(NOW + 1)),
        ("webhook-signature", "v1,AAAA"),
        ("webhook-signature", "v1a,"),
    ],
)
def test_a_changed_header_is_refused(header: str, value: str) -> None:
    headers = signed_headers(SECRET, "msg_1", NOW, BODY) | {header: value}
    with pytest.raises(BadSignature):
        check(SECRET, headers, BODY, now=NOW)


def test_a_changed_body_another_secret_and_an_old_message_are_refused() -> None:
    headers = signed_headers(SECRET, "msg_1", NOW, BODY)
    for secret, body, now in (
        (SECRET, BODY + b" ", NOW),
        (secret_of(KEY, "sub-1", 2), BODY, NOW),
        (SECRET, BODY, NOW + 301),
    ):
        with pytest.raises(BadSignature):
            check(secret, headers, body, now=now)
    with pytest.raises(BadSignature):
        check(SECRET, {}, BODY, now=NOW)


def test_every_subscription_and_every_renewal_has_its_own_secret() -> None:
    assert len({secret_of(KEY, name, number) for name in ("a", "b") for number in (1, 2)}) == 4


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook", "ftp://example.com/", "https://user:pw@example.com/", "https://example.com/#x", "https:///x",
        "https://127.0.0.1/", "https://[::1]/", "https://10.0.0.8/", "https://169.254.169.254/latest", "https://100.64.0.1/",
        "https://[::ffff:10.0.0.1]/", "https://[64:ff9b::a00:1]/", "https://[fd00::1]/", "https://224.0.0.1/", "https://0.0.0.0/",
        "https://exa mple.com/", "https://例子.cn/", "https://example.com:99999/", "nonsense", "",
    ],
)  # fmt: skip
def test_an_address_that_is_not_https_and_public_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        checked_url(url, frozenset())


def test_an_allowed_host_may_be_plain_and_private_and_only_at_its_port() -> None:
    allowed = frozenset({"127.0.0.1:9000", "crm.internal"})
    assert checked_url("http://127.0.0.1:9000/hook", allowed).port == 9000
    assert checked_url("http://crm.internal/hook", allowed).hostname == "crm.internal"
    for url in ("http://127.0.0.1:9001/hook", "http://127.0.0.1/"):
        with pytest.raises(AddressRefused):
            checked_url(url, allowed)
    assert not is_allowed(urlsplit("https://crm.internal.evil.example/"), allowed)


async def test_a_name_that_leads_into_a_private_network_is_refused_when_it_is_sent_to() -> None:
    with pytest.raises(AddressRefused, match="private"):
        await resolved("https://localhost/hook", frozenset())


async def test_the_address_that_was_looked_up_is_the_one_that_is_used() -> None:
    target = await resolved("http://localhost:9000/hook?a=1", frozenset({"localhost"}))
    assert re.fullmatch(r"http://(127\.0\.0\.1|\[::1\]):9000/hook\?a=1", target.url)
    assert (target.host, target.server_name) == ("localhost:9000", "localhost")


@given(st.ip_addresses(v=4))
def test_a_private_address_is_private_also_inside_another_one(address: object) -> None:
    plain = ip_address(str(address))
    if not is_public(plain):
        assert not is_public(ip_address(f"::ffff:{plain}"))
    assert not is_public(ip_address(f"64:ff9b::{plain}"))


def test_the_receiver_in_the_documentation_checks_signatures(tmp_path: Path) -> None:
    """The example is run as it stands, against a message that this program signed and one that somebody changed."""
    [example] = re.findall(r"```python\n(# receiver\.py.*?)```", DOCS.read_text(), re.DOTALL)
    (tmp_path / "receiver.py").write_text(example)
    now = "int(__import__('time').time())"
    program = f"""
import json, sys, time
sys.path.insert(0, {str(tmp_path)!r})
import receiver
body = {BODY!r}
from chassis.webhooks.signature import signed_headers
headers = signed_headers({SECRET!r}, "msg_1", {now}, body)
assert receiver.is_genuine({SECRET!r}, headers, body)
assert not receiver.is_genuine({SECRET!r}, headers, body + b" ")
assert not receiver.is_genuine({SECRET!r}, signed_headers({SECRET!r}, "msg_1", {now} - 3600, body), body)
print("checked")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=DOCS.parents[1]
    )
    assert done.stdout.strip() == "checked", done.stderr


def test_the_scheme_is_plain_hmac_of_id_time_and_body() -> None:
    """What docs/crm.md says in words."""
    secret = base64.b64decode(SECRET.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.digest(secret, f"msg_1.{NOW}.".encode() + BODY, hashlib.sha256)).decode()
    assert signed_headers(SECRET, "msg_1", NOW, BODY)["webhook-signature"] == f"v1,{expected}"
