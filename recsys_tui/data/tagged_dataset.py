"""A dataset as it is shown under pseudonyms: tags where ids of people stood; the rest is the same."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from recsys_tui.data.dataset import ID, TEXT, TITLE, Dataset

if TYPE_CHECKING:
    import polars as pl

    from recsys_tui.data.pseudonyms import Pseudonyms


def tagged_dataset(dataset: Dataset, pseudonyms: Pseudonyms, with_texts: bool = False) -> Dataset:
    """The dataset with tags instead of ids of people, codes and rows as they were.

    In a graph of people the items are people too: their ids are tags, and their titles and descriptions, which are
    names and what people say of themselves, are left out, but for models to learn from (``with_texts``).
    """
    items = dataset.items
    if dataset.shared_ids:
        items = _tagged(items, pseudonyms)
        items = items if with_texts else items.drop(TITLE, TEXT, strict=False)
    silent = None if dataset.silent is None else _tagged(dataset.silent, pseudonyms)
    return replace(dataset, users=_tagged(dataset.users, pseudonyms), items=items, silent=silent, pseudonyms=pseudonyms)


def _tagged(table: pl.DataFrame, pseudonyms: Pseudonyms) -> pl.DataFrame:
    return table.with_columns(pseudonyms.of_series(table[ID]))


def tagged_as_in(texts: pl.Series, dataset: Dataset, known: pl.Series) -> pl.Series:
    """Ids that somebody wrote, as a dataset under pseudonyms knows them: their tags, where these are ``known``.

    Of any other dataset, and what is not known, as it was written.
    """
    if dataset.pseudonyms is None:
        return texts
    import polars as pl

    tags = dataset.pseudonyms.of_series(texts)
    return pl.select(pl.when(tags.is_in(known.implode())).then(tags).otherwise(texts)).to_series().alias(texts.name)
