"""A long list of texts as one array of bytes: ids and titles that are found and shown without decoding the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

_SEPARATOR = b"\n"


@dataclass(frozen=True)
class TextList:
    """``blob`` holds a line end before, between and after the texts (UTF-8); ``starts`` (texts + 1) where each begins.

    ``present`` is 0 where the text is missing (None). Texts hold no line ends: they were neutralised at load.
    """

    blob: NDArray[np.uint8]
    starts: NDArray[np.int64]
    present: NDArray[np.uint8]

    @classmethod
    def of(cls, texts: Sequence[str | None]) -> Self:
        """Encode texts. Raises ``ValueError`` for a text with a line end in it."""
        encoded = [b"" if text is None else text.encode() for text in texts]
        blob = _SEPARATOR + b"".join(entry + _SEPARATOR for entry in encoded)
        if blob.count(_SEPARATOR) != len(encoded) + 1:
            raise ValueError("a text with a line end cannot be listed")
        lengths = np.array([len(entry) + 1 for entry in encoded], np.int64)
        starts = np.concatenate([[1], 1 + np.cumsum(lengths)]).astype(np.int64)
        present = np.array([text is not None for text in texts], np.uint8)
        return cls(np.frombuffer(blob, np.uint8), starts, present)

    def __len__(self) -> int:
        return len(self.present)

    def __getitem__(self, index: int) -> str | None:
        if not self.present[index]:
            return None
        return bytes(self.blob[self.starts[index] : self.starts[index + 1] - 1]).decode()

    def to_list(self) -> list[str | None]:
        """All texts."""
        entries = bytes(self.blob).decode().split("\n")[1:-1]
        return [text if there else None for text, there in zip(entries, self.present, strict=True)]

    def index(self, text: str) -> int | None:
        """Where ``text`` stands (the first place), or None."""
        if "\n" in text:
            return None
        # What no file can hold stands nowhere, and is no error.
        place = bytes(self.blob).find(_SEPARATOR + text.encode("utf-8", "surrogatepass") + _SEPARATOR)
        if place < 0:
            return None
        found = int(np.searchsorted(self.starts, place + 1))
        return found if self.present[found] else None

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays for the store."""
        return {"blob": self.blob, "starts": self.starts, "present": self.present}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Build from :meth:`to_arrays`."""
        return cls(arrays["blob"], arrays["starts"], arrays["present"])
