"""Odd inputs by name: how each is written, and whether it is refused (with which sentence) or opened (with what)."""

from __future__ import annotations

import gzip
import io
import random
import sqlite3
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import zstandard

HEADER = "user,item,rating,timestamp\n"
# Fifty ratings of seven people and five items.
ROWS = "".join(f"{n % 7},{n % 5},{n % 5 + 1},{1_000_000_000 + n}\n" for n in range(50))
SOUND = HEADER + ROWS

Build = Callable[[Path], Path]


@dataclass(frozen=True)
class Case:
    """``build`` writes the input into a folder and returns its path. Either ``refused`` names the possible messages,
    or the input opens with ``users``, ``items`` and ``events``, and at least the findings given (code → count)."""

    name: str
    build: Build
    refused: tuple[str, ...] = ()
    users: int = 0
    items: int = 0
    events: int = 0
    findings: Mapping[str, int] = field(default_factory=dict)


def text(content: str | bytes, name: str = "data.csv") -> Build:
    """A file of some content."""

    def build(folder: Path) -> Path:
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return folder / name

    return build


def files(**contents: str | bytes) -> Build:
    """A folder of files; ``a_csv`` is ``a.csv``."""

    def build(folder: Path) -> Path:
        inner = folder / "inner"
        inner.mkdir()
        for name, content in contents.items():
            data = content if isinstance(content, bytes) else content.encode()
            (inner / name.replace("_", ".")).write_bytes(data)
        return inner

    return build


def frame(table: pl.DataFrame, kind: str = "parquet") -> Build:
    """A table as Parquet or Arrow."""

    def build(folder: Path) -> Path:
        path = folder / f"data.{kind}"
        (table.write_parquet if kind == "parquet" else table.write_ipc)(path)
        return path

    return build


def bad(name: str, build: Build, *messages: str) -> Case:
    """An input that is refused."""
    return Case(name, build, tuple(f"data.{message}" for message in messages))


def odd(name: str, build: Build, users: int, items: int, events: int, **findings: int) -> Case:
    """An input that opens."""
    return Case(name, build, (), users, items, events, findings)


def _database(folder: Path) -> Path:
    path = folder / "data.db"
    connection = sqlite3.connect(path)
    connection.execute("create table ratings (user, item)")
    connection.commit()
    connection.close()
    return path


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("data.csv", SOUND)
    return buffer.getvalue()


def _link(target: str) -> Build:
    def build(folder: Path) -> Path:
        (folder / "link.csv").symlink_to(folder / target)
        return folder / "link.csv"

    return build


def _loop_of_folders(folder: Path) -> Path:
    inner = folder / "inner"
    inner.mkdir()
    (inner / "again").symlink_to(inner)
    (inner / "ratings.csv").write_text(SOUND)
    return inner


NOISE = random.Random(5).randbytes(5_000)
CLICKS = pl.DataFrame({"user": ["a", "b", "a"], "item": ["x", "y", "y"]})

