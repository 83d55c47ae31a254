"""People who are to be forgotten: known by keyed marks alone, and left out of whatever is read."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from recsys_tui.data.column_roles import name_rank, plain, who_and_whom
from recsys_tui.data.column_words import FRIEND_NAMES
from recsys_tui.data.dataset import ID, USER
from recsys_tui.output.neutralise import neutral_id
from recsys_tui.output.writers import no_formula

if TYPE_CHECKING:  # an answer from a stored model does without tables
    import polars as pl

    from recsys_tui.data.readers import RawTable

_SPREADSHEET_ENDING = ".0"


@dataclass(frozen=True)
class Forgotten:
    """``marks``: HMAC-SHA-256 under ``key``, in hexadecimal, of the ids of people who are forgotten. ``columns``: in
    which of the data they stood, so that they stay out where these are read as something else.

    Without the key nobody can tell from a mark whose it is, or try ids until one fits.
    """

    key: bytes = b""
    marks: frozenset[str] = frozenset()
    columns: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.marks)

    def __len__(self) -> int:
        return len(self.marks)

    def __or__(self, other: Forgotten) -> Forgotten:
        """Who is forgotten by either; both are of one home folder, and so of one key."""
        return Forgotten(self.key or other.key, self.marks | other.marks, self.columns | other.columns)

    def __contains__(self, user: str) -> bool:
        return bool(self.marks) and mark_of(self.key, user) in self.marks

    def among(self, ids: pl.Series) -> pl.Series:
        """Which ids (texts; null is nobody) are those of somebody forgotten."""
        import polars as pl

        if not self.marks:
            return pl.repeat(False, ids.len(), eager=True)
        distinct = ids.unique().drop_nulls()
        gone = distinct.filter(pl.Series([text in self for text in distinct.to_list()], dtype=pl.Boolean))
        return ids.is_in(gone.implode()).fill_null(value=False)

    def rows_without(self, frame: pl.DataFrame, columns: Collection[str]) -> pl.DataFrame:
        """The rows of interactions that name nobody forgotten in any of the columns of ids, nor where people stood."""
        return self._without(frame, dict.fromkeys((*columns, *sorted(self.columns & set(frame.columns)))))

    def _without(self, frame: pl.DataFrame, columns: Collection[str]) -> pl.DataFrame:
        import polars as pl

        kept = frame
        for name in columns:
            if self.marks and not isinstance(frame[name].dtype, pl.List | pl.Array):
                kept = kept.filter(~self._rows_of(kept[name]))
        return kept

    def _rows_of(self, values: pl.Series) -> pl.Series:
        """The rows of somebody forgotten, by the id as it stands in the file and as it is shown, also as it was beside
        others that are gone by now: of ids that are equal when they are shown, those that were told apart go alone,
        the others together."""
        from recsys_tui.data.id_codes import apart_names, code_ids, written_ids

        coded, written = code_ids(values), written_ids(values)
        shown = self.among(coded.ids).gather(coded.codes).fill_null(value=False)
        if coded.neutralised:
            distinct = written.unique().drop_nulls()
            shown |= written.is_in(distinct.filter(self.among(apart_names(distinct))).implode()).fill_null(value=False)
        return self.among(written) | shown

    def table_without(self, table: RawTable) -> RawTable:
        """A table beside the interactions without the rows that are of people, or link them, who are forgotten.

        By what the names of its columns say; what has none is looked at by whoever knows which column holds the people.
        In which column of the interactions they stood says nothing here: an ``id`` of items is another one.
        """
        if not self.marks or not table.has_names:
            return table
        names = table.frame.columns
        columns = [name for name in names if name_rank(name, USER) is not None or plain(name) in FRIEND_NAMES]
        columns += [name for name in who_and_whom(names) or () if name not in columns]
        return replace(table, frame=self._without(table.frame, columns))

    def items_without(self, table: RawTable, item: str) -> RawTable:
        """A table of items, with their ids in the column ``item``, without the rows that name people who are forgotten.

        People stand where the names of columns say so, and where the interactions have people in a column of that name.
        """
        table = self.table_without(table)
        if not self.marks or not table.has_names:
            return table
        columns = sorted(self.columns & set(table.frame.columns) - {item})
        return replace(table, frame=self._without(table.frame, columns))

    def people_without(self, people: pl.DataFrame) -> pl.DataFrame:
        """A table with a column ``id`` without those of people who are forgotten."""
        return people.filter(~self.among(people[ID])) if self.marks else people

    def references_without(self, table: pl.DataFrame, people: pl.Series) -> pl.DataFrame:
        """A table with nothing where people who are forgotten stand in a column of other people, as of partners or
        authors: most of its different texts are ids of ``people``, and no numbers, which may mean anything."""
        import polars as pl

        columns = []
        for name, texts in _texts_of(table).items() if self.marks else ():
            distinct = texts.unique().drop_nulls()
            ids = distinct.filter(distinct.is_in(people.implode()) | self.among(distinct))
            if name != ID and 2 * len(ids) > len(distinct) and not ids.cast(pl.Float64, strict=False).count():
                columns.append(name)
        return self.texts_without(table, columns)

    def texts_without(self, table: pl.DataFrame, columns: Collection[str] | None = None) -> pl.DataFrame:
        """A table with nothing where a text, or one in a list, is the id of somebody forgotten; in some columns only
        where these are given."""
        import polars as pl

        if not self.marks:
            return table
        for name, texts in _texts_of(table).items():
            if columns is not None and name not in columns:
                continue
            dtype = table.schema[name]
            gone = texts.filter(self.among(texts)).unique().implode()
            column = pl.col(name)
            if dtype == pl.String:
                table = table.with_columns(pl.when(~column.is_in(gone)).then(column).alias(name))
            else:
                table = table.with_columns(column.list.eval(pl.element().filter(~pl.element().is_in(gone))))
        return table

    def digest(self) -> str:
        """What changes with the people who are forgotten; empty where nobody is."""
        return hashlib.blake2b("".join(sorted(self.marks)).encode(), digest_size=16).hexdigest() if self.marks else ""


def _texts_of(table: pl.DataFrame) -> dict[str, pl.Series]:
    """The texts of each column of texts or of lists of such."""
    import polars as pl

    texts = {name: table[name].explode() for name, dtype in table.schema.items() if dtype == pl.List(pl.String)}
    return texts | {name: table[name] for name, dtype in table.schema.items() if dtype == pl.String}


NOBODY = Forgotten()


def mark_of(key: bytes, user: str) -> str:
    """The mark of a person, the same for the forms in which a spreadsheet writes their id (``42``, ``42.0``)."""
    shown = neutral_id(user)
    short = shown.removesuffix(_SPREADSHEET_ENDING)
    text = short if short.isdecimal() else shown
    return hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256").hex()


def forms_of(user: str, ids: Sequence[str] = ()) -> tuple[str, ...]:
    """The texts by which an id may stand in a table: as it was given, as it is shown, and of ``ids`` those of the same
    person; shortened or with a spreadsheet's ending where it is a whole number."""
    short = user.removesuffix(_SPREADSHEET_ENDING)
    whole = (short, short + _SPREADSHEET_ENDING) if short.isdecimal() else ()
    return tuple(dict.fromkeys((user, neutral_id(user), *whole, *ids)))


def forms_in_files(forms: Sequence[str]) -> tuple[str, ...]:
    """The same as they may stand in a file that was written with ``--spreadsheet-safe``."""
    return tuple(dict.fromkeys((*forms, *map(no_formula, forms))))
