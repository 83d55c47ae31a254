"""Everything derived from one dataset: its encoded tables and the models trained on it, in one folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from recsys_tui.output.crowd_gate import CROWD, smallest_crowd
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.store.atomic_files import read_json, sync_folder, told_apart, write_bytes, write_json
from recsys_tui.store.damage import DAMAGED, DamagedFileError
from recsys_tui.store.data_traces import ADDED, HELD, HELD_ADDED, held_when_read
from recsys_tui.store.dataset_files import describe, read_dataset, write_tables
from recsys_tui.store.file_contents import Contents, contents_in, contents_to_json, in_order
from recsys_tui.store.folder_lock import folder_lock
from recsys_tui.store.identity import IDENTITY, Identity
from recsys_tui.store.kept_copies import is_as_added, name_of_added
from recsys_tui.store.stored_versions import DatasetVersion, ModelKey, StoredModel, StoredModelInfo
from recsys_tui.store.tombstones import forgotten_in
from recsys_tui.store.version_folder import (
    MANIFEST,
    check_files,
    damaged,
    no_damage_without_memory,
    read_manifest,
    read_settled,
    reason_of,
    remove_version,
    size_of,
    sweep_partial,
    versions,
    without_manifest,
    write_version,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recsys_tui.data.dataset import Dataset
    from recsys_tui.store.home import Home

# Who trained with differential privacy wants that to answer, however well others rank.
PRESET_ORDER = ("quick", "standard", "full", "private")
# Stands in the workspace of which a private model went because it was damaged, or of an older format.
PRIVATE_IS_GONE = "private_is_gone.json"
LOCK_WAIT = 30.0
UPDATE_LOCK = "update.lock"
ARRAYS = "model.safetensors"
# The texts of a model that are ids of people: those who did something, and those whom only a table of people knows.
PEOPLE = ("people.ids.blob", "attributes.silent.blob")
# In the manifest of a model: a checksum of who was forgotten when it was stored.
WITHOUT = "without"
KEPT_DATA = 1
KEPT_MODELS = 1


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
        """Path and mapping of the data, as opened or as stored; None where neither tells."""
        if self._identity is None:
            with suppress(ValueError):
                self._identity = Identity.from_json(read_json(self.folder / IDENTITY) or {})
        return self._identity

    @contextmanager
    def lock(self, purpose: str, wait: float = LOCK_WAIT) -> Iterator[None]:
        """Be the only writer. Raises ``UserError`` (exit 1) naming the process that holds the lock."""
        with folder_lock(self.folder / "lock", purpose, wait):
            sweep_partial(self.folder, IDENTITY)
            for parent in (self._data, self._models):
                sweep_partial(parent)
            yield

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _models(self) -> Path:
        return self.folder / "models"

    def added_files(self) -> list[Path]:
        """Files of interactions that were added to the data, in the order in which they came."""
        folder = self.folder / ADDED
        return sorted(path for path in folder.iterdir() if not path.name.startswith(".")) if folder.is_dir() else []

    def keep_added(self, content: bytes, suffix: str) -> Path | None:
        """Keep a file of new interactions; None where the same file was added before. For the only one who adds.

        It has a hidden name, and is none of the added files, until :meth:`count_added`: until then nobody knows
        whether it can be read, and what a process that died left is removed by the next.
        """
        digest = name_of_added(content)
        there = self.added_files()
        if any(digest in path.name for path in there):
            return None
        folder = self.folder / ADDED
        for left in folder.glob(".*"):
            left.unlink()
        path = folder / f".{len(there) + 1:05d}-{digest}{suffix}"
        write_bytes(path, content)
        return path

    def count_added(self, kept: Path) -> Path:
        """Count a kept file among the added ones from now on; returns its new path."""
        with told_apart(kept):
            path = kept.rename(kept.with_name(kept.name.removeprefix(".")))
            sync_folder(path.parent)
        return path

    def drop_if_empty(self) -> None:
        """Remove the folder where nothing was stored. For the only one who updates."""
        if not (self.folder / IDENTITY).exists():
            (self.folder / UPDATE_LOCK).unlink(missing_ok=True)
            with suppress(OSError):
                (self.folder / ADDED).rmdir()
            with suppress(OSError):  # someone is about to store
                self.folder.rmdir()

    def save_dataset(
        self, dataset: Dataset, fingerprint: str, stamp: dict[str, list[int]], added: Contents = ()
    ) -> None:
        """Store a dataset as the current version; older ones go, but for those that a stored model was made of.

        ``added``: what was added to it last. Raises ``UserError`` (exit 1) where somebody in it was forgotten since it
        was read.
        """
        held = self._held(added)
        with self.lock(say("store.storing_data")):
            self._drop_damaged()
            if self._identity is not None:
                write_json(self.folder / IDENTITY, self._identity.to_json())
            self._refuse_forgotten(dataset.users["id"])
            self._refuse_forgotten(() if dataset.silent is None else dataset.silent["id"].drop_nulls())
            manifest = describe(dataset) | {"fingerprint": fingerprint, "stamp": stamp} | held
            write_version(self._data, fingerprint[:12], manifest, lambda folder: write_tables(dataset, folder))
            self._drop_old_data()

    def _held(self, added: Contents) -> dict[str, Any]:
        """What is noted of what the data held, and of what was added to it: as by now, and as was noted before."""
        version = None
        with suppress(UserError):
            version = self.dataset_version()
        before, rows = ((), ()) if version is None else (version.held, version.added)
        path = None if self.identity is None else self.identity.path
        held = before if path is None else held_when_read(self.folder.parent.parent, path, before)
        known = {HELD: in_order(held), HELD_ADDED: in_order({*rows, *added})}
        return {name: contents_to_json(contents) for name, contents in known.items()}

    def _refuse_forgotten(self, people: Iterable[str]) -> None:
        gone = forgotten_in(self.folder)
        if gone and any(user in gone for user in people):
            raise UserError("forget.forgotten_meanwhile", ExitCode.FAILED)

    def drop_old_data(self) -> None:
        """Remove the versions of the dataset that are neither current nor what a stored model was made of."""
        with self.lock(say("store.storing_data")):
            self._drop_damaged()
            self._drop_old_data()

    def _drop_old_data(self) -> None:
        needed = {info.fingerprint for info in self.models()}
        for old in versions(self._data)[KEPT_DATA:]:
            version = self._version(old).fingerprint
            if version not in needed:
                remove_version(old)
            needed.discard(version)

    def dataset_version(self) -> DatasetVersion | None:
        """What is stored, from the manifest alone; None where nothing is. Raises ``UserError`` if damaged."""
        return read_settled(self._data, lambda found: self._version(found[0]) if found else None)

    def _version(self, folder: Path) -> DatasetVersion:
        manifest = read_manifest(folder, self.key)
        fingerprint, stamp, created = (manifest.get(name) for name in ("fingerprint", "stamp", "created"))
        known = isinstance(stamp, dict) and "\0" not in "".join(stamp)
        if not isinstance(fingerprint, str) or not isinstance(created, str) or not isinstance(stamp, dict) or not known:
            raise damaged(folder / MANIFEST, say("store.no_dataset_described"), self.key)
        return DatasetVersion(
            fingerprint, stamp, created, contents_in(manifest, HELD), contents_in(manifest, HELD_ADDED)
        )

    def load_dataset(self, fingerprint: str | None = None) -> Dataset | None:
        """The stored dataset, exactly as it was saved; None where nothing is. Raises ``UserError`` if damaged.

        ``fingerprint``: of an earlier version, which is kept while a model that was made of it is.
        """

        def newest(found: list[Path]) -> Dataset | None:
            fitting = (one for one in found if fingerprint in (None, self._version(one).fingerprint))
            folder = next(fitting, None)
            return None if folder is None else self._dataset(folder)

        return read_settled(self._data, newest)

    def load_current(self) -> tuple[Dataset, str] | None:
        """The stored dataset and its fingerprint, for whoever makes something of it while it may be stored anew; None
        where nothing is stored. Raises ``UserError`` if damaged."""
        return read_settled(
            self._data, lambda found: (self._dataset(found[0]), self._version(found[0]).fingerprint) if found else None
        )

    def _dataset(self, folder: Path) -> Dataset:
        manifest = read_manifest(folder, self.key)
        check_files(folder, manifest, self.key)
        try:
            return read_dataset(folder, manifest)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError) as error:
            no_damage_without_memory(error)
            raise damaged(folder / MANIFEST, say("store.no_dataset_described"), self.key) from error

    def save_model(
        self, key: ModelKey, manifest: dict[str, Any], arrays: dict[str, NDArray[Any]], fingerprint: str | None = None
    ) -> StoredModelInfo:
        """Store a model; older models of the same preset and horizon go.

        ``fingerprint``: of the data that it was made of, which may have been stored anew meanwhile; without one it is
        that of the current data. Raises ``UserError`` (exit 1) where somebody in it was forgotten since it was begun.
        """
        from recsys_tui.store.model_files import write_model_files

        with self.lock(say("store.storing_model")):
            self._drop_damaged()
            self._refuse_forgotten(_people_of(arrays))
            if fingerprint is None:
                version = self.dataset_version()
                fingerprint = version.fingerprint if version else ""
            gone = forgotten_in(self.folder)
            head = {
                "model": vars(key) | {},
                "fingerprint": fingerprint,
                WITHOUT: gone.digest(),
                CROWD: smallest_crowd(),
            }
            folder = write_version(
                self._models,
                f"{key.preset}-{key.horizon}",
                head | manifest,
                lambda partial: write_model_files(partial, manifest, arrays),
            )
            if key.preset == PRESET_ORDER[-1]:
                (self.folder / PRIVATE_IS_GONE).unlink(missing_ok=True)
            kept: dict[tuple[str, str], int] = {}
            for info in self.models():
                place = (info.preset, info.horizon)
                kept[place] = kept.get(place, 0) + 1
                if kept[place] > KEPT_MODELS:
                    remove_version(info.folder)
            self._drop_old_data()
        return self._info(folder)

    def models(self) -> list[StoredModelInfo]:
        """All stored models, newest first."""
        return read_settled(
            self._models, lambda found: [info for folder in found if (info := self._info(folder)).of_this_format]
        )

    def _drop_damaged(self) -> None:
        """Remove versions whose manifests are gone or do not hold up, and models of an older format.

        Of a private one it is noted, as others answer in its place. Only for the holder of the lock.
        """
        for parent, read in ((self._data, self._version), (self._models, self._info)):
            for folder in without_manifest(parent):
                self._note_private(folder)
                remove_version(folder)
            for folder in versions(parent):
                try:
                    outdated = isinstance(found := read(folder), StoredModelInfo) and not found.of_this_format
                except UserError as error:
                    if error.message_id != DAMAGED:
                        raise
                    outdated = True
                if outdated:
                    self._note_private(folder)
                    remove_version(folder)

    def _note_private(self, folder: Path) -> None:
        if folder.parent == self._models and folder.name.startswith(f"{PRESET_ORDER[-1]}-"):
            write_json(self.folder / PRIVATE_IS_GONE, {"format": 1})

    @property
    def private_is_gone(self) -> bool:
        """Whether a private model was removed because it was damaged, or of an older format, and none stored since."""
        return (self.folder / PRIVATE_IS_GONE).exists()

    def _info(self, folder: Path) -> StoredModelInfo:
        manifest = read_manifest(folder, self.key)
        try:
            key = ModelKey(**manifest["model"])
            fingerprint, created = manifest["fingerprint"], manifest["created"]
            if key.preset not in PRESET_ORDER or not isinstance(fingerprint, str) or not isinstance(created, str):
                raise ValueError(key)
            size = sum(int(entry["bytes"]) for entry in manifest["files"].values())
            return StoredModelInfo(folder, key, fingerprint, created, size, manifest)
        except (KeyError, TypeError, ValueError) as error:
            raise damaged(folder / MANIFEST, say("store.no_model_described"), self.key) from error

    def find_model(self, horizon: str = "next", preset: str | None = None) -> StoredModelInfo | None:
        """The best stored model of a horizon: of the current data before older data, then one whose training ran to its
        end before one that was stopped, then the larger preset, then the one stored last (by its number: clocks go
        backwards). None of smaller crowds than those of the settings.
        """
        version = self.dataset_version()
        current = version.fingerprint if version else ""
        enough = [info for info in self.models() if info.counts_enough]
        fitting = [info for info in enough if info.horizon == horizon and preset in (None, info.preset)]
        if not fitting:
            return None

        def worth(info: StoredModelInfo) -> tuple[bool, bool, int]:
            whole = not info.manifest.get("interrupted")
            return info.fingerprint == current, whole, PRESET_ORDER.index(info.preset)

        return max(fitting, key=worth)  # the first of equals, and the newest comes first

    def counts_too_few(self, horizon: str, preset: str | None = None) -> bool:
        """Whether models of a horizon are stored, but all for smaller crowds than those of the settings."""
        fitting = [info for info in self.models() if info.horizon == horizon and preset in (None, info.preset)]
        return bool(fitting) and not any(info.counts_enough for info in fitting)

    def load_model(self, info: StoredModelInfo) -> StoredModel:
        """Checked, memory-mapped arrays; those of its successor where the model has been replaced meanwhile.

        Raises ``UserError`` (exit 1) for a damaged file, and for a model that was put back after somebody in it was
        forgotten.
        """
        while True:
            try:
                return self._load_model(info)
            except UserError:
                place = (info.preset, info.horizon)
                successor = next((one for one in self.models() if (one.preset, one.horizon) == place), None)
                if successor is None or successor.folder == info.folder:
                    raise
                info = successor

    def _load_model(self, info: StoredModelInfo) -> StoredModel:
        from recsys_tui.store.model_files import read_model_files

        check_files(info.folder, info.manifest, self.key)
        try:
            arrays = read_model_files(info.folder, info.manifest)
        except (DamagedFileError, OSError) as error:
            no_damage_without_memory(error)
            raise damaged(info.folder / ARRAYS, reason_of(error), self.key) from error
        gone = forgotten_in(self.folder)
        if gone and info.manifest.get(WITHOUT) != gone.digest() and any(user in gone for user in _people_of(arrays)):
            raise damaged(info.folder / ARRAYS, say("store.holds_forgotten"), self.key)
        return StoredModel(info, info.manifest, arrays)

    def size(self) -> int:
        """Bytes of everything in the folder."""
        return size_of(self.folder)


def remove_moved(folder: Path, root: Path) -> None:
    """Remove what was moved from a workspace, which goes, with links left in its place, but for what is something else
    by now: versions of data and models, and added files. Raises ``UserError`` (exit 1) as ``remove_version``."""
    for part in [path for path in folder.iterdir() if path.is_dir()]:
        for version in versions(part):
            remove_version(version)
        for path in part.iterdir():
            behind = path.is_symlink() or part.is_symlink()
            if behind and path.is_file() and part.name == ADDED and is_as_added(path, root):
                path.resolve().unlink()
                path.unlink(missing_ok=True)
        if part.is_symlink():
            with suppress(OSError):  # what else lies there is not the program's own
                part.resolve().rmdir()


def _people_of(arrays: Mapping[str, NDArray[Any]]) -> list[str]:
    """The ids of the people of a model, also of those who did nothing; none of one that holds none."""
    return [text for name in PEOPLE if name in arrays for text in bytes(arrays[name]).decode().split("\n")]
