"""The code of a link, the proof of identity, and who may knock how often."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from contracts.events.parts import StartInterval
from contracts.vocabulary import Channel, SuppressionScope
from services.survey.links import code_of, hash_of, is_same_number, is_session, message_id, reference_of, session_of
from services.survey.permits import given_up_at, may_start, next_start, scopes_over
from services.survey.throttle import Throttle

KEY = b"k" * 32
AT = datetime(2026, 10, 20, 2, tzinfo=UTC)


@given(callback=st.text(min_size=1), number=st.integers(1, 20))
def test_code_is_sixteen_readable_characters_and_always_the_same(callback: str, number: int) -> None:
    code = code_of(KEY, callback, number)
    assert len(code) == 16
    assert set(code) <= set("0123456789abcdefghjkmnpqrstvwxyz")
    assert code == code_of(KEY, callback, number)
    assert code != code_of(KEY, callback, number + 1)
    assert code != code_of(b"x" * 32, callback, number)


def test_code_is_the_first_eighty_bits_of_the_keyed_hash() -> None:
    # HMAC-SHA256(32 times "k", "cb-1/1"), first ten bytes in Crockford's alphabet, computed apart
    import hmac

    bits = int.from_bytes(hmac.digest(KEY, b"cb-1/1", "sha256")[:10], "big")
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    expected = "".join(alphabet[(bits >> (75 - 5 * place)) & 31] for place in range(16))
    assert code_of(KEY, "cb-1", 1) == expected


def test_code_that_was_read_aloud_still_opens_its_link() -> None:
    code = "0123456789abcdeh"
    assert hash_of(code) == hash_of(" OI23456789ABCDEH ")


def test_session_opens_its_own_link_only() -> None:
    session = session_of(KEY, "one")
    assert is_session(KEY, "one", session)
    assert not is_session(KEY, "two", session)
    assert not is_session(KEY, "one", None)


def test_last_four_digits_prove_the_number_in_any_script() -> None:
    assert is_same_number("+8613800138000", "8000")
    assert is_same_number("+8613800138000", "８０００")
    assert not is_same_number("+8613800138000", "8001")
    assert not is_same_number("+8613800138000", "")
    assert not is_same_number("+8613800138000", "38000")


def test_message_and_reference_do_not_change_when_made_again() -> None:
    assert (
        message_id("cb", 1, "example.com") == message_id("cb", 1, "example.com") != message_id("cb", 2, "example.com")
    )
    assert reference_of("cb") == reference_of("cb")


def test_start_is_allowed_on_both_ends_and_moves_to_the_next_interval() -> None:
    hour = timedelta(hours=1)
    starts = [StartInterval(begins=AT, ends=AT + hour), StartInterval(begins=AT + 5 * hour, ends=AT + 6 * hour)]
    assert may_start(starts, AT)
    assert may_start(starts, AT + hour)
    assert not may_start(starts, AT + 2 * hour)
    assert next_start(starts, AT + 2 * hour) == AT + 5 * hour
    assert next_start(starts, AT + 7 * hour) is None
    assert given_up_at(starts, AT + 100 * hour) > AT + 6 * hour


def test_suppression_of_calls_covers_calls_and_not_mail() -> None:
    assert SuppressionScope.PHONE in scopes_over(Channel.IVR)
    assert SuppressionScope.PHONE not in scopes_over(Channel.EMAIL)
    assert SuppressionScope.ALL in scopes_over(Channel.EMAIL)


def test_throttle_lets_go_after_a_minute() -> None:
    seconds = [0.0]
    throttle = Throttle(per_minute=2, clock=lambda: seconds[0])
    throttle.count("a")
    throttle.count("a")
    assert throttle.is_over("a")
    assert not throttle.is_over("b")
    seconds[0] = 61.0
    assert not throttle.is_over("a")
