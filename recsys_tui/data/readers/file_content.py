"""The bytes of a file as its format sees them: decompressed, whole or only the first part."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import zstandard

from recsys_tui.data.memory import Room
from recsys_tui.data.readers.field_sizes import UnbrokenText
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say

HEAD_BYTES = 1 << 16
BLOCK = 1 << 20
# Of zstd, which unpacks all of a block at once, to half a gigabyte at most.
PACKED_BLOCK = 1 << 14
MAGIC = {"gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd", "xz": b"\xfd7zX"}
_BZIP2 = re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)")
Unpack = Callable[[BinaryIO, int], Iterator[bytes]]
_DAMAGE = (EOFError, zlib.error, gzip.BadGzipFile, lzma.LZMAError, zstandard.ZstdError)


@dataclass(frozen=True)
class FileContent:
    """One file on disk; nothing is kept in memory but its head."""

    path: Path

    @cached_property
    def compression(self) -> str | None:
        """``gzip``, ``zstd``, ``bzip2``, ``xz`` or None, by the first bytes."""
        with self.path.open("rb") as stream:
            start = stream.read(10)
        if _BZIP2.match(start):
            return "bzip2"
        return next((kind for kind, magic in MAGIC.items() if start.startswith(magic)), None)

    @cached_property
    def head(self) -> bytes:
        """The first 64 KB after decompression. Raises ``UserError`` (exit 2) for a damaged file."""
        return self.read(HEAD_BYTES)

    def read(self, limit: int = -1, text: bool = False) -> bytes:
        """Everything, or the first ``limit`` bytes, after decompression; of a ``text`` no field without end.

        Raises ``UserError``: exit 2 for a damaged file or such a field, exit 1 for one that holds more than fits in
        memory; and ``OSError`` for one that cannot be read.
        """
        try:
            if self.compression is None:
                if limit < 0:
                    Room(self.path).check(self.path.stat().st_size, 1.0)
                with self.path.open("rb") as stream:
                    return stream.read(limit)
            return self._unpacked(limit, text)
        except (*_DAMAGE, OSError) as error:
            if isinstance(error, OSError) and not isinstance(error, gzip.BadGzipFile) and error.errno is not None:
                raise  # the file, not what is in it
            reason = say("data.cut_short")
            raise UserError("data.damaged_file", path=self.path, kind=self.compression, reason=reason) from error

    def _unpacked(self, limit: int, text: bool) -> bytes:
        parts, total, unbroken = list[bytes](), 0, UnbrokenText(self.path)
        size, room = self.path.stat().st_size, Room(self.path)
        with self.path.open("rb") as packed:
            for part in _UNPACK[self.compression](packed, BLOCK if limit < 0 else min(limit, BLOCK)):
                if text:
                    unbroken.check(part)
                parts.append(part)
                total += len(part)
                if 0 <= limit <= total:
                    return b"".join(parts)[:limit]
                room.check(total, packed.tell() / size)
        return b"".join(parts)


def _by(unpack: Callable[[Any], Any]) -> Unpack:
    """Unpacking by a stream of the standard library."""

    def parts(packed: BinaryIO, at_once: int) -> Iterator[bytes]:
        with unpack(packed) as stream:
            while part := stream.read(at_once):
                yield part

    return parts


def _zstd(packed: BinaryIO, _at_once: int) -> Iterator[bytes]:
    """Frame by frame: the library's own stream reader takes a file that is cut short for a whole one."""
    rest = b""
    decompressor = zstandard.ZstdDecompressor().decompressobj()
    while block := rest or packed.read(PACKED_BLOCK):
        if decompressor.eof:
            decompressor = zstandard.ZstdDecompressor().decompressobj()
        yield decompressor.decompress(block)
        rest = decompressor.unused_data if decompressor.eof else b""
    if not decompressor.eof:
        raise EOFError


_UNPACK: dict[str | None, Unpack] = {
    "gzip": _by(gzip.open),
    "bzip2": _by(bz2.open),
    "xz": _by(lzma.open),
    "zstd": _zstd,
}
