"""Whether the texts of a person's id mean other things in some data too, and whether the person is an item there."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from recsys_tui.data.dataset import EVENT, ID, ITEM, TEXT, Dataset
from recsys_tui.output.errors import UserError
from recsys_tui.profiles.item_terms import plain_text, terms_of_items
from recsys_tui.recommend.known_people import is_item_in
from recsys_tui.store.field_scan import Sought, mask_of, rows_with

if TYPE_CHECKING:
    import polars as pl

    from recsys_tui.recommend.session import Session


def others_mean(session: Session, forms: tuple[str, ...], people: Collection[str] = ()) -> bool:
    """Whether the texts of a person's id mean other things in this data as well: numbers do, words that the program
    itself writes, ids and words of items, and names of columns. ``people``: in which columns people stand."""
    if any(form.isdecimal() or form in _own_words() for form in forms):
        return True
    with suppress(UserError):
        dataset = session.workspace.load_dataset()
        if dataset is not None:
            return _stands_elsewhere(dataset, forms, people)
    return False


@cache
def _own_words() -> frozenset[str]:
    """What the program calls files, keys and columns, and writes in them, whatever the data."""
    return frozenset(files("recsys_tui.store").joinpath("own_words.txt").read_text(encoding="utf-8").split())


def is_word_there(session: Session, forms: tuple[str, ...]) -> bool:
    """Whether one of the texts of a person's id is a word of the title or description of an item, or of somebody else,
    in this data: models know these words each by itself."""
    with suppress(UserError):
        dataset = session.workspace.load_dataset()
        if dataset is not None:
            others = dataset.items.filter(~mask_of(dataset.items[ID], forms, numbers=False))
            described = _with_texts_that_hold(others, forms)
            return any(word in forms for terms in terms_of_items(described) for _kind, word in terms)
    return False


def is_item_there(session: Session, people: Collection[str], sought: Sought) -> bool:
    """Whether the person is an item in what is stored: in a graph of people, or where the columns in which people stand
    (``people``) were read as those of items, or would be, where what is stored is damaged."""
    with suppress(UserError):
        dataset = session.workspace.load_dataset()
        if dataset is not None:
            return is_item_in(dataset, people)
    return sought.people_are_items or _item_column(session) in people


def _item_column(session: Session) -> str | None:
    """The column of items as the source has it now, however it was given; where it cannot be read, as it was given."""
    from recsys_tui.data.load import raw_interactions

    path, mapping = session.identity.path, session.identity.mapping
    try:
        return raw_interactions(path, mapping)[1][ITEM]
    except UserError:
        return mapping.item


def _stands_elsewhere(dataset: Dataset, forms: tuple[str, ...], people: Collection[str]) -> bool:
    tables = (dataset.interactions, dataset.items, dataset.users, dataset.links)
    names = {name for table in tables for name in table.columns}
    names.update(text for choice in dataset.columns for text in (choice.role, choice.column))
    if not names.isdisjoint(forms):
        return True
    if is_item_in(dataset, people):
        return False
    columns = dataset.items.get_columns() + [column for column in dataset.users.get_columns() if column.name != ID]
    if EVENT in dataset.interactions.columns:
        columns.append(dataset.interactions[EVENT])
    return any(rows_with(column, forms, numbers=False) for column in columns)


def _with_texts_that_hold(items: pl.DataFrame, forms: tuple[str, ...]) -> pl.DataFrame:
    """Items whose descriptions stay where one of the texts may be a word of them: to take all of them apart would take
    as long as a part of a training."""
    import polars as pl

    if TEXT not in items.columns:
        return items
    kept = [text if text and any(form in plain_text(text) for form in forms) else None for text in items[TEXT]]
    return items.with_columns(pl.Series(TEXT, kept, dtype=pl.String))
