"""Pseudonyms: keyed tags that stand for the ids of people where those are shown. This is not anonymity."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from recsys_tui.output.errors import ExitCode, UserError

if TYPE_CHECKING:
    import polars as pl

PREFIX = "u-"
LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
TAG_LETTERS = 12  # 60 bits
KEPT = 10_000
_BITS = 5
_BLOCK = 64
_PLACES = _BITS * np.arange(TAG_LETTERS - 1, -1, -1, dtype=np.uint64)
_ALPHABET = np.frombuffer(LETTERS.encode(), np.uint8)


class Pseudonyms:
    """The tags of one dataset's people: HMAC-SHA-256 of the id, cut to 60 bits, in letters and digits after ``u-``.

    ``key``: of this dataset alone. Without it nobody can tell from a tag whose it is, or try ids until one fits.
    ``width``: characters of a tag.
    """

    width = len(PREFIX) + TAG_LETTERS

    def __init__(self, key: bytes) -> None:
        padded = key.ljust(_BLOCK, b"\0")
        # What HMAC does first depends on the key alone: done once, a tag takes 2 µs instead of 5.
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in padded))
        self._lately: dict[str, str] = {}

    def of(self, user: str) -> str:
        """The tag of an id."""
        tag = written(self.numbers([user]))[0]
        if len(self._lately) >= KEPT:
            self._lately = {}
        self._lately[tag] = user
        return tag

    def made_of(self, tag: str) -> str | None:
        """The id of which a tag was made lately, by :meth:`of`: who was just named is found without a search."""
        return self._lately.get(tag)

    def of_all(self, users: Sequence[str]) -> list[str]:
        """The tags of ids that differ. Raises ``UserError`` (exit 1) where two of them have the same one."""
        numbers = self.numbers(users)
        check_different(numbers)
        return written(numbers)

    def of_series(self, users: pl.Series) -> pl.Series:
        """The same for a column of texts, in which ids may come again; null stays null."""
        import polars as pl

        distinct = users.unique().drop_nulls()
        tags = pl.Series(self.of_all(distinct.to_list()), dtype=pl.String)
        return users.replace_strict(distinct, tags, default=None, return_dtype=pl.String).alias(users.name)

    def numbers(self, users: Sequence[str]) -> NDArray[np.uint64]:
        """The tags as numbers below 2⁶⁰."""
        digests = b"".join(self._digest(user.encode("utf-8", "surrogatepass"))[:8] for user in users)
        return np.frombuffer(digests, ">u8").astype(np.uint64) >> np.uint64(64 - _BITS * TAG_LETTERS)

    def _digest(self, content: bytes) -> bytes:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(content)
        outer.update(inner.digest())
        return outer.digest()


def number_of(tag: str) -> np.uint64 | None:
    """The number that a tag writes; None for a text that is no tag."""
    if not is_tag(tag):
        return None
    number = 0
    for letter in tag.removeprefix(PREFIX):
        number = number << _BITS | LETTERS.index(letter)
    return np.uint64(number)


def is_tag(text: str) -> bool:
    """Whether a text looks like a tag."""
    letters = text.removeprefix(PREFIX)
    return text.startswith(PREFIX) and len(letters) == TAG_LETTERS and all(letter in LETTERS for letter in letters)


def written(numbers: NDArray[np.uint64]) -> list[str]:
    """The tags that numbers stand for."""
    codes = (numbers[:, None] >> _PLACES) & np.uint64(len(LETTERS) - 1)
    text = _ALPHABET[codes.astype(np.int64)].tobytes().decode()
    return [PREFIX + text[start : start + TAG_LETTERS] for start in range(0, len(text), TAG_LETTERS)]


def check_different(numbers: NDArray[np.uint64]) -> None:
    """Raise ``UserError`` (exit 1) where two of the numbers are the same."""
    if len(np.unique(numbers)) < len(numbers):
        raise UserError("pseudonyms.collision", ExitCode.FAILED)
