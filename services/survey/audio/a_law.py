"""A-law as exchanges record it, in the envelope that browsers play."""

import struct

from services.survey.audio.wav import RATE

_A_LAW = 6
"""WAVE_FORMAT_ALAW (RFC 2361)."""


def as_wav(samples: bytes) -> bytes:
    """A WAV of one channel; the samples stay as they are, eight bits each."""
    form = struct.pack("<HHIIHHH", _A_LAW, 1, RATE, RATE, 1, 8, 0)
    pad = b"\0" * (len(samples) % 2)
    chunks = b"".join(
        [_chunk(b"fmt ", form), _chunk(b"fact", struct.pack("<I", len(samples))), _chunk(b"data", samples), pad]
    )
    return _chunk(b"RIFF", b"WAVE" + chunks)


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content
