"""Looks for texts in a folder: decodes every table, array, document, database and log, and compares whole fields."""

from __future__ import annotations

import io
import json
import os
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from recsys_tui.data.column_roles import name_rank
from recsys_tui.data.column_words import ITEM, USER
from recsys_tui.output.errors import UserError
from recsys_tui.store.array_file import read_arrays
from recsys_tui.store.atomic_files import opened_regular, read_apart
from recsys_tui.store.damage import DamagedFileError

if TYPE_CHECKING:
    import polars as pl

SQLITE = b"SQLite format 3\x00"
PARQUET, ARROW = b"PAR1", b"ARROW1"
PIPED, ADDED = "piped", "added"
PIECE, MARGIN = 1 << 20, 16
PEOPLE_TABLES = ("users", "silent")
DATA, CODED_TABLES = "data", ("links", "interactions")  # of a stored version: their numbers are places, not ids
# Where in models the words of titles and descriptions stand each by itself.
WORDS_OF_ITEMS = ("experts.content.vocabulary", "clusters/name", "clusters/terms")
_TABLES_SQL = "SELECT name FROM sqlite_master WHERE type = 'table'"
_ROWS_SQL = "SELECT count(*) FROM {table}"
_SAME_SQL = "SELECT count(*) FROM {table} WHERE CAST({column} AS TEXT) IN ({marks})"
WORDS = re.compile("[\n\x1f]")  # between the texts of a list, and between those of one entry


@dataclass(frozen=True)
class FoundField:
    """Where a text stood: a file, and in it a column, an array, a key or a line."""

    path: Path
    place: str


@dataclass(frozen=True)
class Sought:
    """What to look for: ``forms``, the texts.

    ``only_people``: the texts mean other things as well (they are whole numbers, or also the id of an item), so that
    they count only in fields that hold people. ``people_are_items``: fields of items hold people too. ``are_words``:
    the texts are words of titles or descriptions as well, and do not count where a model has those.
    """

    forms: tuple[str, ...]
    only_people: bool = False
    people_are_items: bool = False
    are_words: bool = False

    def counts_in(self, name: str, table: str = "") -> bool:
        """Whether a field of this name, of a table (the name of its file, without ending), can hold people."""
        if name_rank(name, USER) is not None or (name == "id" and table in PEOPLE_TABLES) or name == "people.ids":
            return True
        items = name == "id" or name in ("items.ids", "signature") or name_rank(name, ITEM) is not None
        return self.people_are_items and items

    def pattern(self) -> re.Pattern[bytes]:
        """The forms as whole words of a text; what only counts where it means a person, in quotes or after its name."""
        words = b"|".join(re.escape(form.encode("utf-8", "surrogatepass")) for form in self.forms)
        if self.only_people:
            return re.compile(rb"(?i:\buser\W{1,3})(?:%s)(?!\w)|(?<=['\"])(?:%s)(?=['\"])" % (words, words))
        return re.compile(rb"(?<![\w@-])(?:%s)(?![\w@]|[.-]\w)" % words)


@dataclass
class Scan:
    """What was looked at, and what was found. ``elsewhere``: fields of other meaning that hold the same text."""

    files: int = 0
    tables: int = 0
    fields: int = 0
    elsewhere: int = 0
    found: list[FoundField] = field(default_factory=list)


def scan_folder(root: Path, sought: Sought, passed_over: Callable[[Path], bool]) -> Scan:
    """Look through all files below a folder but those passed over (files, or folders with all that is in them), also
    where links lead to, as to a larger disk; through each folder once. Raises ``UserError`` (exit 1) for what cannot be
    read."""
    scan, seen = Scan(), {root.resolve()}
    for folder, folders, names in os.walk(root, onerror=_refused, followlinks=True):
        here = Path(folder)
        place = here.resolve()  # what is passed over may lie behind a link to a folder around it
        folders[:] = sorted(name for name in folders if not passed_over(here / name))
        folders[:] = [name for name in folders if _is_new((here / name).resolve(), seen, passed_over)]
        names[:] = sorted(name for name in names if not passed_over(here / name) and not passed_over(place / name))
        for name in (*folders, *names):
            _compare_name(here / name, sought, scan)
        for name in names:
            path = here / name
            if path.is_file():
                if path.is_symlink() and not _is_new(path.resolve(), seen, passed_over):
                    continue
                with read_apart(path):
                    scan_file(path, sought, scan)
    return scan


