"""What files hold, and held: by which one is known again under another name, and where it has grown."""

from __future__ import annotations

import hashlib
import re
import stat
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from recsys_tui.store.version_folder import DIGESTED_AT_ONCE, digest

START = 1_024  # bytes by which a file that has grown is found among larger ones
HEADER = 65_536  # bytes within which a header ends
_NUMBER_PATTERN = re.compile(rb"(?:^|[,;|:\s])\"?-?\d[\d.]*\"?(?:[,;|:\s]|$)")  # a field of what is no header


class Content(NamedTuple):
    """What a file held: its ``size`` in bytes, BLAKE2b of it, and BLAKE2b of its ``start`` (None in older notes)."""

    size: int
    blake2b: str
    start: str | None = None


Contents = tuple[Content, ...]
Known = frozenset[Content]


class KnownContents:
    """Many contents, of which a file is looked up at once: a folder may have thousands of parts, as may its copy.

    What was found of a file is kept for as long as it looks the same.
    """

    def __init__(self, contents: Known) -> None:
        self._by_start: dict[int, dict[str | None, list[Content]]] = {}
        for one in in_order(contents):
            self._by_start.setdefault(min(one.size, START), {}).setdefault(one.start, []).append(one)
        self._lengths = sorted(self._by_start)
        self._found: dict[tuple[Path, int, int], Known] = {}

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._lengths)

    def begun(self, file: Path) -> Known:
        """Those of them that a file is, or begins with all of: it has grown. Raises ``OSError``."""
        looks = file.stat()
        if not self._lengths or not stat.S_ISREG(looks.st_mode):
            return frozenset()
        asked = (file, looks.st_size, looks.st_mtime_ns)
        if asked not in self._found:
            self._found[asked] = self._begun(*asked)
        return self._found[asked]

    def _begun(self, file: Path, size: int, changed: int) -> Known:
        nobody = _end_of_header(file)
        if size <= nobody:
            return frozenset()
        shorter = self._lengths[: bisect_right(self._lengths, size)]
        begun = [
            one
            for length, start in zip(shorter, _beginnings(file, shorter), strict=True)
            for one in (*self._by_start[length].get(start, ()), *self._by_start[length].get(None, ()))
            if nobody < one.size <= size
        ]
        sizes = sorted({one.size for one in begun})
        whole = dict(zip(sizes, _kept_beginnings(file, tuple(sizes), changed), strict=True))
        return frozenset(one for one in begun if one.blake2b == whole[one.size])


@lru_cache(maxsize=4)
def known_contents(contents: Known) -> KnownContents:
    """Those, made once for whoever asks of the same."""
    return KnownContents(contents)


def content_of(held: bytes) -> Contents:
    """What something holds that is no file yet; nothing where nobody can stand in it."""
    if len(held) <= _length_of_header(held[:HEADER]):
        return ()
    whole, start = (hashlib.blake2b(part, digest_size=16).hexdigest() for part in (held, held[:START]))
    return (Content(len(held), whole, start),)


def contents_of(files: Iterable[Path]) -> Contents:
    """What each file holds now; those that are none, such as pipes, are passed over, and those in which nobody can
    stand. Raises ``OSError``."""
    found = [(file, file.stat()) for file in files]
    return tuple(
        Content(
            one.st_size,
            _digest(file, one.st_size, one.st_mtime_ns),
            _digest(file, min(one.st_size, START), one.st_mtime_ns),
        )
        for file, one in found
        if stat.S_ISREG(one.st_mode) and one.st_size > _end_of_header(file)
    )


def contents_to_json(contents: Contents) -> list[dict[str, Any]]:
    """As they are written down."""
    return [{"bytes": one.size, "blake2b": one.blake2b, "start": one.start} for one in contents]


def contents_in(noted: dict[str, Any], name: str) -> Contents:
    """Those that were written down under a name; none of what is no such note."""
    return contents_from(listed(noted, name))


def in_order(contents: Iterable[Content]) -> Contents:
    """The same in an order that is always the same."""
    return tuple(sorted(contents, key=lambda one: one[:2]))


def listed(noted: dict[str, Any], name: str) -> list[Any]:
    """The list under a name; an empty one where there is something else."""
    found = noted.get(name)
    return found if isinstance(found, list) else []


def contents_from(entries: Iterable[Any]) -> Contents:
    """Those of the entries that are written down as such."""
    known = ((one.get("bytes"), one.get("blake2b"), one.get("start")) for one in entries if isinstance(one, dict))
    return tuple(
        Content(size, text, start if isinstance(start, str) else None)
        for size, text, start in known
        if isinstance(size, int) and isinstance(text, str) and size >= 0
    )


def _end_of_header(file: Path) -> int:
    with file.open("rb") as stream:
        return _length_of_header(stream.read(HEADER))


def _length_of_header(content: bytes) -> int:
    """How long the header of a text is, by its beginning, with what is blank around it: nobody stands in what holds no
    more, and other data begins with the same. 0 where the first line may be a row, or it is no text."""
    body = content.lstrip()
    line, end, rest = body.partition(b"\n")
    if not (end or len(content) < HEADER) or b"\0" in line or line[:1] in (b"{", b"[") or _NUMBER_PATTERN.search(line):
        return 0
    try:
        line.decode()
    except UnicodeDecodeError:
        return 0
    return len(content) - len(rest.lstrip())


@lru_cache(maxsize=20_000)
def _kept_beginnings(file: Path, lengths: tuple[int, ...], _changed: int) -> tuple[str, ...]:
    """The same, of large files, for as long as a file looks the same."""
    return _beginnings(file, lengths)


def _beginnings(file: Path, lengths: Sequence[int]) -> tuple[str, ...]:
    """BLAKE2b of the first bytes of a file, as many as each of the lengths says, the smallest first; read once."""
    found, digests = hashlib.blake2b(digest_size=16), []
    with file.open("rb") as stream:
        for start, end in pairwise((0, *lengths)):
            for at in range(start, end, DIGESTED_AT_ONCE):
                found.update(stream.read(min(DIGESTED_AT_ONCE, end - at)))
            digests.append(found.hexdigest())
    return tuple(digests)


@lru_cache(maxsize=20_000)
def _digest(path: Path, size: int, _changed: int) -> str:
    """BLAKE2b of the first bytes of a file."""
    return digest(path, size)
