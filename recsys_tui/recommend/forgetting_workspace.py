"""Takes one person out of a workspace: logs, models, everything derived, the stored data and kept rows."""

from __future__ import annotations

import hashlib
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from recsys_tui.data.dataset import FRIEND, ID, ITEM, USER, Dataset
from recsys_tui.data.kept_rows import added_without, input_without
from recsys_tui.data.subset import subset
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.recommend.forgetting_plan import Plan
from recsys_tui.store.array_file import read_arrays
from recsys_tui.store.atomic_files import read_json, write_bytes
from recsys_tui.store.damage import DamagedFileError
from recsys_tui.store.data_traces import ADDED
from recsys_tui.store.dataset_files import read_dataset
from recsys_tui.store.field_scan import PEOPLE_TABLES, Sought, rows_with
from recsys_tui.store.kept_copies import is_as_added, note_rewritten
from recsys_tui.store.parquet_file import read_parquet
from recsys_tui.store.piped_input import is_as_piped
from recsys_tui.store.scrubbing import LOGS, ids_in_log, scrub_log, scrub_names, sweep_leftovers
from recsys_tui.store.version_folder import (
    MANIFEST,
    check_files,
    read_manifest,
    remove_version,
    set_aside,
    versions,
    without_manifest,
)
from recsys_tui.store.workspace import PEOPLE
from recsys_tui.training.job import TrainingRequest

if TYPE_CHECKING:
    from recsys_tui.recommend.session import Session
    from recsys_tui.store.workspace import Workspace

# What was worked out from the data or a model, with the person in its figures: it goes, and is made anew when asked.
DERIVED = ("ab_arms", "comparison.json", "text-vectors")
LOG_FIELDS = {"feedback.sqlite3": "feedback", "ab.sqlite3": "ab"}


@dataclass
class Removed:
    """How much went: rows, versions of the data, models, files that were derived, places and lines."""

    interactions: int = 0
    links: int = 0
    feedback: int = 0
    ab: int = 0
    added_rows_files: int = 0
    data_versions: int = 0
    models: list[str] = field(default_factory=list)
    derived: list[str] = field(default_factory=list)
    cluster_names: int = 0
    remembered: int = 0
    log_lines: int = 0
    leftovers: int = 0

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def scrub_workspace(session: Session, sought: Sought, removed: Removed) -> list[HeldModel]:
    """Take a person who has a tombstone out of a workspace. What is left to train is noted before any model goes.

    Returns the models that went and are not trained anew by themselves: private ones, and those of which it cannot be
    told how they were trained. Killed at any moment it leaves what can be used, and done again it goes on. Only for the
    one who has the workspace alone.
    """
    workspace, plan = session.workspace, Plan(session.workspace.folder)
    # Whoever stores something looks under this lock whether somebody in it is forgotten: from now on nothing is added.
    with workspace.lock(say("forget.forgetting")):
        held = _models_with(workspace, sought)
        stored = [folder for folder in versions(workspace.folder / "data") if _data_holds(folder, sought)]
        unfinished = plan.exists()
        if held or stored:
            asked = [one.request for one in held if one.request is not None]
            plan.write(list(dict.fromkeys([*plan.read(), *asked])))
        for log in LOGS:
            name = LOG_FIELDS[log.name]
            setattr(removed, name, getattr(removed, name) + scrub_log(workspace.folder, log, sought))
        removed.cluster_names += scrub_names(workspace.folder, sought)
        for model in held:
            remove_version(model.folder)
            removed.models.append(model.name)
        if held or stored or unfinished:
            removed.derived += [name for name in DERIVED if _drop(workspace.folder / name)]
        removed.leftovers += sweep_leftovers(workspace.folder)
        for nameless in [*without_manifest(workspace.folder / "data"), *without_manifest(workspace.folder / "models")]:
            remove_version(nameless)
            removed.leftovers += 1
    rewritten = _rewrite_kept(session, removed)
    if stored or rewritten or (unfinished and workspace.dataset_version() is not None):
        removed.data_versions += len(stored)
        _count(stored, sought, removed)
        _store_anew(session, sought)
    if not plan.read():
        plan.done()
    return [model for model in held if model.request is None]


