"""What looks for a person afterwards: it finds an id that was planted in any form, so that it cannot pass in vain."""

from __future__ import annotations

import errno
import gzip
import json
import os
import sqlite3
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from recsys_tui.data.memory import READING, SETTING
from recsys_tui.data.text_list import TextList
from recsys_tui.models.contract import with_prefix
from recsys_tui.output.errors import UserError
from recsys_tui.store import field_scan
from recsys_tui.store.array_file import write_arrays
from recsys_tui.store.field_scan import Scan, Sought, scan_folder

WHO = "person-017"


def database(path: Path, column: str, value: str) -> None:
    with closing(sqlite3.connect(path)) as log, log:
        log.execute(f'CREATE TABLE said ("{column}" TEXT, verdict TEXT)')
        log.execute("INSERT INTO said VALUES (?, 'like')", (value,))


def texts(name: str, *values: str) -> dict[str, np.ndarray]:
    return with_prefix(name, TextList.of(list(values)).to_arrays())


def added(root: Path, name: str, content: bytes) -> None:
    folder = root / "workspaces" / "w" / "added"
    folder.mkdir(parents=True)
    (folder / name).write_bytes(content)


PLANTED: dict[str, Callable[[Path, str], object]] = {
    "a column": lambda root, who: pl.DataFrame({"id": ["a", who]}).write_parquet(root / "users.parquet"),
    "a list in a column": lambda root, who: pl.DataFrame({"tags": [["x"], ["y", who]]}).write_parquet(
        root / "t.parquet"
    ),
    "a category": lambda root, who: pl.DataFrame({"c": [who]}, schema={"c": pl.Categorical}).write_parquet(
        root / "c.pq"
    ),
    "an Arrow file": lambda root, who: pl.DataFrame({"user": [who]}).write_ipc(root / "lists.arrow"),
    "a list of texts": lambda root, who: write_arrays(root / "m.safetensors", texts("people.ids", "a", who, "b")),
    "the last of several": lambda root, who: write_arrays(root / "m.safetensors", texts("items.x", f"a\x1f{who}")),
    "a value of JSON": lambda root, who: (root / "a.json").write_text(json.dumps({"places": [{"user": who}]})),
    "a key of JSON": lambda root, who: (root / "a.json").write_text(json.dumps({"signature": {who: 0.5}})),
    "lines of JSON": lambda root, who: (root / "a.jsonl").write_text(f'{{"a": 1}}\n{{"user": "{who}"}}\n'),
    "a database": lambda root, who: database(root / "log.sqlite3", "user", who),
    "a log": lambda root, who: (root / "errors.log").write_text(f"Traceback\nKeyError: '{who}'\n"),
    "a table that came": lambda root, who: added(root, "00001-ab.csv", f"user,item\na,b\n{who},c\n".encode()),
    "a packed table": lambda root, who: added(root, "1-ab.csv.gz", gzip.compress(f"user,item\n{who},c\n".encode())),
    "a damaged file": lambda root, who: (root / "m.safetensors").write_bytes(b"\xff" * 20 + f"\n{who}\n".encode()),
    "the name of a file": lambda root, who: (root / f"{who}.json").write_text("{}"),
    "the name of a folder": lambda root, who: (root / who).mkdir(),
}


def scan(root: Path, sought: Sought) -> Scan:
    return scan_folder(root, sought, lambda _path: False)


@pytest.mark.parametrize("form", PLANTED)
def test_what_is_planted_is_found_and_only_that(tmp_path: Path, form: str):
    there, elsewhere = tmp_path / "there", tmp_path / "elsewhere"
    for root, who in ((there, WHO), (elsewhere, WHO + "5")):
        root.mkdir()
        PLANTED[form](root, who)
    assert len(scan(there, Sought((WHO,))).found) == 1
    assert scan(elsewhere, Sought((WHO,))).found == []  # a longer id is somebody else


