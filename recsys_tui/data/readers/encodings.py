"""Text of any usual encoding as UTF-8: by its mark, by what decodes, and by what the bytes look like."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

UTF8, UTF16, UTF32, GB18030, CP1252, LATIN1 = "UTF-8", "UTF-16", "UTF-32", "GB18030", "Windows-1252", "Latin-1"
# The longer mark first: that of UTF-32 begins with that of UTF-16.
MARKS = (
    (codecs.BOM_UTF32_LE, UTF32),
    (codecs.BOM_UTF32_BE, UTF32),
    (codecs.BOM_UTF16_LE, UTF16),
    (codecs.BOM_UTF16_BE, UTF16),
)
LOOKED_AT = 1 << 16
FEW_BAD = 0.1
MOSTLY = 0.7
MANY_NUL = 0.2
FIRST_RARE, ENOUGH_COMMON = 0xD8, 0.6
_HIGH = re.compile(rb"[\x80-\xff]+")
_CONTROL_BLOCK = re.compile(rb"[\x80-\x9f]")
_HIGH_CHARACTER = re.compile("[^\x00-\x7f]")
_CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")


@dataclass(frozen=True)
class DecodedText:
    """``text`` as UTF-8 bytes without a mark, the ``encoding`` it came in, and how many bytes were ``bad``."""

    text: bytes
    encoding: str
    bad: int = 0


def decode_text(content: bytes, whole: bool = True) -> DecodedText:
    """Bring a text to UTF-8. ``whole`` is False where the content may be cut within a character.

    UTF-16 and UTF-32 are told by their mark, UTF-16 also by where its NUL bytes are; UTF-8 by decoding (a file with
    a few bad bytes among much that is good stays UTF-8). Then GB18030, where high bytes come in pairs that are
    mostly Chinese characters; else Windows-1252, or Latin-1 where no byte needs the former.
    """
    for mark, encoding in MARKS:
        if content.startswith(mark):
            text = content[len(mark) :].decode(_codec(encoding, mark), "ignore" if not whole else "replace")
            return DecodedText(text.encode(), encoding, text.count("\ufffd"))
    wide = _unmarked_utf16(content[:LOOKED_AT])
    if wide is not None:
        text = content.decode(wide, "ignore" if not whole else "replace")
        return DecodedText(text.encode(), UTF16, text.count("\ufffd"))
    content = content.removeprefix(codecs.BOM_UTF8)
    if content.isascii():
        return DecodedText(content, UTF8)
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return _not_quite_utf8(content, whole, error)
    return DecodedText(content, UTF8)


def _codec(encoding: str, mark: bytes) -> str:
    order = "le" if mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF32_LE) else "be"
    return f"{encoding.lower()}-{order}"


def _unmarked_utf16(head: bytes) -> str | None:
    """UTF-16 without a mark: separators and digits have a NUL byte on one side, never on the other."""
    half = len(head) // 2
    if half < 4:
        return None
    even, odd = head[0 : 2 * half : 2].count(0), head[1 : 2 * half : 2].count(0)
    for many, few, codec in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if many > MANY_NUL * half and few < many / 20:
            return codec
    return None


def _not_quite_utf8(content: bytes, whole: bool, error: UnicodeDecodeError) -> DecodedText:
    if not whole and error.start >= len(content) - 3:
        return DecodedText(content[: error.start], UTF8)
    text = content.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    head = text[:LOOKED_AT]
    good = len(head) - len(head.encode("ascii", "ignore")) - head.count("\ufffd")
    if bad <= FEW_BAD * good:
        return DecodedText(text.encode(), UTF8, bad)
    chinese = _chinese(content[:LOOKED_AT])
    for codec, encoding, fits in (
        ("gb18030", GB18030, chinese),
        ("cp1252", CP1252, bool(_CONTROL_BLOCK.search(content))),
    ):
        if fits:
            try:
                return DecodedText(content.decode(codec).encode(), encoding)
            except UnicodeDecodeError:
                if codec == "gb18030":  # a few bad bytes in a Chinese text, or one cut in a character
                    text = content.decode(codec, "replace" if whole else "ignore")
                    return DecodedText(text.encode(), encoding, text.count("\ufffd"))
    return DecodedText(content.decode("latin-1").encode(), LATIN1)


def _chinese(head: bytes) -> bool:
    """High bytes in runs (of Western text most stand alone) that decode to Chinese characters, mostly common ones.

    GB 2312 keeps its common characters before lead byte D8; the accented small letters of Western encodings lie
    behind it. Each pair counts once, as one rare name may fill a table.
    """
    runs = _HIGH.findall(head)
    high = sum(len(run) for run in runs)
    if sum(len(run) for run in runs if len(run) > 1) < MOSTLY * high:
        return False
    pairs = {run[place : place + 2] for run in runs for place in range(0, len(run) - 1, 2)}
    leads = [pair[0] for pair in pairs]
    if sum(lead < FIRST_RARE for lead in leads) < ENOUGH_COMMON * len(leads):
        return False
    text = _HIGH_CHARACTER.findall(head.decode("gb18030", "replace"))
    return sum(bool(_CHINESE.match(character)) for character in text) > MOSTLY * len(text)
