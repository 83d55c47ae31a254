"""The global options, accepted before and after the command: taken out of the arguments before Typer sees them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from recsys_tui.output.console import CSV, JSON, TEXT, OutputOptions
from recsys_tui.output.errors import UserError

SPREADSHEET_SAFE = "--spreadsheet-safe"
PSEUDONYMS, NO_PSEUDONYMS = "--pseudonyms", "--no-pseudonyms"
FLAGS = ("--json", "--csv", "--quiet", "-q", "--plain", SPREADSHEET_SAFE)


def split_global_options(arguments: Sequence[str]) -> tuple[OutputOptions, list[str]]:
    """The global options and the remaining arguments. What follows ``--`` is left alone.

    Raises ``UserError`` (exit 2) for ``--home`` without a folder and for ``--json`` together with ``--csv``. Of
    ``--pseudonyms`` and ``--no-pseudonyms`` the last one counts.
    """
    flags: set[str] = set()
    home: Path | None = None
    pseudonyms: bool | None = None
    rest: list[str] = []
    pending = list(arguments)
    while pending:
        argument = pending.pop(0)
        if argument == "--":
            rest += [argument, *pending]
            break
        if argument in FLAGS:
            flags.add(argument)
        elif argument in (PSEUDONYMS, NO_PSEUDONYMS):
            pseudonyms = argument == PSEUDONYMS
        elif argument == "--home" or argument.startswith("--home="):
            folder = argument.partition("=")[2] if "=" in argument else (pending.pop(0) if pending else "")
            if not folder:
                raise UserError("cli.home_needs_folder")
            home = Path(folder)
        else:
            rest.append(argument)
    if {"--json", "--csv"} <= flags:
        raise UserError("cli.json_or_csv")
    form = JSON if "--json" in flags else CSV if "--csv" in flags else TEXT
    quiet = bool({"--quiet", "-q"} & flags)
    return OutputOptions(form, quiet, "--plain" in flags, home, SPREADSHEET_SAFE in flags, pseudonyms), rest