def test_a_long_line_is_looked_through_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Wherever a part ends, what stands there is found once, and what only looks so is not."""
    monkeypatch.setattr(field_scan, "PIECE", 64)
    for place in range(1, 200):
        for who, found in ((WHO, ["2"]), (f"{WHO}5", []), (f"x{WHO}", []), (f"{WHO}.x", []), (f"{WHO}. x", ["2"])):
            line = b" " * place + who.encode() + b" " * (200 - place)
            (tmp_path / "some.log").write_bytes(b"first\n" + line + b"\nlast")
            looked = scan(tmp_path, Sought((WHO,)))
            assert [entry.place for entry in looked.found] == found, (place, who)
            assert looked.fields == 1 + 3


def test_a_file_that_would_take_all_memory_is_looked_through_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "some.json").write_text(f'{{"note": 1}}\n{WHO}')
    os.truncate(tmp_path / "some.json", 300_000_000)
    monkeypatch.setenv(SETTING, str(READING + 1_000_000))
    tracemalloc.start()
    assert [entry.place for entry in scan(tmp_path, Sought((WHO,))).found] == ["2"]
    assert tracemalloc.get_traced_memory()[1] < 100_000_000
    tracemalloc.stop()


def test_what_is_looked_at_is_counted(tmp_path: Path):
    pl.DataFrame({"id": ["a", "b"], "count": [1, 2]}).write_parquet(tmp_path / "users.parquet")
    (tmp_path / "a.json").write_text('{"x": [1, "y"]}')
    found = scan(tmp_path, Sought((WHO,)))
    assert (found.files, found.tables) == (2, 2)
    assert found.fields == 2 + 2 * 2 + (1 + 2)  # names of files; cells; a key and two values


def test_what_links_to_folders_lead_to_is_looked_through_once(tmp_path: Path):
    home, disk, source = tmp_path / "home", tmp_path / "disk", tmp_path / "source"
    for folder in (home, disk, source / "parts"):
        folder.mkdir(parents=True)
        (folder / "notes.json").write_text(json.dumps({"user": WHO}))
    (home / "workspaces").symlink_to(disk)
    (home / "once more").symlink_to(disk)
    (disk / "back").symlink_to(home)
    (home / "data").symlink_to(source / "parts")
    (home / "nowhere").symlink_to(tmp_path / "nowhere")

    scan = scan_folder(home, Sought((WHO,)), lambda path: path == source)

    assert sorted((one.path.parent.resolve(), one.path.name) for one in scan.found) == [
        (disk, "notes.json"),
        (home, "notes.json"),
    ]


def test_what_links_to_files_lead_to_is_looked_at_unless_it_is_passed_over(tmp_path: Path):
    home, disk, source = tmp_path / "home", tmp_path / "disk", tmp_path / "source"
    for folder in (home, disk, source):
        folder.mkdir()
        (folder / "users.json").write_text(json.dumps({"user": WHO}))
    (home / "users.json").unlink()
    (home / "moved.json").symlink_to(disk / "users.json")
    (home / "once more.json").symlink_to(disk / "users.json")
    (home / "data.json").symlink_to(source / "users.json")
    (home / "nowhere.json").symlink_to(tmp_path / "nowhere")

    scan = scan_folder(home, Sought((WHO,)), lambda path: path == source)

    assert [one.path.name for one in scan.found] == ["moved.json"]
    assert scan.files == 1


def test_a_folder_that_nobody_may_look_into_is_not_passed_over_in_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "inner" / "shut").mkdir(parents=True)
    scandir = os.scandir

    def refused(folder: Path) -> Any:
        if Path(folder).name == "shut":
            raise PermissionError(13, os.strerror(13), str(folder))
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refused)
    with pytest.raises(UserError) as said:
        scan_folder(tmp_path, Sought((WHO,)), lambda _path: False)
    assert (said.value.message_id, said.value.exit_code) == ("store.read_failed", 1)
    assert str(said.value.fields["path"]) == str(tmp_path / "inner" / "shut")
    assert not scan_folder(tmp_path, Sought((WHO,)), lambda path: path.name == "shut").found


def test_a_file_that_the_system_does_not_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refused(path: Path, *_more: Any) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))

    (tmp_path / "on a broken disk").touch()
    monkeypatch.setattr(field_scan, "scan_file", refused)
    with pytest.raises(UserError) as said:
        scan_folder(tmp_path, Sought((WHO,)), lambda _path: False)
    assert (said.value.message_id, said.value.exit_code) == ("store.read_failed", 1)


def test_a_number_counts_only_where_people_are(tmp_path: Path):
    pl.DataFrame({"id": ["41"], "age": ["42"]}).write_parquet(tmp_path / "users.parquet")
    pl.DataFrame({"id": ["42"], "year": [42]}).write_parquet(tmp_path / "items.parquet")
    (tmp_path / "a.json").write_text('{"count": 42, "item": "42"}')
    (tmp_path / "errors.log").write_text('File "x.py", line 42\n')
    sought = Sought(("42", "42.0"), only_people=True)
    found = scan(tmp_path, sought)
    assert (found.found, found.elsewhere) == ([], 3)
    pl.DataFrame({"user_id": [41, 42]}).write_parquet(tmp_path / "events.parquet")
    (tmp_path / "b.json").write_text('{"user": 42}')
    database(tmp_path / "log.sqlite3", "user", "42")
    (tmp_path / "errors.log").write_text("KeyError: '42'\n")
    assert len(scan(tmp_path, sought).found) == 4
    graph = Sought(("42",), only_people=True, people_are_items=True)
    assert {place.path.name for place in scan(tmp_path, graph).found} >= {"items.parquet", "a.json"}


def test_the_place_of_a_person_in_a_stored_table_is_no_id(tmp_path: Path):
    version, codes = tmp_path / "workspaces" / "w" / "data" / "abc-1", pl.Series([41, 42], dtype=pl.UInt32)
    version.mkdir(parents=True)
    for name in ("links", "interactions"):
        pl.DataFrame({"user": codes, "friend": codes}).write_parquet(version / f"{name}.parquet")
    sought = Sought(("42", "42.0"), only_people=True)
    assert scan(tmp_path, sought).found == []
    pl.DataFrame({"user": ["41", "42"]}).write_parquet(version / "links.parquet")
    pl.DataFrame({"user": codes}).write_parquet(tmp_path / "links.parquet")
    assert len(scan(tmp_path, sought).found) == 2
