"""Text from data cannot steer the terminal or mislead its reader."""

from __future__ import annotations

import unicodedata

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_tui.output.neutralise import neutral_id, neutral_series, neutral_text


@pytest.mark.parametrize(
    ("given_", "text"),
    [
        ("Heat (1995)", "Heat (1995)"),
        ("Fast &amp; Furious", "Fast & Furious"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title of the window\x07Alien", "Alien"),
        ("\x1b]8;;http://example.org\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("&#27;[2Jgone", "[2Jgone"),  # HTML knows no such character: the reference decodes to nothing
        ("two\r\nlines\tand a tab", "two lines and a tab"),
        ("evil\u202egnp.exe", "evilgnp.exe"),
        ("\ufeff  padded \u200b ", "padded"),
        ("bell\x07null\x00csi\x9b31m", "bellnullcsi31m"),
        ("Heat\U000e0041\U000e007f", "Heat"),
        ("七人の侍 👩‍🚀", "七人の侍 👩‍🚀"),
    ],
)
def test_what_is_left_of_a_title(given_: str, text: str):
    assert neutral_text(given_) == text


def test_an_id_is_left_as_it_is_but_for_what_steers():
    assert neutral_id(" a&amp;b ") == " a&amp;b "
    assert neutral_id("x\x1b[1my\x07") == "xy"


@given(st.text())
def test_nothing_that_steers_is_left(text: str):
    left = neutral_text(text)
    assert not [sign for sign in left if unicodedata.category(sign) in ("Cc", "Zl", "Zp")]
    assert not set(left) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


@given(st.lists(st.one_of(st.none(), st.text(st.characters(exclude_categories=("Cs",)), max_size=20))), st.booleans())
def test_a_column_is_what_its_values_are(values: list[str | None], ids: bool):
    one = neutral_id if ids else neutral_text
    expected = [None if value is None else one(value) for value in values]
    column, changed = neutral_series(pl.Series(values, dtype=pl.String), ids)
    assert column.to_list() == expected
    assert changed == sum(value != new for value, new in zip(values, expected, strict=True))
