"""Who gets what in an A/B test: chance that is the same whenever it is asked, and no guess without the salt."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterator

from recsys_tui.store.ab_records import ARMS

SALT_BYTES = 16


def new_salt() -> str:
    """A salt for a new test: 128 bits from the system's source of randomness, in hexadecimal."""
    return secrets.token_hex(SALT_BYTES)


def arm_of(salt: str, user: str) -> str:
    """The arm of a person in a test that splits people: ``a`` or ``b``, each with a chance of one half.

    HMAC-SHA-256 of the id under the salt of the test, so that tests split people independently of one another, whatever
    their ids look like.
    """
    return ARMS[_digest(salt, "split", user)[0] & 1]


def coins(salt: str, user: str, visit: int) -> Iterator[bool]:
    """Fair coins without end for one visit of a person, the same ones every time."""
    block = 0
    while True:
        for byte in _digest(salt, "draft", user, str(visit), str(block)):
            for place in range(8):
                yield bool(byte >> place & 1)
        block += 1


def _digest(salt: str, *parts: str) -> bytes:
    """Each part goes in with its length, so that no two questions are the same bytes."""
    encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
    message = b"".join(len(part).to_bytes(8, "big") + part for part in encoded)
    return hmac.new(bytes.fromhex(salt), message, hashlib.sha256).digest()
