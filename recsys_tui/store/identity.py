"""What a workspace is named by: the resolved path of the data and the mapping of its columns."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from recsys_tui.data.dataset import Mapping, path_from_json

IDENTITY = "identity.json"
_UNSAFE = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Identity:
    """Path and mapping. It survives a changed file: fingerprints of contents are versions inside the workspace."""

    path: Path
    mapping: Mapping

    @property
    def key(self) -> str:
        """Name of the workspace's folder: a readable part and 12 hexadecimal digits of a hash."""
        document = json.dumps([str(self.path.resolve()), self.mapping.to_json()], sort_keys=True)
        digest = hashlib.blake2b(document.encode(), digest_size=6).hexdigest()
        stem = self.path.name.split(".")[0] if self.path.name else "data"
        slug = _UNSAFE.sub("-", stem.lower()).strip("-")[:40] or "data"
        return f"{slug}-{digest}"

    def to_json(self) -> dict[str, Any]:
        """Plain values; :meth:`from_json` reads them back."""
        return {"path": str(self.path), "mapping": self.mapping.to_json()}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self:
        """Build from :meth:`to_json`'s document. Raises ``ValueError`` for anything else."""
        try:
            path, mapping = document["path"], dict(document["mapping"])
            return cls(path_from_json(path), Mapping.from_json(mapping))
        except (KeyError, TypeError) as error:
            raise ValueError(document) from error
