"""Ids become codes in their natural order, whatever the order of the rows, and stay as the file has them."""

from __future__ import annotations

import random

import polars as pl
import pytest

from recsys_tui.data.id_codes import code_ids, natural_order


def test_numbers_come_by_value_before_texts() -> None:
    ids = pl.Series(["b", "10", "9", "a", "-1", "B"])
    assert natural_order(ids).to_list() == ["-1", "9", "10", "B", "a", "b"]


@pytest.mark.parametrize(
    "values",
    [
        ["10", "9", "10", "x", None, "001"],
        [10, 9, 10, 7, None, 8],
        [0, 10**15, 5, None, -3, 5],
    ],
)
def test_codes_point_at_their_ids(values: list[object]) -> None:
    coded = code_ids(pl.Series(values))
    assert coded.codes.dtype == pl.UInt32
    back = [None if code is None else coded.ids[code] for code in coded.codes.to_list()]
    assert back == [None if value is None else str(value) for value in values]


def test_codes_do_not_depend_on_the_order_of_rows() -> None:
    ids = [str(number) for number in range(50)] + ["x", "y"]
    shuffled = random.Random(1).sample(ids, len(ids))
    assert code_ids(pl.Series(ids)).ids.to_list() == code_ids(pl.Series(shuffled)).ids.to_list()


def test_text_and_integers_of_the_same_ids_get_the_same_codes() -> None:
    numbers = [30, 4, 200, 4]
    as_text = code_ids(pl.Series([str(number) for number in numbers]))
    as_integers = code_ids(pl.Series(numbers))
    assert as_text.ids.to_list() == as_integers.ids.to_list() == ["4", "30", "200"]
    assert as_text.codes.to_list() == as_integers.codes.to_list() == [1, 0, 2, 0]


def test_leading_zeros_are_part_of_an_id() -> None:
    assert code_ids(pl.Series(["001", "1", "01"])).ids.len() == 3


@pytest.mark.parametrize("word", ["", "  ", "NaN", "null", "None", "\\N"])
def test_words_for_nothing_are_no_ids(word: str) -> None:
    assert code_ids(pl.Series(["a", word])).codes.to_list() == [0, None]


def test_a_whole_column_of_spreadsheet_decimals_is_shortened() -> None:
    coded = code_ids(pl.Series(["13085.0", None, "7.0", "13085.0"]))
    assert coded.shortened
    assert coded.ids.to_list() == ["7", "13085"]
    assert coded.codes.to_list() == [1, None, 0, 1]


def test_some_decimals_alone_are_not() -> None:
    coded = code_ids(pl.Series(["13085.0", "A7"]))
    assert not coded.shortened
    assert coded.ids.to_list() == ["13085.0", "A7"]


def test_fractions_are_not_shortened() -> None:
    coded = code_ids(pl.Series([1.5, 2.0]))
    assert not coded.shortened
    assert sorted(coded.ids.to_list()) == ["1.5", "2.0"]


def test_control_characters_go_and_people_stay_apart() -> None:
    coded = code_ids(pl.Series(["ann", "a\x07nn", "bob\x1b[2J"]))
    assert coded.neutralised == 2
    assert coded.kept_apart == 1
    plain, apart, other = sorted(coded.ids.to_list())
    assert (plain, apart[:4], len(apart), other) == ("ann", "ann~", 10, "bob")
    assert coded.codes.n_unique() == 3


def test_what_tells_ids_apart_depends_on_none_of_the_others() -> None:
    """Else who comes or goes would make somebody else of those who stay."""
    alike = ["x", "x\u200b", "x\u200e", "x\x01", "y\x02"]
    coded = code_ids(pl.Series(alike))
    names = dict(zip(sorted(alike), coded.ids, strict=True))
    assert (names["x"], names["y\x02"], coded.neutralised, coded.kept_apart) == ("x", "y", 4, 3)
    for some in (["x", "x\u200e"], ["x\u200b", "x\x01"], [*alike, "x\x00"], [*alike, *names.values()]):
        found = dict(zip(sorted(set(some)), code_ids(pl.Series(some)).ids, strict=True))
        assert len(set(found.values())) == len(found)
        if names["x\x01"] not in some:  # which is the id of somebody else there
            assert found == {one: names.get(one, found[one]) for one in found}
    left = code_ids(pl.Series(["x\u200b"]), {"x\u200b": names["x\u200b"]})
    assert (left.ids.to_list(), left.changed) == ([names["x\u200b"]], {"x\u200b": names["x\u200b"]})


def test_a_column_of_nothing() -> None:
    for values in (pl.Series([None, None], dtype=pl.Int64), pl.Series([None, None], dtype=pl.String)):
        coded = code_ids(values)
        assert coded.ids.len() == 0
        assert coded.codes.null_count() == 2
