"""Files of other kinds, damaged ones, folders with more in them than data: how each is written, what comes of it."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import pickle
import tarfile
import zipfile
from pathlib import Path

import polars as pl
import zstandard

from tests.odd_inputs.corpus import CLICKS, HEADER, NOISE, ROWS, SOUND, Case, bad, files, frame, odd, text


def _spreadsheet() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", "<worksheet><sheetData/></worksheet>")
    return buffer.getvalue()


def _tape() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo("ratings.csv")
        member.size = len(SOUND)
        archive.addfile(member, io.BytesIO(SOUND.encode()))
    return buffer.getvalue()


def _stream(table: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    table.write_ipc_stream(buffer)
    return buffer.getvalue()


def _hidden(folder: Path) -> Path:
    inner = folder / "inner"
    (inner / ".git").mkdir(parents=True)
    for name in (".ratings.csv", ".git/ratings.csv", "_ratings.csv"):
        (inner / name).write_text(SOUND)
    return inner


def _with_a_pipe(folder: Path) -> Path:
    """Ratings beside a pipe that nobody writes to, a dead link, a link to a device, and a folder called as a file."""
    inner = folder / "inner"
    (inner / "events.csv").mkdir(parents=True)
    os.mkfifo(inner / "clicks.csv")
    (inner / "views.csv").symlink_to(inner / "nowhere.csv")
    (inner / "orders.csv").symlink_to("/dev/zero")
    (inner / "ratings.csv").write_text(SOUND)
    return inner


def _names_of_escapes(folder: Path) -> Path:
    inner = folder / "inner\x1b[31m\nred"
    inner.mkdir()
    (inner / "ra\x1b]0;title\x07tings\u202e.csv").write_text(SOUND)
    (inner / "\x1b[2Jempty.csv").write_text("")
    return inner


def _empty_of_escapes(folder: Path) -> Path:
    path = folder / "\x1b[31mred\n.csv"
    path.write_text("")
    return path


NOTEBOOK = json.dumps({"cells": [{"cell_type": "code", "source": ["a"]}], "metadata": {"a": 1}, "nbformat": 4})
PLACES = json.dumps(
    {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": {"coordinates": [1, 2]}}]}
)
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "4d" * 32 + "\nsize 12345\n"
VERSE = (
    "Shall I compare thee to a summer's day?\nThou art more lovely and more temperate:\n"
    "Rough winds do shake the darling buds of May,\nAnd summer's lease hath all too short a date;\n"
)
RECORDS = '<?xml version="1.0"?>\n<rows>\n' + "".join(f'<row user="{n}" item="{n % 3}"/>\n' for n in range(20))

REFUSED = (
    bad("a spreadsheet", text(_spreadsheet(), "ratings.xlsx"), "archive_or_spreadsheet"),
    bad(
        "an old spreadsheet",
        text(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504), "ratings.xls"),
        "archive_or_spreadsheet",
    ),
    bad("a tape archive", text(_tape(), "ratings.tar"), "binary_file"),
    bad("bzip2 of noise", text(bz2.compress(NOISE), "ratings.csv.bz2"), "binary_file"),
    bad("xz that is cut short", text(lzma.compress(SOUND.encode())[:-30], "ratings.csv.xz"), "damaged_file"),
    bad("gzip within zstd", text(zstandard.compress(gzip.compress(SOUND.encode()))), "binary_file"),
    bad("gzip of a wrong checksum", text(gzip.compress(SOUND.encode())[:-8] + bytes(8)), "damaged_file"),
    bad("gzip with noise behind it", text(gzip.compress(SOUND.encode()) + NOISE), "damaged_file"),
    bad("pickled objects", text(pickle.dumps({"user": [1, 2], "item": [3, 4]}), "ratings.pkl"), "binary_file"),
    bad("NUL bytes alone", text(bytes(5_000)), "binary_file"),
    bad("bytes of ones alone", text(b"\xff" * 5_000), "binary_file", "damaged_file"),
    bad("marks of Parquet and nothing between", text(b"PAR1" + bytes(40) + b"PAR1"), "damaged_file"),
    bad("text called Parquet", text(SOUND, "ratings.parquet"), "damaged_file"),
    bad("Arrow without rows", frame(CLICKS.clear(), "arrow"), "header_only"),
    bad("Arrow that is cut short", text(_stream(CLICKS)[:150], "x.arrows"), "damaged_file"),
    bad("Parquet without columns", frame(pl.DataFrame()), "header_only", "empty_file"),
    bad(
        "Parquet with bytes as ids",
        frame(CLICKS.with_columns(user=pl.Series([b"\xff\x01", b"\xfe", b"a"]))),
        "no_column_for",
    ),
    bad("Parquet with lists as ids", frame(CLICKS.with_columns(pl.concat_list("item"))), "no_column_for"),
    bad("a pointer to a large file", text(POINTER), "large_file_pointer"),
    bad("records of XML", text(RECORDS + "</rows>\n", "ratings.xml"), "markup"),
    bad("a table of HTML", text("<!DOCTYPE html>\n<table>\n<tr><td>1</td><td>2</td></tr>\n</table>\n"), "markup"),
    bad("a verse", text(VERSE, "ratings.txt"), "one_column"),
    bad("settings", text("[core]\nname = a\nkey = b\n[other]\nz = 1\n", "ratings.data"), "one_column"),
    bad("YAML", text("- user: 1\n  item: 2\n- user: 3\n  item: 4\n" * 5, "ratings.yaml"), "one_column"),
    bad("comments alone", text("# user,item\n# 1,2\n"), "empty_file"),
    bad("comments and a line of blanks", text("# user,item\n# 1,2\n\f"), "empty_file"),
    bad("one quote", text('"'), "one_column"),
    bad("a hundred thousand quotes", text('"' * 100_001), "one_column"),
    bad("a header whose quote never closes", text('"user","item\n1,2\n3,4\n'), "header_only", "one_column"),
    bad("a quoted field of ten million characters", text('user,item\n"' + "x" * 10_000_000 + "\n"), "endless_text"),
    bad("commas alone", text(",,,\n" * 40), "no_column_for", "nothing_left"),
    bad("a million commas", text("," * 1_000_000 + "\n"), "too_many_columns"),
    bad("JSON of nothing", text("null", "x.json"), "one_column", "no_records"),
    bad("JSON of one text", text('"abc"', "x.json"), "one_column", "no_records"),
    bad("JSON with a comma too many", text('[{"user": 1, "item": 2},]', "x.json"), "damaged_file"),
    bad("JSON of records without ends of lines", text('{"user": 1, "item": 2}' * 3, "x.json"), "damaged_file"),
    bad("JSON lines that name nobody", text('{"user": null, "item": null}\n' * 4, "x.jsonl"), "no_column_for"),
    bad("JSON of tables within", text('{"u1": {"i1": 5, "i2": 3}, "u2": {"i1": 4}}', "x.json"), "no_records"),
    bad("a notebook", text(NOTEBOOK, "x.json"), "no_column_for"),
    bad("places on a map", text(PLACES, "x.json"), "no_column_for"),
    bad("a folder of hidden files", _hidden, "no_interactions_in_folder"),
    bad("an empty file with escapes in its name", _empty_of_escapes, "empty_file"),
)

TWICE = "\ufeff" + SOUND + "\ufeff" + SOUND
BASKET_OF_PARTS = {f"part{n:03d}_csv": f"user,item\nu{n},i{n % 4}\n" for n in range(70)}

OPENED: tuple[Case, ...] = (
    odd("gzip with zeros behind it", text(gzip.compress(SOUND.encode()) + bytes(600)), 7, 5, 50),
    odd("gzip of UTF-16", text(gzip.compress(SOUND.encode("utf-16"))), 7, 5, 50),
    odd("UTF-32", text(SOUND.encode("utf-32")), 7, 5, 50),
    odd("two files in one, each with its mark", text(TWICE), 7, 5, 50, unparsable_times=1, duplicates=50),
    odd("a comment at the end", text(SOUND + "# end of file\n"), 7, 5, 50, no_item=1),
    odd("a line of a spreadsheet that names the separator", text("sep=;\n" + SOUND.replace(",", ";")), 7, 5, 50),
    odd("a single row", text("1,2\n"), 1, 1, 1, no_time=1),
    odd("a folder of seventy parts", files(**BASKET_OF_PARTS), 70, 4, 70, parts=70),
    odd("a folder with a pipe, a device and a dead link", _with_a_pipe, 7, 5, 50),
    odd("a folder whose names are escapes", _names_of_escapes, 7, 5, 50),
    odd("an Arrow stream", text(_stream(CLICKS), "x.arrows"), 2, 2, 3, no_time=3),
    odd(
        "a column of row numbers that the header does not name",
        text("user item rating\n" + "".join(f'"{n}" u{n % 7} i{n % 5} {n % 5 + 1}\n' for n in range(35))),
        7,
        5,
        35,
    ),
    odd(
        "a column of row numbers without a name",
        text(",user,item,rating\n" + "".join(f"{n},{n % 7},{n % 5},{n % 5 + 1}\n" for n in range(35))),
        7,
        5,
        35,
    ),
    odd("a separator at the end of every line", text((HEADER + ROWS).replace("\n", ",\n")), 7, 5, 50),
    odd("a separator at the end of every line but the first", text(HEADER + ROWS.replace("\n", ",\n")), 7, 5, 50),
    odd("a header without names", text(",,,\n" + ROWS), 7, 5, 50, no_user=1),
    odd("three separators", text("user,item\n1,2\n2\t3\n3;4\n4,5\n"), 2, 2, 2, ragged_rows=2, no_item=2),
    odd("line ends within quotes", text('user,item\n"a\nb",x\nc,y\n"d\r\ne",z\n'), 3, 3, 3, ids_neutralised=2),
    odd(
        "a header of five thousand columns",
        text("user,item," + ",".join(f"f{n}" for n in range(5_000)) + "\n" + "u1,i1" + ",7" * 5_000 + "\n"),
        1,
        1,
        1,
    ),
)

CASES = REFUSED + OPENED
