"""Brings a public dataset into the home folder: downloaded, verified, unpacked beside its place and moved there."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from recsys_tui.data.public_datasets import PublicDataset
from recsys_tui.output.console import human_bytes
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.store.atomic_files import make_private_folder, partial_beside, sync_folder, told_apart
from recsys_tui.store.download import Progress, Remote, check_file, download
from recsys_tui.store.folder_lock import folder_lock
from recsys_tui.store.version_folder import sweep_partial


@dataclass(frozen=True)
class Brought:
    """Where a dataset is. ``already``: it was there before. ``bytes``: how many came over the network now, after
    ``kept`` bytes of an earlier attempt."""

    folder: Path
    files: tuple[str, ...]
    already: bool
    bytes: int
    kept: int


def place_of(dataset: PublicDataset, datasets: Path) -> Path:
    """The folder of a public dataset in the folder of downloaded ones, whether it is there or not."""
    return datasets / dataset.name


def part_of(dataset: PublicDataset, datasets: Path) -> Path:
    """The file that holds what came of a dataset so far."""
    return datasets / f".{dataset.name}.zip.part"


def came_before(part: Path) -> int:
    """How many bytes of a download are there from an earlier attempt."""
    return part.stat().st_size if part.is_file() else 0


def is_there(dataset: PublicDataset, datasets: Path) -> bool:
    """Whether all files of a public dataset are there."""
    return not _lacking(dataset, place_of(dataset, datasets))


def bring(
    dataset: PublicDataset, datasets: Path, archive: Path | None = None, progress: Progress = lambda _there: None
) -> Brought:
    """Download a public dataset, unless it is there. ``archive``: a copy of its archive, instead of a download.

    A download that broke off or was interrupted goes on at the next call. Raises ``UserError``: exit 2 where something
    else has its place, exit 1 where it does not come, is not what is known by that name, or cannot be written.
    """
    folder = place_of(dataset, datasets)
    if is_there(dataset, datasets):
        with suppress(OSError):  # a home that may only be read
            part_of(dataset, datasets).unlink(missing_ok=True)  # of one that was killed when it had moved it there
        return Brought(folder, dataset.members, True, 0, 0)
    with told_apart(folder):
        make_private_folder(datasets)
    with folder_lock(datasets / f".{dataset.name}.lock", say("datasets.getting", name=dataset.name)):
        if is_there(dataset, datasets):  # somebody else brought it meanwhile
            return Brought(folder, dataset.members, True, 0, 0)
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            names = ", ".join(_lacking(dataset, folder))
            raise UserError("datasets.in_the_way", path=folder, name=dataset.name, names=names)
        sweep_partial(datasets, dataset.name)
        part = part_of(dataset, datasets)
        _check_room(dataset, datasets, dataset.unpacked + (dataset.bytes - came_before(part) if archive is None else 0))
        remote = Remote(dataset.address, dataset.bytes, dataset.sha256)
        came = 0
        if archive is None:
            came = download(remote, part, progress)
            try:
                check_file(part, remote)
            except UserError:
                part.unlink(missing_ok=True)
                raise
        else:
            check_file(archive, remote)
        _unpack(dataset, archive or part, folder)
        part.unlink(missing_ok=True)
    return Brought(folder, dataset.members, False, came, 0 if archive else max(0, dataset.bytes - came))


def _unpack(dataset: PublicDataset, archive: Path, folder: Path) -> None:
    """Unpack beside the place and move it there as a whole."""
    from recsys_tui.store.unpacking import unpack

    aside = partial_beside(folder)
    with told_apart(folder):
        make_private_folder(aside)
        try:
            unpack(archive, dataset.inside, dataset.members, aside, dataset.unpacked)
            sync_folder(aside)
            aside.replace(folder)
            sync_folder(folder.parent)
        finally:
            shutil.rmtree(aside, ignore_errors=True)


def _lacking(dataset: PublicDataset, folder: Path) -> Sequence[str]:
    return [name for name in dataset.members if not (folder / name).is_file()]


def _check_room(dataset: PublicDataset, datasets: Path, needed: int) -> None:
    free = shutil.disk_usage(datasets).free
    if free < needed:
        fields = {"name": dataset.name, "needed": human_bytes(needed), "free": human_bytes(free), "path": datasets}
        raise UserError("datasets.no_room", ExitCode.FAILED, **fields)
