"""Conditions on items, as people write them."""

from __future__ import annotations

import numpy as np
import pytest

from recsys_tui.models.item_attributes import NumberAttribute, TextAttribute
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.recommend.conditions import Condition

FIELDS = {
    "title": TextAttribute.of([["Café Noir"], ["a=b"], [], ["1984"]]),
    "categories": TextAttribute.of([["Drama", "Comedy"], ["drama"], [], ["Western"]]),
    "Year": NumberAttribute(np.array([1990, 2001, np.nan, 1984], np.float32)),
    "price": NumberAttribute(np.array([4.51, 0.1, 3, np.nan], np.float32)),
    "Director": TextAttribute.of([["Varda"], ["Ozu", "Varda"], [], []]),
    "shoe size": TextAttribute.of([["42"], ["43"], [], []]),
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("year>=1990", [1, 1, 0, 0]),
        ("YEAR < 1990", [0, 0, 0, 1]),
        ("year=1990", [1, 0, 0, 0]),
        ("year==1990.0", [1, 0, 0, 0]),
        ("year!=1990", [0, 1, 1, 1]),
        ("year<=2001", [1, 1, 0, 1]),
        ("year>-1e99", [1, 1, 0, 1]),
        ("price=4.51", [1, 0, 0, 0]),
        ("price>0.1", [1, 0, 1, 0]),
        ("categories=DRAMA", [1, 1, 0, 0]),
        ("categories=comedy", [1, 0, 0, 0]),
        ("categories!=drama", [0, 0, 1, 1]),
        ("genre=Western", [0, 0, 0, 1]),
        ("category=Western", [0, 0, 0, 1]),
        ("title=CAFE\u0301 noir", [1, 0, 0, 0]),  # composed and decomposed letters are the same
        ("title=Café", [0, 0, 0, 0]),
        ("title=a=b", [0, 1, 0, 0]),
        ("title!=a=b", [1, 0, 1, 1]),
        ("类别=western", [0, 0, 0, 1]),
        ("release year=1984", [0, 0, 0, 1]),
        ("brand=varda", [1, 1, 0, 0]),
        ("director=Ozu", [0, 1, 0, 0]),
        ("shoe size=43", [0, 1, 0, 0]),
        ("attribute.shoe size = 42", [1, 0, 0, 0]),
    ],
)
def test_what_fulfils_a_condition(text: str, expected: list[int]):
    assert Condition.of(text).fulfilled(FIELDS).astype(int).tolist() == expected


@pytest.mark.parametrize("text", ["", "year", "=1990", "year=", "year!", " <5", "year 1990"])
def test_what_is_no_condition_is_refused_with_an_example(text: str):
    with pytest.raises(UserError, match="is no condition") as caught:
        Condition.of(text)
    assert caught.value.exit_code == ExitCode.USAGE


@pytest.mark.parametrize(
    ("text", "message_id", "said"),
    [
        (
            "yaer=1990",
            "models.no_such_field",
            "Nearest: Year. They have: title, categories, Year, ",
        ),
        ("colour=red", "models.no_such_field", "no field 'colour' to go by. They have"),
        ("title>A", "models.text_has_no_size", "title>A: title is text"),
        ("year=soon", "models.not_a_number", "year is a number, and 'soon' is none"),
        ("year>nan", "models.not_a_number", "'nan'"),
        ("price<inf", "models.not_a_number", "'inf'"),
    ],
)
def test_what_the_data_cannot_answer_is_refused(text: str, message_id: str, said: str):
    with pytest.raises(UserError) as caught:
        Condition.of(text).fulfilled(FIELDS)
    assert (caught.value.message_id, caught.value.exit_code) == (message_id, ExitCode.USAGE)
    assert said in str(caught.value)


def test_items_that_nothing_is_known_of_cannot_be_narrowed():
    with pytest.raises(UserError, match="--items FILE"):
        Condition.of("year=1990").fulfilled({})


def test_values_that_were_perhaps_meant():
    assert Condition.of("categories=Westen").nearest_values(FIELDS) == ["Western"]
    assert Condition.of("year=3000").nearest_values(FIELDS) == []
