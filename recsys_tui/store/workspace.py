"""Everything derived from one dataset: its encoded tables and the models trained on it, in one folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from numpy.typing import NDArray

from recsys_tui.output.messages import say
from recsys_tui.store.array_file import DamagedFileError, read_arrays, write_arrays
from recsys_tui.store.atomic_files import read_json, write_json
from recsys_tui.store.dataset_files import describe, read_dataset, write_tables
from recsys_tui.store.folder_lock import folder_lock, is_locked
from recsys_tui.store.identity import Identity
from recsys_tui.store.version_folder import (
    check_files,
    damaged,
    read_manifest,
    remove_version,
    size_of,
    sweep_partial,
    versions,
    write_version,
)

if TYPE_CHECKING:
    from recsys_tui.data.dataset import Dataset
    from recsys_tui.store.home import Home

PRESET_ORDER = ("quick", "standard", "full")
LOCK_WAIT = 30.0
ARRAYS = "model.safetensors"
KEPT_DATA = 1
KEPT_MODELS = 1


@dataclass(frozen=True)
class DatasetVersion:
    """The stored dataset: fingerprint of the content it was read from, and how its files looked then."""

    fingerprint: str
    stamp: dict[str, list[int]]
    created: str


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
    def preset(self) -> str:
        """Name of the preset it was trained with."""
        return self.key.preset

    @property
    def horizon(self) -> str:
        """What it was trained to rank: ``next`` or ``later``."""
        return self.key.horizon


@dataclass(frozen=True)
class StoredModel:
    """A loaded model: its manifest and its read-only, memory-mapped arrays."""

    info: StoredModelInfo
    manifest: dict[str, Any]
    arrays: dict[str, NDArray[Any]]


class Workspace:
    """A folder under the home folder, named by the identity of the data.

    Readers need no lock: versions appear whole by renaming. Writers hold the lock.
    """

    def __init__(self, folder: Path, identity: Identity | None = None) -> None:
        self.folder = folder
        self._identity = identity

    @classmethod
    def open(cls, home: Home, identity: Identity) -> Self:
        """The workspace of some data; its folder is made when something is first written."""
        return cls(home.workspace_folder(identity.key), identity)

    @property
    def key(self) -> str:
        """The name of the folder."""
        return self.folder.name

    @property
    def identity(self) -> Identity | None:
        """Path and mapping of the data, as stored or as opened."""
        if self._identity is None:
            document = read_json(self.folder / "identity.json")
            self._identity = None if document is None else Identity.from_json(document)
        return self._identity

    @contextmanager
    def lock(self, purpose: str, wait: float = LOCK_WAIT) -> Iterator[None]:
        """Be the only writer. Raises ``UserError`` (exit 1) naming the process that holds the lock."""
        with folder_lock(self.folder / "lock", purpose, wait):
            for parent in (self._data, self._models):
                sweep_partial(parent)
            yield

    @property
    def locked(self) -> bool:
        """Whether a process is writing now."""
        return is_locked(self.folder / "lock")

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _models(self) -> Path:
        return self.folder / "models"

    def save_dataset(self, dataset: Dataset, fingerprint: str, stamp: dict[str, list[int]]) -> None:
        """Store a dataset as the current version; older ones go."""
        with self.lock(say("store.storing_data")):
            if self._identity is not None:
                write_json(self.folder / "identity.json", self._identity.to_json())
            manifest = describe(dataset) | {"fingerprint": fingerprint, "stamp": stamp}
            write_version(self._data, fingerprint[:12], manifest, lambda folder: write_tables(dataset, folder))
            for old in versions(self._data)[KEPT_DATA:]:
                remove_version(old)

    def dataset_version(self) -> DatasetVersion | None:
        """What is stored, from the manifest alone; None where nothing is."""
        found = versions(self._data)
        if not found:
            return None
        manifest = read_manifest(found[0], self.key)
        return DatasetVersion(manifest["fingerprint"], manifest["stamp"], manifest["created"])

    def load_dataset(self) -> Dataset | None:
        """The stored dataset, exactly as it was saved; None where nothing is. Raises ``UserError`` if damaged."""
        for attempt in range(2):
            found = versions(self._data)
            if not found:
                return None
            try:
                manifest = read_manifest(found[0], self.key)
                check_files(found[0], manifest, self.key)
                return read_dataset(found[0], manifest)
            except Exception:
                # A newer version may have taken its place while it was read.
                if attempt or versions(self._data)[:1] == found[:1]:
                    raise
        return None

    def save_model(self, key: ModelKey, manifest: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> StoredModelInfo:
        """Store a model of the current data; older models of the same preset and horizon go."""
        with self.lock(say("store.storing_model")):
            version = self.dataset_version()
            head = {"model": vars(key) | {}, "fingerprint": version.fingerprint if version else ""}
            folder = write_version(
                self._models,
                f"{key.preset}-{key.horizon}",
                head | manifest,
                lambda partial: write_arrays(partial / ARRAYS, arrays),
            )
            kept: dict[tuple[str, str], int] = {}
            for info in self.models():
                place = (info.preset, info.horizon)
                kept[place] = kept.get(place, 0) + 1
                if kept[place] > KEPT_MODELS:
                    remove_version(info.folder)
        return self._info(folder)

    def models(self) -> list[StoredModelInfo]:
        """All stored models, newest first."""
        return [self._info(folder) for folder in versions(self._models)]

    def _info(self, folder: Path) -> StoredModelInfo:
        manifest = read_manifest(folder, self.key)
        try:
            key = ModelKey(**manifest["model"])
            size = sum(int(entry["bytes"]) for entry in manifest["files"].values())
            return StoredModelInfo(folder, key, manifest["fingerprint"], manifest["created"], size, manifest)
        except (KeyError, TypeError, ValueError) as error:
            raise damaged(folder / "manifest.json", say("store.no_model_described"), self.key) from error

    def find_model(self, horizon: str = "next", preset: str | None = None) -> StoredModelInfo | None:
        """The best stored model of a horizon: of the current data before older data, then the larger preset."""
        version = self.dataset_version()
        current = version.fingerprint if version else ""
        fitting = [info for info in self.models() if info.horizon == horizon and preset in (None, info.preset)]
        if not fitting:
            return None
        return max(
            fitting, key=lambda info: (info.fingerprint == current, PRESET_ORDER.index(info.preset), info.created)
        )

    def load_model(self, info: StoredModelInfo) -> StoredModel:
        """Checked, memory-mapped arrays. Raises ``UserError`` (exit 1) for a damaged file."""
        check_files(info.folder, info.manifest, self.key)
        try:
            arrays = read_arrays(info.folder / ARRAYS)
        except (DamagedFileError, OSError) as error:
            raise damaged(info.folder / ARRAYS, str(error), self.key) from error
        return StoredModel(info, info.manifest, arrays)

    def size(self) -> int:
        """Bytes of everything in the folder."""
        return size_of(self.folder)