def _refused(error: OSError) -> None:
    """Of a folder that is there and cannot be listed nobody can tell that nothing is in it."""
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        with read_apart(Path(error.filename)):
            raise error


def _is_new(place: Path, seen: set[Path], passed_over: Callable[[Path], bool]) -> bool:
    """Whether a place is none of those that were ``seen``, which it is from then on, and of what is passed over."""
    new = place not in seen and not any(map(passed_over, (place, *place.parents)))
    seen.add(place)
    return new


def scan_file(path: Path, sought: Sought, scan: Scan) -> None:
    """Look through one file: as what its first bytes say it is, else as text."""
    scan.files += 1
    with path.open("rb") as stream:
        start = stream.read(len(SQLITE))
    try:
        if start == SQLITE:
            _database(path, sought, scan)
        elif start.startswith((PARQUET, ARROW)):
            _frame(path, _columnar(path, start), sought, scan)
        elif path.suffix == ".safetensors":
            _arrays(path, sought, scan)
        else:
            _text(path, sought, scan)
    except (DamagedFileError, UserError, ValueError, RecursionError, sqlite3.Error):
        scan_bytes(path, sought, scan)


def scan_bytes(path: Path, sought: Sought, scan: Scan) -> None:
    """Look through one file as text, whatever it is."""
    with path.open("rb") as stream:
        _bytes(path, stream, sought, scan)


def scan_content(path: Path, content: bytes, sought: Sought, scan: Scan) -> None:
    """Look through what a file says, as text."""
    _bytes(path, io.BytesIO(content), sought, scan)


def _compare_name(path: Path, sought: Sought, scan: Scan) -> None:
    scan.fields += 1
    if not {path.name, path.stem} & set(sought.forms):
        return
    if sought.only_people:
        scan.elsewhere += 1
    else:
        scan.found.append(FoundField(path, path.name))


def _hit(path: Path, place: str, counts: bool, sought: Sought, scan: Scan, times: int = 1) -> None:
    if counts or not (sought.only_people or (sought.are_words and place in WORDS_OF_ITEMS)):
        scan.found.append(FoundField(path, place))
    else:
        scan.elsewhere += times


def _columnar(path: Path, start: bytes) -> pl.DataFrame:
    import polars as pl

    try:
        with opened_regular(path) as stream:
            return pl.read_parquet(stream) if start.startswith(PARQUET) else pl.read_ipc(stream)
    except Exception as error:  # Polars raises several kinds
        raise ValueError(path) from error


def _frame(path: Path, frame: pl.DataFrame, sought: Sought, scan: Scan, named: bool = True) -> None:
    """``named``: columns have names; where they have none, the first one may well hold people."""
    scan.tables += 1
    coded = path.stem in CODED_TABLES and path.parent.parent.name == DATA
    for place, column in enumerate(frame.get_columns()):
        scan.fields += column.len()
        counts = sought.counts_in(column.name, path.stem) or (not named and (place == 0 or sought.people_are_items))
        times = rows_with(column, sought.forms, numbers=counts and not coded)
        if column.name in sought.forms:
            _hit(path, column.name, False, sought, scan)
        if times:
            _hit(path, column.name, counts, sought, scan, times)


def rows_with(column: pl.Series, forms: Iterable[str], numbers: bool) -> int:
    """How many values of a column, or of its lists, are one of the texts; ``numbers``: those of a column of numbers
    count as texts."""
    return int(mask_of(column, forms, numbers).sum())


def mask_of(column: pl.Series, forms: Iterable[str], numbers: bool) -> pl.Series:
    """Which rows of a column are, or hold, one of the texts."""
    import polars as pl

    wanted = pl.Series(list(forms), dtype=pl.String)
    if isinstance(column.dtype, pl.List | pl.Array):
        inner = column.cast(pl.List(pl.String), strict=False) if column.dtype != pl.List(pl.String) else column
        held = inner.list.eval(pl.element().is_in(wanted.implode())).list.any()
        return held.fill_null(value=False)
    if column.dtype.is_numeric():
        if not numbers:
            return pl.repeat(False, column.len(), eager=True)
        from recsys_tui.data.id_codes import written_ids

        column = written_ids(column)
    elif not isinstance(column.dtype, pl.String):
        column = column.cast(pl.String, strict=False)
    return column.is_in(wanted.implode()).fill_null(value=False)


