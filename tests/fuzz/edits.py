"""How bytes are spoilt: seeds that are kept in the repository, and edits of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hypothesis import strategies as st

CORPUS = Path(__file__).parent / "corpus"
LONGEST = 1 << 16
# What has a meaning somewhere: separators, ends, quotes, numbers at the edges of their types, bad UTF-8, escapes.
TOKENS = (
    b",", b"\t", b";", b"::", b"|", b"\n", b"\r\n", b"\r", b'"', b'""', b"'", b"\\", b"{", b"}", b"[", b"]", b":",
    b"\0", b"\xff", b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xf0\x9f\xa6\x8a", b"\x1b[31m",
    b"-1", b"0", b"1e308", b"nan", b"inf", b"1e999", b"9223372036854775807", b"18446744073709551616", b"null", b"true",
    b"user", b"item", b"rating", b"timestamp", b"user_id:token", b"item_id:token_seq", b"=", b">=", b"#", b"/", b"..",
    b"2024-02-30", b"31/12/1999", b"\x7f\xff\xff\xff", b"\xff" * 8, b"\0" * 8, b"PAR1", b"ARROW1", b"\x1f\x8b\x08",
)  # fmt: skip
KINDS = ("change", "remove", "insert", "repeat", "cut", "copy")
Edit = tuple[str, int, int, bytes]

edits: st.SearchStrategy[list[Edit]] = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.integers(0, LONGEST),
        st.integers(0, 64),
        st.one_of(st.sampled_from(TOKENS), st.binary(min_size=1, max_size=6)),
    ),
    max_size=6,
)


def seeds(target: str) -> list[bytes]:
    """The inputs that are kept for a target, in the order of their names."""
    return [path.read_bytes() for path in sorted((CORPUS / target).iterdir())]


def spoilt(content: bytes, changes: Sequence[Edit]) -> bytes:
    """The bytes after all changes, each (kind, place, count, text)."""
    for kind, where, count, text in changes:
        place = where % (len(content) + 1)
        if kind == "change":
            content = content[:place] + text + content[place + len(text) :]
        elif kind == "remove":
            content = content[:place] + content[place + count :]
        elif kind == "insert":
            content = content[:place] + text + content[place:]
        elif kind == "repeat":
            content = content[:place] + content[place : place + 16] * (1 + count) + content[place + 16 :]
        elif kind == "cut":
            content = content[: len(content) - min(place, 4 * count)]
        else:
            content = content[:place] + content[count : count + 40] + content[place:]
    return content[:LONGEST]
