"""Files that were written elsewhere and name somebody who is forgotten: what is in them, and taking it out."""

from __future__ import annotations

import html
import io
import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recsys_tui.output.errors import UserError
from recsys_tui.output.writers import json_document
from recsys_tui.store.atomic_files import opened_regular, write_file
from recsys_tui.store.exports import Export, Exports
from recsys_tui.store.field_scan import Scan, Sought, mask_of, scan_bytes, scan_content, scan_file
from recsys_tui.store.forgotten_source import around_or_within
from recsys_tui.store.tombstones import marks_of

if TYPE_CHECKING:
    import polars as pl

CLEAN, KEEP = "clean", "keep"
CHOICES = (CLEAN, KEEP)
# What became of a file.
REWRITTEN, DELETED, CHANGED_SINCE, IS_A_SOURCE, KEPT, UNWRITABLE, UNREADABLE, AWAY, UNKNOWN = (
    "rewritten",
    "deleted",
    "changed_since",
    "is_a_source",
    "kept",
    "unwritable",
    "unreadable",  # whether it names the person nobody can tell
    "away",  # nor where its medium is not there just now
    "unknown",  # of the list of files itself: nobody can tell which were written
)
NO_BREAK = "\xa0"  # what a blank is in a picture
LEFT = (CHANGED_SINCE, IS_A_SOURCE, KEPT, UNWRITABLE, UNREADABLE, AWAY, UNKNOWN)


class _AwayError(OSError):
    """What a file lies on is not there just now."""


@dataclass(frozen=True)
class NamedExport:
    """A file that named the person, or may, and what became of it (one of the constants above)."""

    path: Path
    outcome: str


def clean_exports(workspace: Path, sought: Sought, choice: str, sources: Collection[Path]) -> list[NamedExport]:
    """Take a person out of the files that are known to have been written from a workspace, where they still are.

    A table loses their rows, anything else that names them goes whole, and so does what was noted to be about them. A
    file that was changed since it was written, or is data that was opened (``sources``), is left alone and told; with
    ``choice`` ``keep`` all are. What a writer that died left goes whole. What cannot be read is told, and so is the
    list of the files itself.
    """
    exports = Exports(workspace)
    found, gone, anew = [], [], []
    if not exports.readable:
        found.append(NamedExport(exports.path, UNKNOWN))
    listed = exports.read()
    marks = set(marks_of(workspace.parent.parent, sought.forms)) if any(export.about for export in listed) else set()
    for export in listed:
        try:
            held = b"" if marks & set(export.about) and export.path.is_file() else _held(export, sought)
        except _AwayError:
            found.append(NamedExport(export.path, AWAY))
            continue
        except (OSError, UserError):
            found.append(NamedExport(export.path, UNREADABLE))
            continue
        if held is None:
            continue
        outcome = KEPT if choice == KEEP else _cleaned(export, held, sources, exports)
        found.append(NamedExport(export.path, outcome))
        if outcome in (REWRITTEN, DELETED):
            gone.append(export.path)
        if outcome == REWRITTEN:
            anew.append(export.path)
    if gone:
        exports.drop(gone, anew)
    return found


def _held(export: Export, sought: Sought) -> bytes | None:
    """What the file holds instead once the person is out of it (empty: nothing); None where it does not name them.

    Raises ``_AwayError`` where its medium is not there, ``OSError`` and ``UserError`` where it cannot be read.
    """
    path = export.path
    if not path.is_file():
        if not path.exists() and not export.is_gone():
            raise _AwayError(path)
        return None
    if export.is_begun:  # of what is half written nobody can tell whom it names, and nobody asked for it
        return b""
    held = _content_without(path, sought)
    if held is None and not export.is_as_written():  # whoever changed it may have made something else of it
        scan = Scan()
        scan_bytes(path, sought, scan)
        held = b"" if scan.found else None
    return held


def _content_without(path: Path, sought: Sought) -> bytes | None:
    kind = path.suffix.lower()
    if kind in (".csv", ".tsv", ".parquet"):
        return _table_without(path, kind, sought)
    if kind == ".json":
        return _json_without(path, sought)
    return _nothing_left(path, sought)


def _nothing_left(path: Path, sought: Sought) -> bytes | None:
    """For what cannot be taken apart. A picture has texts as markup writes them."""
    scan = Scan()
    if path.suffix.lower() == ".svg":
        said = html.unescape(path.read_text("utf-8", "replace")).replace(NO_BREAK, " ")
        scan_content(path, said.encode(), sought, scan)
    else:
        scan_file(path, sought, scan)
    return b"" if scan.found else None


def _cleaned(export: Export, instead: bytes, sources: Collection[Path], exports: Exports) -> str:
    """What becomes of a file; where it was moved and a link put in its place, of the file that the link leads to."""
    path = export.path.resolve()
    places = (export.path, path)
    if any(source == place or around_or_within(source, place) for source in sources for place in places):
        return IS_A_SOURCE
    if not (export.is_begun or export.is_as_written()):
        return CHANGED_SINCE
    try:
        if instead:
            write_file(path, lambda empty: empty.write_bytes(instead), begun=lambda begun: exports.note((begun,)))
            return REWRITTEN
        path.unlink()
        if path != export.path:
            export.path.unlink(missing_ok=True)  # the link, which leads nowhere now
    except (OSError, UserError):
        return UNWRITABLE
    return DELETED


def _table_without(path: Path, kind: str, sought: Sought) -> bytes | None:
    import polars as pl

    try:
        with opened_regular(path) as stream:  # a path with brackets would be a pattern of names
            if kind == ".parquet":
                frame = pl.read_parquet(stream)
            else:
                separator = "\t" if kind == ".tsv" else ","
                frame = pl.read_csv(stream, separator=separator, infer_schema=False)
    except Exception:  # no table any more: Polars raises several kinds
        return _nothing_left(path, sought)
    gone = pl.repeat(False, frame.height, eager=True)
    for column in frame.get_columns():
        counts = sought.counts_in(column.name)
        if counts or not sought.only_people:
            gone |= mask_of(column, sought.forms, counts)
    if not gone.any():
        return None
    return b"" if gone.all() else _written(frame.filter(~gone), kind)


def _written(frame: pl.DataFrame, kind: str) -> bytes:
    buffer = io.BytesIO()
    if kind == ".parquet":
        frame.write_parquet(buffer)
    else:
        frame.write_csv(buffer, separator="\t" if kind == ".tsv" else ",")
    return buffer.getvalue()


def _json_without(path: Path, sought: Sought) -> bytes | None:
    """A list of records without those that name the person; any other document that names them goes whole."""
    try:
        document = json.loads(path.read_bytes())
        named = _names(document, sought)
    except (ValueError, RecursionError):  # no document any more
        return _nothing_left(path, sought)
    if not named:
        return None
    kept = [entry for entry in document if not _names(entry, sought)] if isinstance(document, list) else []
    return (json_document(kept) + "\n").encode() if kept else b""


def _names(value: Any, sought: Sought, key: str = "") -> bool:
    if isinstance(value, dict):
        return any(_names(inner, sought, name) for name, inner in value.items())
    if isinstance(value, list):
        return any(_names(inner, sought, key) for inner in value)
    counts = sought.counts_in(key)
    return isinstance(value, str) and value in sought.forms and (counts or not sought.only_people)
