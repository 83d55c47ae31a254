"""The one writer for JSON and the one for CSV, held against the standard library's readers and RFC 4180."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_tui.output.neutralise import neutral_id
from recsys_tui.output.writers import csv_table, escape_ids, json_document

# As they are after load: without control characters.
CELLS = st.text(st.characters(exclude_categories=("Cs",))).map(neutral_id)


@given(st.lists(st.tuples(CELLS, CELLS)))
def test_ids_come_back_from_csv_as_they_were(rows: list[tuple[str, str]]):
    read = list(csv.reader(io.StringIO(csv_table(("user", "item"), rows), newline="")))
    assert read == [["user", "item"], *[list(row) for row in rows]]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "＝", "＋", "－", "＠"])
def test_formulas_are_disarmed_in_text_and_left_alone_in_ids(start: str):
    table = csv_table(("item", "title"), [(start + "1", start + "SUM(A1)")], ("title",))
    row = list(csv.reader(io.StringIO(table, newline="")))[1]
    assert row == [start + "1", "'" + start + "SUM(A1)"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝"])
@pytest.mark.parametrize("between", [";", "\t"])
def test_formulas_are_disarmed_where_some_spreadsheets_begin_a_cell(start: str, between: str):
    table = csv_table(("item", "title"), [("a;=b", f"a{between}{start}SUM(A1);b{between}c")], ("title",))
    row = list(csv.reader(io.StringIO(table, newline="")))[1]
    assert row == ["a;=b", f"a{between}'{start}SUM(A1);b{between}c"]


def test_formulas_are_disarmed_where_a_quote_stands_before_them_too():
    """A quote is doubled when it is written: an empty text to who takes the semicolon for what parts cells."""
    table = csv_table(("item", "title"), [("1", 'a;"=SUM(A1);b')], ("title",))
    cells = list(csv.reader(io.StringIO(table, newline=""), delimiter=";"))[1]
    assert not [cell for cell in cells if cell.startswith("=")]


@pytest.mark.parametrize("title", ["Laugh ;-) and cry", "Part 1; -2- ; = 3", "a=b", "Tom+Ann", "me@home", "1-2"])
def test_titles_that_run_nothing_stay_as_they_are(title: str):
    assert csv_table(("title",), [(title,)], ("title",)) == f"title\n{title}\n"


def test_asked_for_ids_are_disarmed_too_and_numbers_never():
    try:
        escape_ids()
        table = csv_table(("item", "score"), [("=1+1", -0.5), ("-7", -7), ("plain", 1)])
    finally:
        escape_ids(False)
    assert table == "item,score\n'=1+1,-0.5\n'-7,-7\nplain,1\n"
    assert csv_table(("item",), [("=1+1",)]) == "item\n=1+1\n"


def test_negative_numbers_are_numbers_and_nothing_is_empty():
    assert csv_table(("n", "score", "title"), [(-3, -0.1, None)], ("title",)) == "n,score,title\n-3,-0.1,\n"


def test_quotes_commas_and_lines_are_quoted():
    assert csv_table(("title",), [('Heat, "1995"\nagain',)]) == 'title\n"Heat, ""1995""\nagain"\n'


def test_a_row_of_another_length_is_a_bug_that_shows():
    with pytest.raises(ValueError, match="zip"):
        csv_table(("a", "b"), [(1,)])


def test_json_knows_no_infinities():
    document = json.loads(json_document({"a": float("nan"), "b": [float("inf"), 1.5], "c": (True, None, 2)}))
    assert document == {"a": None, "b": [None, 1.5], "c": [True, None, 2]}


def test_arrays_and_keys_of_other_kinds_become_plain():
    document = json.loads(json_document({3: np.arange(3), "x": np.float32(0.5), "y": np.array([np.nan, 1.0])}))
    assert document == {"3": [0, 1, 2], "x": 0.5, "y": [None, 1.0]}


def test_text_stays_readable():
    assert "「七人の侍」" in json_document({"title": "「七人の侍」"})
