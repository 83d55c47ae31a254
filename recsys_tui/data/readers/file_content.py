"""The bytes of a file as its format sees them: decompressed, whole or only the first part."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import zstandard

from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say

HEAD_BYTES = 1 << 16
BLOCK = 1 << 20
MAGIC = {"gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd", "xz": b"\xfd7zX"}
_BZIP2 = re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)")
_OPEN: dict[str | None, Callable[[Path], Any]] = {
    None: lambda path: path.open("rb"),
    "gzip": gzip.open,
    "bzip2": bz2.open,
    "xz": lzma.open,
}
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

    def read(self, limit: int = -1) -> bytes:
        """Everything, or the first ``limit`` bytes, after decompression.

        Raises ``UserError`` (exit 2) for a damaged file, ``OSError`` for one that cannot be read.
        """
        try:
            if self.compression == "zstd":
                return self._zstd(limit)
            with _OPEN[self.compression](self.path) as stream:
                return bytes(stream.read(limit))
        except (*_DAMAGE, OSError) as error:
            if isinstance(error, OSError) and not isinstance(error, gzip.BadGzipFile) and error.errno is not None:
                raise  # the file, not what is in it
            reason = say("data.cut_short")
            raise UserError("data.damaged_file", path=self.path, kind=self.compression, reason=reason) from error

    def _zstd(self, limit: int) -> bytes:
        """Frame by frame: the library's own stream reader takes a file that is cut short for a whole one."""
        parts, total, rest = [], 0, b""
        decompressor = zstandard.ZstdDecompressor().decompressobj()
        with self.path.open("rb") as stream:
            while limit < 0 or total < limit:
                block = rest or stream.read(BLOCK)
                if not block:
                    break
                if decompressor.eof:
                    decompressor = zstandard.ZstdDecompressor().decompressobj()
                parts.append(decompressor.decompress(block))
                total += len(parts[-1])
                rest = decompressor.unused_data if decompressor.eof else b""
            else:
                return b"".join(parts)[:limit]
        if not decompressor.eof:
            raise EOFError
        return b"".join(parts)
