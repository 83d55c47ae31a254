"""``recsys datasets get``: downloads a public dataset. Nothing else of the program does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recsys_tui.cli.context import console, home
from recsys_tui.data.locate import expanded
from recsys_tui.data.public_datasets import PUBLIC
from recsys_tui.output.console import CSV, JSON, Console, human_bytes
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.output.writers import csv_table, json_document

if TYPE_CHECKING:
    from recsys_tui.data.public_datasets import PublicDataset


def get_dataset(
    name: Annotated[str, typer.Argument(metavar="NAME", help=say("datasets.help_get_name", names=", ".join(PUBLIC)))],
    archive: Annotated[
        Path | None, typer.Option("--archive", metavar="FILE", help=say("datasets.help_archive"))
    ] = None,
) -> None:
    from recsys_tui.store.public_download import bring

    if name not in PUBLIC:
        raise UserError("datasets.unknown_public", name=name, names=", ".join(PUBLIC))
    dataset, datasets, out = PUBLIC[name], home().datasets, console()
    if archive is not None and not expanded(archive).is_file():
        raise UserError("datasets.no_such_archive", path=archive, address=dataset.address)
    start = time.perf_counter()
    try:
        with _progress(dataset, datasets, archive, out) as show:
            brought = bring(dataset, datasets, archive and expanded(archive), show)
    except KeyboardInterrupt:
        if archive is None:
            out.tell(say("datasets.part_kept"))
        raise
    document = {
        "name": name,
        "path": str(brought.folder),
        "files": list(brought.files),
        "already_there": brought.already,
        "bytes": brought.bytes,
        "resumed_from": brought.kept,
        "terms": say("datasets.terms"),
        "seconds": round(time.perf_counter() - start, 3),
    }
    if out.options.form == JSON:
        out.data(json_document(document))
    elif out.options.form == CSV:
        out.data(csv_table(("name", "path", "file"), [(name, brought.folder, file) for file in brought.files]))
    else:
        out.data(str(brought.folder))
        out.tell(say("datasets.already" if brought.already else "datasets.got", name=name, path=brought.folder))
        out.tell(say("datasets.terms"))


@contextmanager
def _progress(
    dataset: PublicDataset, datasets: Path, archive: Path | None, out: Console
) -> Iterator[Callable[[int], None]]:
    """Tell how far it is: a bar on a terminal, a sentence at the beginning elsewhere, nothing where it is there."""
    from urllib.parse import urlsplit

    from recsys_tui.store.public_download import came_before, is_there, part_of

    if is_there(dataset, datasets):
        yield lambda _there: None
        return
    if archive is not None:
        out.tell(say("datasets.unpacks", name=dataset.name, path=archive))
        yield lambda _there: None
        return
    done, host = came_before(part_of(dataset, datasets)), urlsplit(dataset.address).hostname
    said = {"name": dataset.name, "host": host, "size": human_bytes(dataset.bytes)}
    out.tell(say("datasets.goes_on", done=human_bytes(done), **said) if done else say("datasets.begins", **said))
    if not out.lively:
        yield lambda _there: None
        return
    from rich.console import Console as RichConsole
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

    columns = (BarColumn(24), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=RichConsole(stderr=True), transient=True) as progress:
        task = progress.add_task(dataset.name, total=dataset.bytes, completed=done)
        yield lambda there: progress.update(task, completed=there)