REFUSED = (
    bad("nothing at all", text(""), "empty_file"),
    bad("blank lines alone", text("\n \n\t\n\r\n"), "empty_file"),
    bad("a byte order mark alone", text(b"\xef\xbb\xbf"), "empty_file"),
    bad("a header alone", text(HEADER), "header_only"),
    bad("a header of RecBole alone", text("user_id:token\titem_id:token\n", "x.inter"), "header_only"),
    bad("noise", text(NOISE), "binary_file"),
    bad("noise called Parquet", text(NOISE, "x.parquet"), "damaged_file"),
    bad("noise called Arrow", text(NOISE, "x.arrow"), "damaged_file"),
    bad("noise in gzip", text(gzip.compress(NOISE)), "binary_file"),
    bad("gzip that is cut short", text(gzip.compress(SOUND.encode())[:-30]), "damaged_file"),
    bad("zstd that is cut short", text(zstandard.compress(SOUND.encode())[:-9]), "damaged_file"),
    bad("gzip within gzip", text(gzip.compress(gzip.compress(SOUND.encode() * 40))), "binary_file"),
    bad("gzip of nothing", text(gzip.compress(b"")), "empty_file"),
    bad("gzip of a hundred million zeros", text(gzip.compress(bytes(100_000_000), 9)), "binary_file"),
    bad("a zip archive", text(_zip(), "data.zip"), "archive_or_spreadsheet"),
    bad("a database", _database, "binary_file"),
    bad(
        "a PDF",
        text(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n" + NOISE, "a.pdf"),
        "binary_file",
    ),
    bad("a picture", text(b"\x89PNG\r\n\x1a\n" + NOISE, "a.png"), "binary_file"),
    bad("a program", text(b"\x7fELF\x02\x01\x01" + bytes(900)), "binary_file"),
    bad("Parquet that is cut short", lambda f: _cut(frame(CLICKS)(f)), "damaged_file"),
    bad("Parquet without rows", frame(CLICKS.clear()), "nothing_left", "header_only", "no_column_for"),
    bad("Parquet of nested columns alone", frame(pl.DataFrame({"u": [{"a": 1}], "i": [{"b": 2}]})), "no_column_for"),
    bad(
        "a web page",
        text("<!doctype html>\n<html><body>\n<p>Hello, world</p>\n</body></html>\n"),
        "markup",
    ),
    bad("one word a line", text("alpha\nbeta\ngamma\n"), "one_column"),
    bad("one number", text("42\n", "x.json"), "one_column"),
    bad("JSON of one number in a list", text("[1, 2, 3]", "x.json"), "one_column", "no_records", "no_column_for"),
    bad("an empty JSON list", text("[]", "x.json"), "no_records"),
    bad("an empty JSON object", text("{}", "x.json"), "no_records", "no_column_for"),
    bad(
        "JSON that is nested too deep",
        text("[" * 60_000 + "]" * 60_000, "x.json"),
        "one_column",
        "damaged_file",
        "no_records",
        "binary_file",
    ),
    bad("objects nested too deep", text('{"a":' * 60_000 + "1" + "}" * 60_000, "x.json"), "damaged_file", "no_records"),
    bad("JSON that breaks off", text('[{"user": 1, "item": 2}, {"user"', "x.json"), "damaged_file"),
    bad("ten million characters in one line", text("x" * 10_000_000), "one_column"),
    bad(
        "a line of ten million with one comma",
        text("x" * 5_000_000 + "," + "y" * 5_000_000),
        "no_column_for",
        "header_only",
        "nothing_left",
        "one_column",
    ),
    bad("no row names both", text(HEADER + "1,,5,1000000000\n,2,5,1000000000\n"), "nothing_left"),
    bad("ids of blanks alone", text(HEADER + "  ,  ,5,1000000000\n" * 4), "nothing_left", "no_column_for"),
    bad("words for nothing as ids", text(HEADER + "nan,null,5,1000000000\n" * 4), "nothing_left", "no_column_for"),
    bad(
        "columns that say nothing",
        text("alpha,beta,gamma\n" + "".join(f"{n % 7},{n % 5},{n % 3}\n" for n in range(30))),
        "ambiguous",
    ),
    bad(
        "two columns of users",
        text("customer_id,user_id,item\n" + "".join(f"{n % 7},{n % 6},{n % 3}\n" for n in range(30))),
        "ambiguous",
    ),
    bad(
        "a table of measurements",
        text("height,weight\n" + "".join(f"{1 + n / 97:.4f},{50 + n / 7:.3f}\n" for n in range(30))),
        "no_column_for",
    ),
    bad("a dead link", _link("nowhere.csv"), "no_such_path_or_name"),
    bad("a link to itself", _link("link.csv"), "no_such_path_or_name", "no_such_path"),
    bad("an empty folder", files(), "no_interactions_in_folder"),
    bad(
        "a folder of empty files", files(a_csv="", b_csv="", ratings_csv=""), "no_interactions_in_folder", "empty_file"
    ),
    bad(
        "a folder of pictures and words",
        files(a_png=NOISE, notes_txt="Dear diary,\ntoday it rained.\n"),
        "no_interactions_in_folder",
        "one_column",
        "no_column_for",
    ),
    bad(
        "a folder with two tables of interactions",
        files(a_csv=SOUND, b_csv=SOUND.replace("rating", "stars", 1)),
        "several_interactions_in_folder",
    ),
)

OPENED = (
    odd("sound", text(SOUND), 7, 5, 50),
    odd("no time can be read", text(HEADER + "1,2,5,\n"), 1, 1, 1, no_time=1),
    odd("line ends of old Macs", text(SOUND.replace("\n", "\r")), 7, 5, 50),
    odd("line ends of Windows", text(SOUND.replace("\n", "\r\n")), 7, 5, 50),
    odd("both line ends", text(HEADER + ROWS[:400] + ROWS[400:].replace("\n", "\r\n")), 7, 5, 50),
    odd("blank lines between", text(SOUND.replace("\n", "\n\n")), 7, 5, 50),
    odd("no end of the last line", text(SOUND.rstrip("\n")), 7, 5, 50),
    odd("a byte order mark", text(b"\xef\xbb\xbf" + SOUND.encode()), 7, 5, 50),
    odd("UTF-16 with an odd byte at its end", text(SOUND.encode("utf-16") + b"\n"), 7, 5, 50),
    odd("UTF-16 without a mark", text(SOUND.encode("utf-16-be")), 7, 5, 50),
    odd("gzip in parts", text(gzip.compress(SOUND[:300].encode()) + gzip.compress(SOUND[300:].encode())), 7, 5, 50),
    odd("a name that promises something else", text(SOUND, "data.xlsx"), 7, 5, 50),
    odd("NUL bytes", text(SOUND.replace("3,3,", "3,\x003,", 1)), 7, 5, 50, nul_bytes=1),
    odd(
        "some bytes of another encoding",
        text((HEADER + "é1,é2,5,1000000000\n" * 30).encode() + b"k\xff,k2,5,1000000001\n"),
        2,
        2,
        2,
        bad_bytes=1,
        duplicates=29,
    ),
    odd("ragged rows", text(SOUND + "8,9\n8,9,1,1000000099,more\n"), 8, 6, 51, ragged_rows=2, unparsable_times=1),
    odd("quotes that never close", text(SOUND + '8,"9,1,1000000099\n'), 7, 5, 50),
    odd("two columns of one name", text("user,item,item\na,x,1\nb,y,2\n"), 2, 2, 2, duplicate_headers=1),
    odd(
        "the header once more in the middle", text(SOUND + HEADER + "8,9,1,1000000099\n"), 8, 6, 51, unparsable_times=1
    ),
    odd("a row of totals at the end", text(SOUND + "Total,,150,\n"), 7, 5, 50, no_item=1),
    odd("comments before the header", text("# made by hand\n# twice\n" + SOUND), 7, 5, 50, comment_lines=2),
    odd(
        "thousands of equal rows",
        text(HEADER + "1,2,5,1000000000\n" * 5_000 + "2,3,4,1000000000\n"),
        2,
        2,
        2,
        duplicates=4_999,
    ),
    odd("everyone comes once", text(HEADER + "".join(f"u{n},i{n},3,{10**9 + n}\n" for n in range(400))), 400, 400, 400),
    odd("one user", text(HEADER + "".join(f"1,{n},3,{10**9 + n}\n" for n in range(9))), 1, 9, 9),
    odd("one item", text(HEADER + "".join(f"{n},1,3,{10**9 + n}\n" for n in range(9))), 9, 1, 9),
    odd("users who are items", text("user,item\n" + "".join(f"{n},{n}\n" for n in range(9))), 9, 9, 9, no_time=9),
    odd("ids with zeros in front", text("user,item\n007,01\n7,1\n07,001\n"), 3, 3, 3),
    odd("negative ids", text("user,item\n-1,-5\n1,5\n"), 2, 2, 2),
    odd("ids beyond 64 bits", text("user,item\n99999999999999999999999,9223372036854775808\n1,2\n"), 2, 2, 2),
    odd("ids as spreadsheets write them", text("user,item\n13085.0,7\n13086.0,8\n"), 2, 2, 2, ids_shortened=2),
    odd(
        "dates as ids",
        text("user,item,rating\n" + "".join(f"2024-01-{n % 9 + 1:02d},2023-0{n % 4 + 1}-01,3\n" for n in range(36))),
        9,
        4,
        36,
    ),
    odd("ratings of 1e308", text(HEADER + "1,2,1e308,1000000000\n2,3,4,1000000001\n"), 2, 2, 2, unparsable_ratings=1),
    odd(
        "ratings that are no numbers",
        text(HEADER + "1,2,nan,1000000000\n2,3,inf,1000000001\n3,2,4,1000000002\n"),
        3,
        2,
        3,
        unparsable_ratings=2,
    ),
    odd(
        "ratings with signs of percent",
        text(SOUND.replace(",1000000000\n", "%,1000000000\n")),
        7,
        5,
        50,
        unparsable_ratings=1,
    ),
    odd("all ratings equal", text(HEADER + "".join(f"{n % 7},{n % 5},3,{10**9 + n}\n" for n in range(35))), 7, 5, 35),
    odd("times of the year 9999", text(HEADER + "1,2,5,253402300799\n2,3,4,1000000000\n1,3,4,1000000001\n"), 2, 2, 3),
    odd("times before 1970", text(HEADER + "1,2,5,-86400\n2,3,4,1000000000\n1,3,4,1000000001\n"), 2, 2, 3),
    odd(
        "times of several units",
        text(HEADER + "1,2,5,1000000000\n2,3,4,1000000001000\n1,3,4,1000000002\n"),
        1,
        2,
        2,
        unparsable_times=1,
    ),
    odd(
        "an impossible date",
        text("user,item,date\na,x,2024-02-30\nb,y,2024-02-28\na,y,2024-02-27\n"),
        2,
        1,
        2,
        unparsable_times=1,
    ),
    odd(
        "escape sequences in ids",
        text("user,item\n\x1b[31ma\x1b[0m,x\nb,\x1b]0;y\x07\n" + "b,x\n" * 40),
        2,
        2,
        42,
        ids_neutralised=1,
    ),
    odd("formulas as ids", text("user,item\n=cmd(),+1+1\n@x,-y\n"), 2, 2, 2),
    odd("markup as ids", text("user,item\n[red]a[/red],[/]\n[bold]b,[link=x]y[/link]\n"), 2, 2, 2),
    odd("letters that turn the line around", text("user,item\na\u202eb,x\u200by\nc,d\n"), 2, 2, 2, ids_neutralised=1),
    odd("pictures as ids", text("user,item\n🦊,👩‍👩‍👧\n🐻,🍰\n"), 2, 2, 2),
    odd(
        "a row of a million characters",
        text(HEADER + ROWS + "1,2,5,1000000999" + "9" * 1_000_000 + "\n"),
        7,
        5,
        50,
        unparsable_times=1,
    ),
    odd(
        "a title of a hundred thousand letters",
        files(ratings_csv=SOUND, movies_csv="item,title\n1," + "long " * 20_000 + "\n2,Short\n"),
        7,
        5,
        50,
    ),
    odd(
        "titles that are escapes, markup and formulas",
        files(
            ratings_csv=SOUND, items_csv='item,title\n1,"\x1b[31mRed\x1b[0m"\n2,[bold]Loud\n3,=1+1\n4,&lt;b&gt;Bold\n'
        ),
        7,
        5,
        50,
        items_described=4,
    ),
    odd("a folder that leads back to itself", _loop_of_folders, 7, 5, 50),
    odd(
        "held-out parts beside the training part",
        files(train_csv=SOUND, test_csv=SOUND, valid_csv=SOUND),
        7,
        5,
        50,
        only_training_opened=2,
    ),
    odd(
        "a header of two thousand columns",
        text(
            "user,item,"
            + ",".join(f"f{n}" for n in range(2_000))
            + "\n"
            + "".join(f"u{n},i{n % 3}," + ",".join(["word"] * 2_000) + "\n" for n in range(6))
        ),
        6,
        3,
        6,
    ),
    odd(
        "JSON lines of mixed types",
        text('{"user": 1, "item": "a"}\n{"user": "1", "item": 2}\n{"user": true, "item": null}\n', "x.jsonl"),
        1,
        2,
        2,
        no_item=1,
    ),
    odd(
        "JSON lines of which one is none",
        text('{"user": 1, "item": "a"}\n{"user": 2, "item": "b"}\nfalse\n', "x.jsonl"),
        2,
        2,
        2,
        bad_lines=1,
    ),
    odd(
        "JSON with nested values",
        text('[{"user": {"id": 1}, "user_id": 7, "item": "a", "tags": ["x"]}, {"user_id": 8, "item": "b"}]', "x.json"),
        2,
        2,
        2,
    ),
    odd(
        "Parquet of every type",
        frame(
            pl.DataFrame(
                {
                    "user": pl.Series(["a", "b", "a"], dtype=pl.Categorical),
                    "item": pl.Series([1, 2, 2], dtype=pl.UInt64),
                    "rating": pl.Series([Decimal("4.5"), Decimal("3.0"), None]),
                    "day": [date(2024, 1, n) for n in (1, 2, 3)],
                    "flag": [True, False, None],
                    "blob": [b"\x00\xff"] * 3,
                    "nested": [{"a": 1}] * 3,
                }
            )
        ),
        2,
        2,
        3,
        unparsable_ratings=1,
    ),
    odd(
        "Arrow with zones",
        frame(
            pl.DataFrame(
                {
                    "user": ["a", "b"],
                    "item": ["x", "y"],
                    "time": pl.Series([datetime(2024, 1, 1, tzinfo=UTC)] * 2),
                }
            ),
            "arrow",
        ),
        2,
        2,
        2,
    ),
)

CASES = REFUSED + OPENED


def _cut(path: Path) -> Path:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return path