def forgotten_and_stored(session: Session, people_are_items: bool = False) -> tuple[str, ...]:
    """The ids of people who are forgotten of this data and are stored all the same, in it, in a model or in a log:
    nobody could tell then that it is the same data."""
    gone, folder = session.forgotten(), session.workspace.folder
    if not gone:
        return ()
    names = [*PEOPLE_TABLES, "items"] if people_are_items else PEOPLE_TABLES
    found = dict.fromkeys(user for log in LOGS for user in ids_in_log(folder, log, people_are_items) if user in gone)
    for path in [version / f"{name}.parquet" for version in versions(folder / "data") for name in names]:
        with suppress(Exception):  # Polars raises several kinds; what is damaged goes as a whole
            ids = read_parquet(path)[ID]
            found.update(dict.fromkeys(ids.filter(gone.among(ids)).to_list()))
    for version in versions(folder / "models"):
        with suppress(OSError, KeyError, DamagedFileError, UserError):
            lists = (bytes(blob).decode("utf-8", "surrogatepass") for blob in _lists_in(version, people_are_items))
            ids = pl.Series([text for texts in lists for text in texts.split("\n") if text], dtype=pl.String)
            found.update(dict.fromkeys(ids.filter(gone.among(ids)).to_list()))
    return tuple(found)


@dataclass(frozen=True)
class HeldModel:
    """A model that was trained with the person; ``request``: what was asked of its training, None where that cannot be
    told, or where it is private: another of those has its price in privacy, and must be asked for."""

    folder: Path
    name: str
    request: TrainingRequest | None
    private: bool


def _models_with(workspace: Workspace, sought: Sought) -> list[HeldModel]:
    """The models that were trained with the person; one that is not as it was stored, or cannot be read, counts as
    if it was."""
    return [_held_model(folder) for folder in versions(workspace.folder / "models") if _model_holds(folder, sought)]


def _model_holds(folder: Path, sought: Sought) -> bool:
    try:
        check_files(folder, read_manifest(folder, ""), "")  # files of another model may have been put in their place
        return any(_listed(blob, sought) for blob in _lists_in(folder, sought.people_are_items))
    except (OSError, KeyError, DamagedFileError, UserError):
        return True


def _lists_in(folder: Path, people_are_items: bool) -> list[Any]:
    """The ids of people in a model, as it has them. Raises what reading it does, ``KeyError`` where it has none."""
    people, silent = PEOPLE
    arrays: dict[str, Any] = {}
    for path in folder.glob("*.safetensors"):
        arrays |= read_arrays(path)
    names = (people, "items.ids.blob") if people_are_items else (people,)
    return [arrays[name] for name in (*names, *({silent} & arrays.keys()))]


def _held_model(folder: Path) -> HeldModel:
    manifest = read_json(folder / MANIFEST) or {}
    name, private = folder.name.rpartition("-")[0], "privacy" in manifest
    try:
        said = manifest["model"]
        request = TrainingRequest(said["preset"], said["horizon"], said["seed"], said["device"])
    except (TypeError, KeyError, UserError):
        return HeldModel(folder, name, None, private)
    return HeldModel(folder, name, None if private else request, private)


def _listed(blob: Any, sought: Sought) -> bool:
    text = bytes(blob)
    return any(b"\n" + form.encode("utf-8", "surrogatepass") + b"\n" in text for form in sought.forms)


def _data_holds(folder: Path, sought: Sought) -> bool:
    """Whether a stored version of the data names the person; one that is damaged counts as if it did."""
    names = [*PEOPLE_TABLES, "items"] if sought.people_are_items else PEOPLE_TABLES
    try:
        check_files(folder, read_manifest(folder, ""), "")
        tables = [read_parquet(path) for name in names if (path := folder / f"{name}.parquet").exists()]
    except Exception:  # Polars raises several kinds
        return True
    return any(rows_with(table[ID], sought.forms, numbers=True) for table in tables)


def _count(stored: list[Path], sought: Sought, removed: Removed) -> None:
    """How many interactions and links of the newest stored version were the person's; of a damaged one nobody knows."""
    try:
        manifest = read_manifest(stored[0], "")
        check_files(stored[0], manifest, "")
        dataset = read_dataset(stored[0], manifest)
    except Exception:  # Polars raises several kinds
        return
    removed.interactions += int((~_kept_events(dataset, sought)).sum())
    users = _codes(dataset.users[ID], sought)
    links = dataset.links
    removed.links += int((links[USER].is_in(users.implode()) | links[FRIEND].is_in(users.implode())).sum())


