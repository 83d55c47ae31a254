"""Writing lists for many people to Parquet or CSV, all or nothing, and never over the data itself."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from recsys_tui.cli.standard_input import STANDARD_STREAM
from recsys_tui.output.console import CSV, JSON, Console, complain
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.output.writers import csv_table
from recsys_tui.recommend.source_files import check_not_data
from recsys_tui.store.exports import Exports
from recsys_tui.store.parquet_file import write_parquet

if TYPE_CHECKING:
    import polars as pl

    from recsys_tui.recommend.session import Session

SUFFIXES = (".parquet", ".csv")
# What no spreadsheet is to run; the other columns are ids and numbers.
TEXT_COLUMNS = ("title",)


def target_or_print(output: Path | None, session: Session, out: Console) -> tuple[Path | None, Console]:
    """The file to write, checked, or None to print; ``--output -`` prints too, as CSV where JSON is not asked for.

    Raises ``UserError`` as :func:`check_target` does.
    """
    if output is None:
        return None, out
    if str(output) == STANDARD_STREAM:
        return None, out if out.options.form == JSON else Console(replace(out.options, form=CSV))
    check_target(output, session)
    return output, out


def check_target(path: Path, session: Session) -> None:
    """Refuse, before any work, a file of another kind, one that cannot be made, and the data's own or one among it.

    Who is forgotten from now on is in nothing that is written then.
    """
    _ = session.source.forgotten_at_first
    if path.suffix.lower() not in SUFFIXES:
        raise UserError("cli.output_kind", path=path)
    folder = path.absolute().parent
    if not folder.is_dir():
        raise UserError("cli.no_such_folder", path=folder)
    refusal = errno.EISDIR if path.is_dir() else 0 if os.access(folder, os.W_OK) else errno.EACCES
    if refusal:
        raise UserError("cli.output_failed", ExitCode.FAILED, path=path, reason=os.strerror(refusal))
    check_not_data(path, session)


def write_lists(lists: pl.DataFrame, path: Path, session: Session) -> None:
    """Write the lists, for their owner's eyes only, through a temporary file beside the target; say so where the home
    cannot note it.

    Raises ``UserError`` (exit 1) if that fails, and where somebody was forgotten since :func:`check_target`; the target
    is then as it was.
    """
    check_target(path, session)

    def fill(empty: Path) -> None:
        if path.suffix.lower() == ".parquet":
            write_parquet(lists, empty)
        else:
            empty.write_text(csv_table(lists.columns, lists.iter_rows(), TEXT_COLUMNS), encoding="utf-8")

    if not Exports(session.workspace.folder).fill(path, fill, refuse=session.source.refuse_forgotten_since):
        complain(say("forget.not_noted", path=path))
