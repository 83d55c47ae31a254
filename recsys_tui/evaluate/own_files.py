"""Files that a person brings to a comparison: their own split, and lists that their own model made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import chain, count
from pathlib import Path

import polars as pl

from recsys_tui.data.column_detection import detect_columns
from recsys_tui.data.dataset import ID, ITEM, RATING, USER, Dataset, Mapping
from recsys_tui.data.readers import RawTable, read_table
from recsys_tui.data.tagged_dataset import tagged_as_in
from recsys_tui.data.wide_matrix import unpivoted
from recsys_tui.data.written_numbers import as_numbers
from recsys_tui.evaluate.protocols import OWN, Split, fewest_people
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.output.neutralise import neutral_series, neutral_text

RANK, SCORE = "rank", "score"


def own_split(train: Dataset, test: Path) -> Split:
    """A split whose parts are files: ``train`` is read already, ``test`` holds what the same people took then.

    The columns of ``test`` are found by the names that they have in the training file, else anew. People without a
    training row are left out; items that no training row or item file knows stay, as wanted but never found. Raises
    ``UserError`` (exit 2) where the file cannot be understood or is about none of the people.
    """
    frame = _pairs_of(read_table(test), train, test)
    known = frame.filter(pl.col(USER).is_in(train.users[ID].implode()))
    if not known.height:
        raise UserError("evaluate.test_of_others", ExitCode.USAGE, path=test)
    notes = [say("evaluate.says_own")]
    others = frame[USER].n_unique() - known[USER].n_unique()
    if others:
        notes.append(say("evaluate.test_of_unknown", people=f"{others:,}"))
    return Split(OWN, train, train, known, tuple(notes))


def checked_own(split: Split, test: Path) -> Split:
    """An own split that says how far its parts overlap.

    Raises ``UserError`` (exit 2) where it is about too few people to tell anything about them, or holds nothing out.
    """
    if split.people < fewest_people():
        raise UserError("evaluate.own_of_few", ExitCode.USAGE, path=test, fewest=fewest_people())
    train = split.train
    learned = pl.DataFrame(
        [
            train.users[ID].gather(train.interactions[USER]).alias(USER),
            train.items[ID].gather(train.interactions[ITEM]).alias(ITEM),
        ]
    )
    fresh = split.test.join(learned, on=[USER, ITEM], how="anti").height
    if not fresh:
        raise UserError("evaluate.own_known_already", ExitCode.USAGE, path=test)
    if fresh == split.test.height:
        return split
    known, every = split.test.height - fresh, split.test.height
    return replace(split, notes=(*split.notes, say("evaluate.own_overlap", pairs=f"{known:,}", all=f"{every:,}")))


def list_names(paths: Iterable[Path], taken: Iterable[str]) -> dict[str, Path]:
    """The lists by name: that of the file, with something before or behind it where another has that name already."""
    names: dict[str, Path] = {}
    used = {name.casefold() for name in taken}
    for path in paths:
        name = neutral_text(path.stem)
        own = say("evaluate.own_lists", name=name)
        numbered = (f"{own}-{number}" for number in count(2))
        chosen = next(one for one in chain((name, own), numbered) if one.casefold() not in used)
        used.add(chosen.casefold())
        names[chosen] = path
    return names


def _pairs_of(table: RawTable, train: Dataset, path: Path) -> pl.DataFrame:
    """The distinct pairs of a file, by ids as the training data has them, with their ratings if there are any."""
    table = unpivoted(table)
    named = {choice.role: choice.column for choice in train.columns if choice.column in table.frame.columns}
    if not {USER, ITEM} <= set(named):
        given = Mapping(user=named.get(USER), item=named.get(ITEM))
        named = {choice.role: choice.column for choice in detect_columns(table, given)}
    if not {USER, ITEM} <= set(named):
        raise UserError("evaluate.test_without_pairs", ExitCode.USAGE, path=path)
    columns = [
        _people_like(table.frame[named[USER]], train, train.users[ID]).alias(USER),
        _items_like(table.frame[named[ITEM]], train).alias(ITEM),
    ]
    if RATING in named and train.explicit:
        columns.append(as_numbers(table.frame[named[RATING]]).cast(pl.Float32).alias(RATING))
    return pl.DataFrame(columns).drop_nulls([USER, ITEM]).unique([USER, ITEM], keep="first", maintain_order=True)


def _people_like(values: pl.Series, dataset: Dataset, known: pl.Series) -> pl.Series:
    """Ids of people as a dataset knows them, ``known`` being those that count; under pseudonyms their tags."""
    return _ids_like(values, known, dataset)


def _items_like(values: pl.Series, dataset: Dataset) -> pl.Series:
    return _ids_like(values, dataset.items[ID], dataset if dataset.shared_ids else None)


def _ids_like(values: pl.Series, known: pl.Series, people_of: Dataset | None) -> pl.Series:
    """Ids as text, made harmless as those of the data are; where the data has one without the spaces around it, or
    without the ".0" of a spreadsheet ("13085.0"), that one is meant. ``people_of``: whose people they are, if any's."""
    texts, _ = neutral_series(values.cast(pl.String), ids=True)
    others = [texts.str.strip_chars(), texts.str.strip_chars().str.strip_suffix(".0")]
    if people_of is not None:
        others += [tagged_as_in(form, people_of, known) for form in (texts, *others)]
    for other in others:
        better = other.is_in(known.implode()) & ~texts.is_in(known.implode())
        texts = pl.select(pl.when(better).then(other).otherwise(texts)).to_series()
    return texts


def read_lists(path: Path, split: Split) -> pl.DataFrame:
    """Somebody's lists: columns ``user``, ``item`` (ids) and ``rank`` (from 1), sorted by user and rank.

    The file has columns ``user``, ``item`` and ``rank`` (1 is best), or ``score`` (the highest is best), or neither:
    then a person's rows are in order. Raises ``UserError`` (exit 2) where it cannot be read so, or names none of the
    people who are asked about.
    """
    table = read_table(path)
    lower = {name.lower().strip(): name for name in table.frame.columns}
    if not {USER, ITEM} <= set(lower):
        names = ", ".join(table.frame.columns[:8])
        raise UserError("evaluate.lists_without_columns", ExitCode.USAGE, path=path, names=neutral_text(names))
    frame = pl.DataFrame(
        [
            _people_like(table.frame[lower[USER]], split.asked, split.asked.users[ID]).alias(USER),
            _items_like(table.frame[lower[ITEM]], split.train).alias(ITEM),
        ]
    ).with_row_index("row")
    if RANK in lower or SCORE in lower:
        name = RANK if RANK in lower else SCORE
        order = as_numbers(table.frame[lower[name]])
        if order.null_count():
            raise UserError("evaluate.lists_without_order", ExitCode.USAGE, path=path, column=name)
        frame = frame.with_columns((order if name == RANK else -order).alias("order"))
    else:
        frame = frame.with_columns(pl.col("row").cast(pl.Float64).alias("order"))
    frame = frame.drop_nulls([USER, ITEM]).sort(USER, "order", "row")
    if not frame[USER].is_in(split.test[USER].implode()).any():
        raise UserError("evaluate.lists_of_others", ExitCode.USAGE, path=path)
    # Whom the split does not know, as who is forgotten, is asked nothing, and not written out again either.
    frame = frame.filter(pl.col(USER).is_in(split.asked.users[ID].implode()))
    return frame.select(USER, ITEM, pl.int_range(1, pl.len() + 1).over(USER).alias(RANK))
