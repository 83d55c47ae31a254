"""``recsys datasets``: those that have a name, downloading public ones, and writing invented ones."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from recsys_tui.cli.context import console, home
from recsys_tui.cli.datasets_get import get_dataset
from recsys_tui.cli.quick_group import QuickGroup
from recsys_tui.output.console import CSV, JSON, human_bytes
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.output.neutralise import neutral_text
from recsys_tui.output.writers import csv_table, json_document

SIZED = "crowd"
MOST_NAMES = 5

datasets = typer.Typer(help=say("cli.help_datasets"), cls=QuickGroup, no_args_is_help=True, rich_markup_mode=None)


datasets.command("get", help=say("datasets.help_get"))(get_dataset)


@datasets.command("list", help=say("cli.help_datasets_list"))
def list_datasets() -> None:
    from recsys_tui.data.public_datasets import PUBLIC

    out = console()
    entries = _listed()
    if out.options.form == JSON:
        out.data(json_document({"datasets": entries, "terms": say("datasets.terms")}))
    elif out.options.form == CSV:
        out.data(csv_table(tuple(entries[0]), [tuple(entry.values()) for entry in entries], ("about",)))
    else:
        rows = [(entry["name"], entry["about"], _where(entry)) for entry in entries]
        out.table((say("cli.name"), say("cli.about"), say("datasets.where")), rows, whole=(0, 2))
        if any(entry["path"] is None for entry in entries):
            out.tell(say("datasets.how_to_get"))
        if any(entry["name"] in PUBLIC for entry in entries):
            out.tell(say("datasets.terms"))


def _listed() -> list[dict[str, Any]]:
    """The bundled sets, then public ones, then what else lies in the home folder's place for them."""
    from recsys_tui.data.bundled import bundled_folders, named_folders
    from recsys_tui.data.public_datasets import PUBLIC, about_named

    there, bundled = named_folders(home().datasets), bundled_folders()
    entries: list[dict[str, Any]] = []
    for name in dict.fromkeys((*bundled, *PUBLIC, *there)):
        kind = "bundled" if name in bundled else "public" if name in PUBLIC else "made"
        path = str(there[name]) if name in there else None
        size = PUBLIC[name].bytes if name in PUBLIC else None
        entries.append({"name": name, "about": about_named(name), "kind": kind, "path": path, "download_bytes": size})
    return entries


def _where(entry: dict[str, Any]) -> str:
    if entry["path"] is not None:
        return say("datasets.is_bundled") if entry["kind"] == "bundled" else say("datasets.is_here")
    return say("datasets.is_available", size=human_bytes(entry["download_bytes"]))


@datasets.command("make", help=say("datasets.help_make"))
def make_dataset(
    name: Annotated[str, typer.Argument(metavar="NAME", help=say("datasets.help_name"))],
    output: Annotated[Path | None, typer.Option("--output", metavar="DIR", help=say("datasets.help_output"))] = None,
    users: Annotated[int | None, typer.Option("--users", min=1, help=say("datasets.help_users"))] = None,
    items: Annotated[int | None, typer.Option("--items", min=1, help=say("datasets.help_items"))] = None,
    events: Annotated[int | None, typer.Option("--events", min=1, help=say("datasets.help_events"))] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, max=2**31 - 1, help=say("datasets.help_seed"))] = None,
) -> None:
    from recsys_tui.processes.addresses import check_addresses

    check_addresses()  # before what makes data imports what needs more of them
    from recsys_tui.data.locate import expanded
    from recsys_tui.data.synthetic.__main__ import WRITERS
    from recsys_tui.store.atomic_files import check_access

    if name not in WRITERS:
        raise UserError("datasets.unknown", name=name, names=", ".join(WRITERS))
    size = {key: value for key, value in (("users", users), ("items", items), ("events", events)) if value is not None}
    if size and name != SIZED:
        raise UserError("datasets.fixed_size", name=name)
    out = console()
    folder = (expanded(output) if output is not None else home().datasets / name).absolute()
    if output is not None:
        check_access(folder, output)
    write, shipped = WRITERS[name]
    used = shipped if seed is None else seed
    out.tell(say("datasets.making", name=name))
    start = time.perf_counter()
    files = _written(folder, lambda there: write(there, used, **({"size": size} if size else {})))
    seconds = time.perf_counter() - start
    document = {"name": name, "path": str(folder), "files": files, "seed": used, "seconds": round(seconds, 3)}
    if out.options.form == JSON:
        out.data(json_document(document))
    elif out.options.form == CSV:
        out.data(csv_table(("name", "path", "file", "seed"), [(name, folder, file, used) for file in files]))
    else:
        out.data(str(folder))
        out.tell(say("datasets.made", name=name, seconds=f"{seconds:.1f}", path=folder))


def _written(folder: Path, write: Callable[[Path], None]) -> list[str]:
    """Write files into a folder, all or none; returns their names. Files of the same names are replaced.

    Raises ``UserError``: exit 2 where the folder holds other things, exit 1 where it cannot be written.
    """
    from recsys_tui.store.atomic_files import make_private_folder, partial_beside, sync_file, told_apart

    aside = partial_beside(folder)
    with told_apart(folder):
        make_private_folder(folder.parent)
        try:
            make_private_folder(aside)
            write(aside)
            names = sorted(path.name for path in aside.iterdir())
            there = sorted(path.name for path in folder.iterdir()) if folder.exists() else []
            if others := [name for name in there if name not in names]:
                raise UserError(
                    "datasets.folder_in_use", path=folder, names=neutral_text(", ".join(others[:MOST_NAMES]))
                )
            make_private_folder(folder)
            for name in names:
                sync_file(aside / name)
                (aside / name).replace(folder / name)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    return names