def _codes(ids: pl.Series, sought: Sought) -> pl.Series:
    return ids.is_in(pl.Series(sought.forms, dtype=pl.String).implode()).arg_true().cast(pl.UInt32)


def _kept_events(dataset: Dataset, sought: Sought) -> pl.Series:
    table = dataset.interactions
    kept = ~table[USER].is_in(_codes(dataset.users[ID], sought).implode())
    if sought.people_are_items:
        kept &= ~table[ITEM].is_in(_codes(dataset.items[ID], sought).implode())
    return kept


def _rewrite_kept(session: Session, removed: Removed) -> bool:
    """Take the person's rows out of piped input and added rows, which are copies that the program itself keeps."""
    identity, gone, rewritten, root = session.identity, session.forgotten(), False, session.home.root
    piped = session.home.is_piped(identity.path)
    for path in session.workspace.added_files():
        kept = added_without(path, identity.path, identity.mapping, gone)
        if kept is None:
            continue
        rewritten = True
        removed.added_rows_files += 1
        # Where it was moved and a link left in its place, it goes where it lies, unless that is something else by now.
        place = path.resolve() if path.is_symlink() and is_as_added(path, root) else path
        target = path.with_name(path.name.split(".")[0] + ".parquet")
        if kept:
            note_rewritten(root, kept)
            write_bytes(place if target == path else target, kept)
        if not kept or target != path:
            place.unlink()
            path.unlink(missing_ok=True)
    for hidden in (session.workspace.folder / ADDED).glob(".*"):
        hidden.unlink(missing_ok=True)
    if piped and identity.path.is_file():
        kept = input_without(identity.path, identity.mapping, gone)
        if kept is not None:
            rewritten = True
            moved = identity.path.is_symlink() and is_as_piped(identity.path, root)
            note_rewritten(root, kept)
            write_bytes(identity.path.resolve() if moved else identity.path, kept)
    return rewritten


def _store_anew(session: Session, sought: Sought) -> None:
    """Read the source as if it had never named the person; where that is gone, take them out of what is stored."""
    workspace = session.workspace
    before = None
    with suppress(UserError):
        before = workspace.load_dataset()
    session.reread()
    try:
        session.load()
    except UserError:
        if before is None or not _store_part(session, before, sought):
            with workspace.lock(say("forget.forgetting")):
                for folder in versions(workspace.folder / "data"):
                    remove_version(folder)


def _store_part(session: Session, before: Dataset, sought: Sought) -> bool:
    """Store what is left of a stored dataset without the person, and without others who are forgotten of it by now;
    False where that is nobody."""
    workspace = session.workspace
    version = workspace.dataset_version()
    sought = replace(sought, forms=(*sought.forms, *forgotten_and_stored(session, sought.people_are_items)))
    kept = _kept_events(before, sought)
    if version is None or not kept.any():
        return False
    part = subset(before, kept.to_numpy().astype(np.bool_))
    if sought.people_are_items:
        part = _without_item(part, sought)
    if part.silent is not None:
        rest = part.silent.filter(~part.silent[ID].is_in(pl.Series(sought.forms, dtype=pl.String).implode()))
        part = replace(part, silent=rest if rest.height else None)
    changed = hashlib.blake2b(version.fingerprint.encode() + b"\n", digest_size=16).hexdigest()
    workspace.save_dataset(part, changed, version.stamp | session.source.mark_of_forgotten())
    return True


def _without_item(dataset: Dataset, sought: Sought) -> Dataset:
    """Without an item that nobody has; codes of the others close up."""
    gone = dataset.items[ID].is_in(pl.Series(sought.forms, dtype=pl.String).implode())
    codes = ((~gone).cum_sum() - 1).cast(pl.UInt32)
    table = dataset.interactions.with_columns(codes.gather(dataset.interactions[ITEM]).alias(ITEM))
    return replace(dataset, items=dataset.items.filter(~gone), interactions=table)


def _drop(path: Path) -> bool:
    """Remove a file, or a folder as a whole; whether there was one. Versions in it go where they lie."""
    if path.is_dir():
        for version in versions(path):
            remove_version(version)
        aside = set_aside(path)
        shutil.rmtree(aside.resolve(), ignore_errors=True)
        if aside.is_symlink():
            aside.unlink()
        return True
    there = path.exists()
    path.unlink(missing_ok=True)
    return there
