"""Delimited text: separator, header, encoding and compression are found; nothing in the fields is changed."""

from __future__ import annotations

import gzip
import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest

from recsys_tui.data.readers import read_table
from recsys_tui.data.readers.delimited import parse_rows
from recsys_tui.data.readers.dialect import Dialect
from recsys_tui.output.errors import UserError

ROWS = [("u1", "i1", "5"), ("u1", "i2", "3"), ("u2", "i1", "1")]


def written(folder: Path, content: bytes, name: str = "data.txt") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("separator", [",", "\t", ";", "|", "::"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends(tmp_path: Path, separator: str, line_end: str) -> None:
    lines = [separator.join(row) for row in [("user", "item", "rating"), *ROWS]]
    table = read_table(written(tmp_path, (line_end.join(lines) + line_end).encode()))
    assert table.frame.columns == ["user", "item", "rating"]
    assert table.frame.rows() == ROWS


def test_columns_are_numbered_without_a_header(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, b"1,2,5\n3,4,1\n"))
    assert not table.has_names
    assert table.frame.columns == ["column 1", "column 2", "column 3"]
    assert table.frame.rows() == [("1", "2", "5"), ("3", "4", "1")]


def test_words_that_the_person_names_make_a_header(tmp_path: Path) -> None:
    path = written(tmp_path, b"who,what\nann,tea\nbob,rice\n")
    assert read_table(path).frame.height == 3
    table = read_table(path, named=("who",))
    assert table.frame.columns == ["who", "what"]
    assert table.frame.height == 2


def test_values_stay_as_written(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, b"user,item\n001,1e5\n +7,1.50\n"))
    assert table.frame.rows() == [("001", "1e5"), (" +7", "1.50")]


@pytest.mark.parametrize(("encoding", "said"), [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("latin-1", "Latin-1")])
def test_encodings(tmp_path: Path, encoding: str, said: str) -> None:
    table = read_table(written(tmp_path, "user,item\nJosé,Küche\n".encode(encoding)))
    assert table.frame.columns == ["user", "item"]
    assert table.frame.rows() == [("José", "Küche")]
    assert said in table.format


def test_gzip_is_known_by_its_content(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, gzip.compress(b"user,item\na,b\n"), "data.csv"))
    assert table.frame.rows() == [("a", "b")]
    assert "gzip" in table.format


def test_quoted_fields_hold_separators_quotes_and_line_ends(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, b'item,title,genres\n1,"Me, ""you"" and it",a|b\n2,"two\nlines",c\n'))
    assert table.frame.rows() == [("1", 'Me, "you" and it', "a|b"), ("2", "two\nlines", "c")]


@pytest.mark.parametrize("separator", [",", "\t", ";", "|", "::"])
def test_every_field_may_be_quoted(tmp_path: Path, separator: str) -> None:
    lines = [separator.join(f'"{field}"' for field in row) for row in [("user", "item", "rating"), *ROWS]]
    table = read_table(written(tmp_path, "\n".join(lines).encode()))
    assert table.frame.columns == ["user", "item", "rating"]
    assert table.frame.rows() == ROWS


def test_a_stray_quote_costs_no_row(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, b'user,item,rating\n1,"a, b",3\n2,5" disc,1\n3,c,2\n'))
    assert table.frame.rows() == [("1", "a, b", "3"), ("2", '5" disc', "1"), ("3", "c", "2")]


def test_fields_between_double_colons_may_hold_a_colon(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, b"1::Up: a film::A|B\n2::Down::C\n3::9:15::A\n"))
    assert table.frame.rows() == [("1", "Up: a film", "A|B"), ("2", "Down", "C"), ("3", "9:15", "A")]


def test_fields_between_double_colons_may_be_true(tmp_path: Path) -> None:
    """The quick way reads every second column as a truth value; a colon text of such must not fool it."""
    table = read_table(written(tmp_path, b"1::2::3\n1::2::3\n4:true:5:false:6\n"))
    assert table.frame.rows()[:2] == [("1", "2", "3"), ("1", "2", "3")]
    assert table.frame.rows()[2][0] == "4:true:5:false:6"


def test_empty_lines_are_no_rows_but_empty_fields_are(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, b"\n\nuser,item\n1,2\n\n\r\n,\n3,4\n\n"))
    assert table.frame.rows() == [("1", "2"), (None, None), ("3", "4")]


