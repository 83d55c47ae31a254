"""Which items options let in, and what is told about it."""

from __future__ import annotations

import numpy as np
import pytest

from recsys_tui.data.text_list import TextList
from recsys_tui.models.item_attributes import NumberAttribute
from recsys_tui.models.trained_model import Catalogue
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.recommend.item_selection import ItemSelection, codes_of, select_items
from recsys_tui.recommend.list_options import ListOptions, list_options

CATALOGUE = Catalogue(
    TextList.of([f"i{number}" for number in range(8)]),
    TextList.of([f"Item {number}" for number in range(8)]),
    TextList.of(["Drama", "Drama", "Comedy", "Comedy", None, None, "Drama", "Drama"]),
    np.array([1, 1, 1, 1, 1, 1, 1, 0], np.bool_),
    {"year": NumberAttribute(np.arange(1990, 1998).astype(np.float32))},
)
COUNTS = np.array([50, 90, 90, 10, 0, 90, 20, 20])


def select(**given: object) -> ItemSelection:
    return select_items(CATALOGUE, lambda: COUNTS, list_options(**given))  # type: ignore[arg-type]


def test_options_narrow_together():
    assert select().allowed.all()
    assert select().options == ()
    found = select(
        products_only=True, where=["year>=1991", "categories=drama"], only_items=["i0", "i1", "i6", "i7"],
        exclude_items=["i6"],
    )  # fmt: skip
    assert np.flatnonzero(found.allowed).tolist() == [1]
    assert found.options == (
        "--products-only", "--where year>=1991", "--where categories=drama", "--only-items", "--exclude-items",
    )  # fmt: skip
    assert found.excluded.tolist() == [6]
    assert found.notes == ()
    assert found.emptied is None


@pytest.mark.parametrize(
    ("percent", "hidden"),
    [(0, []), (12.4, []), (12.5, [1]), (25, [1, 2]), (37.5, [1, 2, 5]), (50, [0, 1, 2, 5]), (100, list(range(8)))],
)
def test_the_most_popular_are_hidden_by_people_then_by_code(percent: float, hidden: list[int]):
    assert np.flatnonzero(~select(hide_popular=percent).allowed).tolist() == hidden


def test_of_items_that_a_few_took_none_is_hidden_as_the_more_popular():
    def hidden(*counts: int) -> list[list[int]]:
        options = [list_options(hide_popular=12.5 * number) for number in range(9)]
        found = [select_items(CATALOGUE, lambda: np.array(counts), each) for each in options]
        return [np.flatnonzero(~each.allowed).tolist() for each in found]

    assert hidden(5, 9, 9, 1, 0, 9, 30, 2) == hidden(1, 1, 1, 1, 0, 1, 30, 1)


def test_what_empties_a_list_is_named():
    assert select(where=["categories=Dramma"]).emptied == (
        "There is no item left to recommend: --where categories=Dramma lets in none at all. Nearest: Drama."
    )
    assert "--hide-popular 100 lets in none" in str(select(where=["year>1990"], hide_popular=100).emptied)
    together = select(where=["year=1990", "year=1991"]).emptied
    assert together is not None
    assert "together: --where year=1990, --where year=1991." in together


def test_unknown_ids_are_told_and_refused_where_none_is_known():
    found = select(only_items=["x1", "i1", "x2", "i1", "x3", "x4"], exclude_items=["gone\x1b[31m", "i2"])
    assert np.flatnonzero(found.allowed).tolist() == [1]
    first, second = found.notes
    assert first.startswith("4 of the 5 items of --only-items are not in this data")
    assert first.endswith("x1, x2, x3, …")
    assert "1 of the 2 items of --exclude-items" in second
    assert "\x1b" not in second
    for given, option in (({"only_items": ["i9"]}, "--only-items"), ({"exclude_items": ["i9"]}, "--exclude-items")):
        with pytest.raises(UserError, match=f"None of the items of {option}.*'i9'.*Nearest: ") as caught:
            select(**given)
        assert caught.value.exit_code == ExitCode.NOT_FOUND


def test_pins_keep_their_order_and_unknown_ones_are_refused():
    assert select(pin=["i5", "i0", "i5"]).pins.tolist() == [5, 0]
    many = [f"i{number}" for number in range(100)]
    assert codes_of(TextList.of(many), many[::-1]).tolist() == list(range(99, -1, -1))
    with pytest.raises(UserError, match="no item 'i99'") as caught:
        select(pin=["i1", "i99"])
    assert caught.value.exit_code == ExitCode.NOT_FOUND


@pytest.mark.parametrize(
    "given",
    [
        {"repeat": "sometimes"}, {"diversity": 1.1}, {"diversity": -0.1}, {"diversity": float("nan")},
        {"hide_popular": 101.0}, {"hide_popular": float("nan")}, {"only": ()},
    ],
)  # fmt: skip
def test_values_that_make_no_sense_are_refused(given: dict):
    with pytest.raises(UserError) as caught:
        ListOptions(**given)
    assert caught.value.exit_code == ExitCode.USAGE
