"""Attributes of items: encoded, stored, read back, compared."""

from __future__ import annotations

import operator
from pathlib import Path

import numpy as np
import polars as pl

from recsys_tui.data.dataset import ID
from recsys_tui.data.load import load_dataset
from recsys_tui.models.item_attributes import (
    NumberAttribute,
    TextAttribute,
    attributes_from_arrays,
    attributes_of,
    attributes_to_arrays,
)
from recsys_tui.models.trained_model import catalogue_of


def test_every_kind_of_column_becomes_an_attribute_by_its_plain_name():
    items = pl.DataFrame(
        {
            "id": ["a", "b", "c"],
            "count": [3, 2, 1],
            "title": ["A", "B", "C"],
            "year": pl.Series([1990, None, 2001], dtype=pl.Int32),
            "price": pl.Series([4.51, 2.0, None], dtype=pl.Float32),
            "tags": [["x", "y"], None, []],
            "attribute.language": ["fr", None, "en"],
            "attribute.Runtime": [90.5, None, 120.0],
            "attribute.cast": [["p", "q", "p"], ["q"], None],
            "attribute.year": ["no", "no", "no"],
            "attribute.empty": pl.Series([None, None, None], dtype=pl.String),
            "attribute.title": ["no", "no", "no"],
            "attribute.seen": [True, False, None],
        }
    )
    found = attributes_of(items)
    assert list(found) == ["tags", "year", "price", "language", "Runtime", "cast", "seen"]
    back = attributes_from_arrays({name: array.copy() for name, array in attributes_to_arrays(found).items()})
    assert list(back) == list(found)
    year, price, cast, seen = back["year"], back["price"], back["cast"], back["seen"]
    assert isinstance(year, NumberAttribute)
    assert isinstance(price, NumberAttribute)
    assert isinstance(cast, TextAttribute)
    assert isinstance(seen, TextAttribute)
    np.testing.assert_array_equal(year.values, [1990, np.nan, 2001])
    # 4.51 is no number of single precision; what was read as 4.51 is still equal to it.
    assert price.matching(operator.eq, 4.51).tolist() == [True, False, False]
    assert price.matching(operator.lt, 1e300).tolist() == [True, True, False]
    assert cast.having("Q ").tolist() == [True, True, False]
    assert cast.having("p").tolist() == [True, False, False]
    assert len(cast.codes) == 3  # "p" once for the first item
    assert seen.having("TRUE").tolist() == [True, False, False]


def test_nothing_gives_nothing_and_comes_back_so():
    assert attributes_of(pl.DataFrame({"id": ["a"], "count": [1]})) == {}
    assert attributes_from_arrays(attributes_to_arrays({})) == {}
    assert attributes_from_arrays({}) == {}


def test_the_catalogue_of_a_shop_can_be_narrowed_by_what_its_file_says(tmp_path: Path):
    (tmp_path / "events.csv").write_text("user,item\nu,b\nu,a\nv,b\nv,c\n")
    (tmp_path / "items.csv").write_text(
        'item,title,categories,brand,price\na,Cup,Kitchen|Gifts,Acme,4.51\nb,Saw,Tools,Bolt & Co,20\nc,"Mug","",,\n'
    )
    dataset = load_dataset(tmp_path / "events.csv")
    catalogue = catalogue_of(dataset)
    assert dataset.items[ID].to_list() == ["a", "b", "c"]
    fields = catalogue.fields()
    assert {"title", "categories", "brand", "price"} <= set(fields)
    brand, categories, title = fields["brand"], fields["categories"], fields["title"]
    assert isinstance(brand, TextAttribute)
    assert isinstance(categories, TextAttribute)
    assert isinstance(title, TextAttribute)
    assert brand.having("bolt & co").tolist() == [False, True, False]
    assert categories.having("gifts").tolist() == [True, False, False]
    assert title.having("MUG").tolist() == [False, False, True]
    assert "year" not in fields
