"""``recsys workspace`` and ``recsys doctor``: what is stored, what is wrong."""

from __future__ import annotations

import os
import platform
import shutil
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from recsys_tui import __version__
from recsys_tui.cli.context import console, home, open_session, said_options
from recsys_tui.cli.data_options import OptionalData
from recsys_tui.cli.quick_group import QuickGroup
from recsys_tui.output.console import CSV, JSON, complain, human_bytes
from recsys_tui.output.errors import ExitCode
from recsys_tui.output.messages import say
from recsys_tui.output.neutralise import neutral_id
from recsys_tui.output.writers import csv_table, json_document

PACKAGES = ("textual", "typer", "polars", "scikit-learn", "torch", "rich", "numpy", "scipy", "safetensors")
EXTRAS = ("sentence-transformers",)
MOST_NAMED = 20  # files
LOW_DISK = 1_000_000_000
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH

workspace = typer.Typer(help=say("cli.help_workspace"), cls=QuickGroup, no_args_is_help=True, rich_markup_mode=None)


@workspace.command("list", help=say("cli.help_workspace_list"))
def list_workspaces() -> None:
    found = home().workspaces()
    out = console()
    if out.options.form == JSON:
        entries = [
            {
                "key": info.key,
                "path": info.path and str(info.path),
                "bytes": info.bytes,
                "models": list(info.presets),
                "used": info.used,
                "mapping": info.mapping and info.mapping.to_json(),
            }
            for info in found
        ]
        out.data(json_document({"home": str(home().root), "workspaces": entries}))
        return
    options = [said_options(info.mapping) if info.mapping else "" for info in found]
    names = ("key", "path", "bytes", "models", "used", "mapping")
    rows = [(i.key, i.path, i.bytes, " ".join(i.presets), i.used, said) for i, said in zip(found, options, strict=True)]
    if out.options.form == CSV:
        out.data(csv_table(names, rows))
    elif not rows:
        out.tell(say("cli.no_workspaces", home=home().root))
    else:
        shown = [
            (key, path, human_bytes(size), models, used[:16], said) for key, path, size, models, used, said in rows
        ]
        out.table([say(f"cli.workspace_{name}") for name in names], shown, numbers=(2,), whole=(0,))


@workspace.command("path", help=say("cli.help_workspace_path"))
def workspace_path(data: OptionalData = None) -> None:
    from recsys_tui.data.dataset import Mapping

    session = open_session(data, Mapping())
    out = console()
    folder = session.workspace.folder
    document = {"workspace": session.workspace.key, "path": str(folder), "exists": folder.is_dir()}
    if out.options.form == JSON:
        out.data(json_document(document))
    elif out.options.form == CSV:
        out.data(csv_table(tuple(document), [tuple(document.values())]))
    else:
        out.data(str(folder))


@workspace.command("remove", help=say("cli.help_workspace_remove"))
def remove_workspace(
    key: Annotated[str, typer.Argument(metavar="KEY", help=say("cli.help_key"))],
    with_feedback: Annotated[bool, typer.Option("--with-feedback", help=say("feedback.help_remove"))] = False,
) -> None:
    written = home().remove(key, with_feedback)
    out = console()
    out.tell(say("cli.removed", key=key))
    if written:
        named = [neutral_id(str(path)) for path in written[:MOST_NAMED]] + ["…"] * (len(written) > MOST_NAMED)
        complain(say("forget.exports_stay", count=len(written), paths=", ".join(named)))
    if out.options.form == JSON:
        out.data(json_document({"removed": key}))
    elif out.options.form == CSV:
        out.data(csv_table(("removed",), [(key,)]))


def doctor() -> None:
    out = console()
    document = _health()
    if out.options.form == JSON:
        out.data(json_document(document))
    elif out.options.form == CSV:
        simple = [(name, found) for name, found in document.items() if not isinstance(found, dict | list)]
        problems = [("problem", problem) for problem in document["problems"]]
        out.data(csv_table(("what", "found"), [*simple, *document["packages"].items(), *problems], ("found",)))
    else:
        rows = [(say(f"cli.doctor_{name}"), document[name]) for name in ("program", "python", "system", "home")]
        rows += [(name, found or say("cli.doctor_missing")) for name, found in document["packages"].items()]
        rows.append((say("cli.doctor_free"), human_bytes(document["free_bytes"])))
        out.table((say("cli.doctor_what"), say("cli.doctor_found")), rows)
        for problem in document["problems"]:
            out.data(problem)
        if not document["problems"]:
            out.data(say("cli.doctor_well"))
    if document["problems"]:
        raise typer.Exit(ExitCode.FAILED)


def _health() -> dict[str, Any]:
    from importlib.metadata import PackageNotFoundError, version

    root = home().root
    existing = next(folder for folder in (root, *root.parents) if folder.is_dir())
    free = shutil.disk_usage(existing).free
    packages: dict[str, str | None] = {}
    for name in PACKAGES:
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            packages[name] = None
    for name in EXTRAS:
        with suppress(PackageNotFoundError):
            packages[name] = version(name)
    problems = [say("cli.doctor_lacks", name=name) for name, found in packages.items() if found is None]
    barred = next((folder for folder in (root, *root.parents) if folder.exists() and not folder.is_dir()), None)
    if barred is not None or not os.access(existing, os.W_OK):
        problems.append(say("cli.doctor_unwritable", path=barred or existing))
    if root.is_dir() and (mode := root.stat().st_mode) & OTHERS_WRITE and not mode & stat.S_ISVTX:
        problems.append(say("cli.doctor_open_home", path=root, mode=f"{stat.S_IMODE(mode):o}"))
    if free < LOW_DISK:
        problems.append(say("cli.doctor_low_disk", free=human_bytes(free), path=existing))
    return {
        "program": __version__,
        "python": platform.python_version(),
        "executable": str(Path(sys.executable)),
        "system": platform.platform(),
        "home": str(root),
        "free_bytes": free,
        "packages": packages,
        "problems": problems,
    }