def test_ragged_rows_are_counted_cut_and_filled(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, b"user,item,rating\n1,2,3\n4,5\n6,7,8,9,9\n1,1,1\n"))
    assert table.frame.rows() == [("1", "2", "3"), ("4", "5", None), ("6", "7", "8"), ("1", "1", "1")]
    assert [(entry.code, entry.count) for entry in table.findings] == [("ragged_rows", 2)]


def test_nul_bytes_are_removed_and_counted(tmp_path: Path) -> None:
    rows = b"".join(b"%d,%d\n" % (n, n + 1) for n in range(100))
    table = read_table(written(tmp_path, b"user,item\n1,\x002\n" + rows))
    assert table.frame.row(0) == ("1", "2")
    assert [(entry.code, entry.count) for entry in table.findings] == [("nul_bytes", 1)]


def test_repeated_and_missing_names_are_told_apart(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, b"user,item,item,\n1,2,3,4\n"))
    assert table.frame.columns == ["user", "item", "item (2)", "column 4"]
    assert [entry.code for entry in table.findings] == ["duplicate_headers"]


def test_escape_sequences_in_names_are_removed(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, b"user,item,\x1b[31mred\n1,2,3\n"))
    assert table.frame.columns == ["user", "item", "red"]


def test_a_sample_is_the_beginning_of_the_whole(tmp_path: Path) -> None:
    path = written(tmp_path, b"user,item\n" + b"".join(b"%d,%d\n" % (n, n) for n in range(200_000)))
    sample = read_table(path, 100).frame
    assert sample.rows() == [(str(n), str(n)) for n in range(100)]


def test_text_without_a_separator_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError) as refused:
        read_table(written(tmp_path, b"only\nsome\nwords\n"))
    assert refused.value.message_id == "data.one_column"


@pytest.mark.parametrize("sample", [None, 100])
def test_a_header_of_any_length_is_read_as_a_whole(tmp_path: Path, sample: int | None) -> None:
    """A matrix of people and films, whose first line alone fills more than is looked at of other files."""
    titles = [f"The long title of the film number {number:06}" for number in range(9_000)]
    rows = [[f"u{row}", *(str(row) if (row + place) % 3 else "" for place in range(9_000))] for row in range(5)]
    text = "\n".join(",".join(row) for row in [["user", *titles], *rows]).encode()
    assert text.index(b"\n") > 1 << 18
    table = read_table(written(tmp_path, text), sample)
    assert (table.has_names, table.findings) == (True, ())
    assert table.frame.columns == ["user", *titles]
    assert [[field or "" for field in row] for row in table.frame.rows()] == rows


def test_more_columns_than_any_data_has_are_refused(tmp_path: Path) -> None:
    line = ",".join(f"column{number}" for number in range(100_001))
    with pytest.raises(UserError) as told:
        read_table(written(tmp_path, f"{line}\n{line}\n".encode()))
    assert (told.value.message_id, told.value.exit_code) == ("data.too_many_columns", 2)


@pytest.mark.parametrize(
    ("start", "line"),
    [(b'u1,i1,"', b"a\n"), (b"u1,i1,3\n", b"u1,i1,3\nu,i\n"), (b'u1,"x"y,3\nu,"z\n', b"u,i,3\nu,i\n")],
)
def test_lines_that_do_not_fit_are_read_without_holding_each_of_them(tmp_path: Path, start: bytes, line: bytes):
    """A quotation mark that is left open before short lines took a hundred times their size."""
    text = b"user,item,rating\n" + start + line * (2_000_000 // len(line))
    names = ["user", "item", "rating"]
    tracemalloc.start()
    try:
        with suppress(UserError):  # a field without end
            parse_rows(text, Dialect(",", True, True, 3), names, tmp_path / "data.csv")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 20 * len(text)


@pytest.mark.parametrize("before", ["\n" * 5, "# notes\n" * 5, "\n# notes\r\n" * 5])
def test_a_sample_of_lines_without_end_begins_after_what_is_none(tmp_path: Path, before: str) -> None:
    names = [f"a rather long title number {number}" for number in range(12_000)]
    rows = [["who", *names], *([f"u{row}"] + ["5"] * len(names) for row in range(3))]
    path = tmp_path / "matrix.csv"
    path.write_text(before + "".join(",".join(row) + "\n" for row in rows))
    assert read_table(path, sample_rows=50).frame.shape == (3, 12_001)