def _arrays(path: Path, sought: Sought, scan: Scan) -> None:
    """Arrays of text are bytes, with a mark before, between and after the texts."""
    for name, array in read_arrays(path).items():
        scan.tables += 1
        owner = name.removesuffix(".blob")
        if owner == name:
            scan.fields += array.size
            continue
        texts = WORDS.split(bytes(array).decode("utf-8", "surrogateescape"))
        scan.fields += len(texts)
        times = sum(text in sought.forms for text in texts)
        if times:
            _hit(path, owner, sought.counts_in(owner), sought, scan, times)


def _database(path: Path, sought: Sought, scan: Scan) -> None:
    marks = ", ".join("?" * len(sought.forms))
    with closing(sqlite3.connect(path, timeout=5.0)) as log:
        tables = [row[0] for row in log.execute(_TABLES_SQL)]
        for table in tables:
            scan.tables += 1
            rows = int(log.execute(_ROWS_SQL.format(table=_quoted(table))).fetchone()[0])
            for column in [row[1] for row in log.execute(f"PRAGMA table_info({_quoted(table)})")]:
                scan.fields += rows
                same = _SAME_SQL.format(table=_quoted(table), column=_quoted(column), marks=marks)
                times = int(log.execute(same, sought.forms).fetchone()[0])
                if times:
                    _hit(path, f"{table}.{column}", sought.counts_in(column), sought, scan, times)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(path: Path, sought: Sought, scan: Scan) -> None:
    """A table that is kept as it came, a document of JSON, lines of JSON, or a text of any kind."""
    from recsys_tui.data.readers.file_content import FileContent
    from recsys_tui.data.readers.registry import read_table

    if {PIPED, ADDED} & {path.parent.name, path.parent.parent.name}:  # data, as it came
        raw = read_table(path)
        _frame(path, raw.frame, sought, scan, raw.has_names)
        return
    content = FileContent(path).read()
    documents = list(_documents(content))
    if documents:
        scan.tables += 1
        for document in documents:
            _json(path, document, (), sought, scan)
    else:
        _bytes(path, io.BytesIO(content), sought, scan)


def _documents(content: bytes) -> Iterator[Any]:
    """What a text of JSON holds: one document, or one a line; nothing where it is none."""
    if not content.lstrip().startswith((b"{", b"[")):
        return
    try:
        yield json.loads(content)
        return
    except (ValueError, RecursionError):
        pass
    try:
        lines = [json.loads(line) for line in content.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        return
    yield from lines


def _json(path: Path, value: Any, keys: tuple[str, ...], sought: Sought, scan: Scan) -> None:
    place, name = "/".join(keys), keys[-1] if keys else ""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            scan.fields += 1
            if key in sought.forms:
                _hit(path, f"{place}/{key}", sought.counts_in(name), sought, scan)
            _json(path, inner, (*keys, key), sought, scan)
    elif isinstance(value, list):
        for inner in value:
            _json(path, inner, keys, sought, scan)
    else:
        scan.fields += 1
        counts = sought.counts_in(name)
        number = isinstance(value, int | float) and not isinstance(value, bool) and counts
        if (isinstance(value, str) and value in sought.forms) or (number and str(value) in sought.forms):
            _hit(path, place, counts, sought, scan)


def _bytes(path: Path, stream: BinaryIO, sought: Sought, scan: Scan) -> None:
    """Anything else: the texts as whole words of a line. A line that is very long is looked through in parts, which
    overlap."""
    words = [form.encode("utf-8", "surrogatepass") for form in sought.forms]
    pattern, overlap = sought.pattern(), max(map(len, words)) + 4 * MARGIN
    numbers, number, part = set[int](), 1, b""
    while piece := stream.readline(PIECE):
        start, part = MARGIN if part else 0, part + piece
        ended = len(piece) < PIECE or piece.endswith(b"\n")
        # What stands close to an end is judged with what comes behind it.
        end = len(part) - (0 if ended else MARGIN)
        if any(word in part for word in words) and any(m.end() <= end for m in pattern.finditer(part, start)):
            numbers.add(number)
        part = part[-overlap:]
        if piece.endswith(b"\n"):
            number, part = number + 1, b""
    scan.fields += number
    scan.found += [FoundField(path, str(found)) for found in sorted(numbers)]
