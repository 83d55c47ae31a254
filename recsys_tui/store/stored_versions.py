"""What is stored of a dataset and of each model, as the manifests say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recsys_tui.output.crowd_gate import CROWD, counts_enough
from recsys_tui.store.file_contents import Contents
from recsys_tui.store.version_folder import OLDEST_MODEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

WRITTEN_BY_STORE = ("format", "program", "created", "files", "model", "fingerprint", CROWD)


@dataclass(frozen=True)
class DatasetVersion:
    """The stored dataset: fingerprint of the content it was read from, how its files looked then, and what those of its
    interactions ``held`` and what was ``added`` to them."""

    fingerprint: str
    stamp: dict[str, list[int]]
    created: str
    held: Contents = ()
    added: Contents = ()


@dataclass(frozen=True)
class ModelKey:
    """What a model was trained as."""

    preset: str
    horizon: str
    seed: int
    device: str


@dataclass(frozen=True)
class StoredModelInfo:
    """A stored model, as its manifest says, without its arrays."""

    folder: Path
    key: ModelKey
    fingerprint: str
    created: str
    bytes: int
    manifest: dict[str, Any]

    @property
    def of_this_format(self) -> bool:
        """Whether this program can still answer from it."""
        return int(self.manifest["format"]) >= OLDEST_MODEL

    @property
    def counts_enough(self) -> bool:
        """Whether it was trained for crowds no smaller than those of the settings: what it counted, and told its lists
        apart by, is of as many. Of a private model that does not matter: its counts are noisy."""
        return "privacy" in self.manifest or counts_enough(self.manifest)

    @property
    def preset(self) -> str:
        """Name of the preset it was trained with."""
        return self.key.preset

    @property
    def horizon(self) -> str:
        """What it was trained to rank: ``next`` or ``later``."""
        return self.key.horizon

    @property
    def said_by_training(self) -> dict[str, Any]:
        """The manifest without what the store wrote into it: what saving a model takes."""
        return {name: value for name, value in self.manifest.items() if name not in WRITTEN_BY_STORE}


@dataclass(frozen=True)
class StoredModel:
    """A loaded model: its manifest and its read-only, memory-mapped arrays."""

    info: StoredModelInfo
    manifest: dict[str, Any]
    arrays: dict[str, NDArray[Any]]
