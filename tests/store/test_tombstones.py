"""Who is forgotten: marks under a key of their own, private to the account, by the source of the data."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import shutil
import time
from pathlib import Path

import polars as pl
import pytest

from recsys_tui.data.forgotten import Forgotten, mark_of
from recsys_tui.data.id_codes import code_ids
from recsys_tui.output.errors import UserError
from recsys_tui.store.exports import Exports
from recsys_tui.store.forgotten_source import Source, as_it_is, same_or_begun
from recsys_tui.store.in_use import alone, in_use
from recsys_tui.store.key_file import read_key
from recsys_tui.store.tombstones import Tombstones


def test_a_mark_is_an_hmac_under_the_key_and_says_nothing_without_it(tmp_path: Path):
    gone = Tombstones(tmp_path).add(Path("/data/a.csv"), "anna")
    key = (tmp_path / "forget.key").read_bytes()
    assert len(key) == 32
    expected = hmac.new(key, b"anna", hashlib.sha256).hexdigest()
    assert gone.marks == {expected}
    assert "anna" in gone
    assert "bert" not in gone
    stored = json.loads((tmp_path / "forgotten.json").read_text())
    assert stored["sources"] == [{"path": "/data/a.csv", "people": [expected]}]


def test_key_and_marks_are_for_their_owner_alone_and_the_key_stays(tmp_path: Path):
    tombstones = Tombstones(tmp_path)
    tombstones.add(Path("/data/a.csv"), "anna")
    key = (tmp_path / "forget.key").read_bytes()
    both = tombstones.add(Path("/data/a.csv"), "bert")
    assert (tmp_path / "forget.key").read_bytes() == key
    assert len(both) == 2
    assert len(tombstones.add(Path("/data/a.csv"), "bert")) == 2
    exported = tmp_path / "lists.csv"
    exported.write_text("user\n")
    Exports(tmp_path).note([exported])
    for name in ("forget.key", "forgotten.json", "exports.json"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


def test_they_hold_for_a_folder_and_what_is_in_it_and_for_no_other_data(tmp_path: Path):
    tombstones = Tombstones(tmp_path)
    tombstones.add(Path("/data/set/u.data"), "7")
    assert "7" in tombstones.of(Path("/data/set"))
    assert "7" in tombstones.of(Path("/data/set/u.data"))
    assert "7" not in tombstones.of(Path("/data/set/other.csv"))
    assert "7" not in tombstones.of(Path("/data/another"))


def test_without_the_key_or_with_damaged_marks_nobody_comes_back_unnoticed(tmp_path: Path):
    tombstones = Tombstones(tmp_path)
    tombstones.add(Path("/data/a.csv"), "anna")
    key = (tmp_path / "forget.key").read_bytes()
    for content in (None, b"short"):
        (tmp_path / "forget.key").unlink()
        if content is not None:
            (tmp_path / "forget.key").write_bytes(content)
        with pytest.raises(UserError) as told:
            tombstones.of(Path("/data/a.csv"))
        assert (told.value.message_id, told.value.exit_code) == ("forget.no_key", 1)
        (tmp_path / "forget.key").write_bytes(key)
    for damaged in ("", "[]", '{"sources": 1}', '{"sources": [{"path": 1, "people": []}]}'):
        (tmp_path / "forgotten.json").write_text(damaged)
        with pytest.raises(UserError) as told:
            tombstones.of(Path("/data/a.csv"))
        assert told.value.message_id == "forget.damaged"


@pytest.mark.parametrize("values", [["13085.0", "2.0"], [13085.0, 2.0], [13085, 2], ["13085", "2"], ["13085.0", "x"]])
def test_a_whole_number_is_the_same_person_however_a_spreadsheet_writes_it(values: list):
    key = os.urandom(32)
    gone = Forgotten(key, frozenset({mark_of(key, "13085")}))
    assert gone.rows_without(pl.DataFrame({"u": values}), ["u"]).height == 1
    assert "13085.0" in gone


def test_ids_that_are_shown_alike_go_together_and_one_that_was_told_apart_goes_alone():
    key, frame = os.urandom(32), pl.DataFrame({"u": ["a", "a\x00", "b"]})
    for who, left in (("a", ["b"]), (code_ids(frame["u"]).ids[1], ["a", "b"])):
        gone = Forgotten(key, frozenset({mark_of(key, who)}))
        assert gone.rows_without(frame, ["u"])["u"].to_list() == left


def test_nobody_works_with_what_somebody_has_alone(tmp_path: Path):
    with in_use(tmp_path), in_use(tmp_path):
        with pytest.raises(UserError) as told, alone(tmp_path):
            pass
        assert told.value.message_id == "forget.in_use"
    with alone(tmp_path):
        with pytest.raises(UserError) as told, in_use(tmp_path, wait=0.0):
            pass
        assert told.value.message_id == "forget.under_way"
    with alone(tmp_path):
        pass


def test_marks_and_a_key_that_would_take_all_memory_are_damaged(tmp_path: Path):
    Tombstones(tmp_path).add(Path("/data/a.csv"), "anna")
    for name in ("forgotten.json", "forget.key"):
        os.truncate(tmp_path / name, 20_000_000_000)
    with pytest.raises(UserError, match="damaged"):
        Tombstones(tmp_path).of(Path("/data/a.csv"))
    assert read_key(tmp_path / "forget.key") is None


def test_marks_that_a_pipe_stands_in_for_are_damaged_and_nobody_waits(tmp_path: Path):
    os.mkfifo(tmp_path / "forgotten.json")
    with pytest.raises(UserError, match="damaged"):
        Tombstones(tmp_path).of(Path("/data/a.csv"))
    os.mkfifo(tmp_path / "forget.key")
    assert read_key(tmp_path / "forget.key") is None


@pytest.mark.parametrize("target", ["forgotten.json", "gone/away.json"])
def test_marks_whose_link_leads_nowhere_are_damaged_and_stay(tmp_path: Path, target: str):
    tombstones = Tombstones(tmp_path)
    tombstones.add(Path("/data/a.csv"), "anna")
    tombstones.path.unlink()
    tombstones.path.symlink_to(target)
    with pytest.raises(UserError):
        tombstones.of(Path("/data/a.csv"))
    with pytest.raises(UserError):
        tombstones.add(Path("/data/a.csv"), "bert")
    assert tombstones.path.is_symlink()


def test_the_same_file_under_another_name_is_the_same_data(tmp_path: Path):
    source, other = tmp_path / "a.csv", tmp_path / "b" / "other.csv"
    other.parent.mkdir()
    for path, text in ((source, "user,item\nanna,x\n"), (other, "user,item\nbert,x\n")):
        path.write_text(text)
    home = tmp_path / "home"
    home.mkdir()
    Tombstones(home).add(source, "anna")
    assert "anna" not in Tombstones(home).of(other)  # as long, and holds something else
    moved = source.rename(tmp_path / "b" / "moved.csv")
    assert "anna" in Tombstones(home).of(moved)
    Tombstones(home).add(moved, "bert")
    os.link(moved, tmp_path / "b" / "linked.csv")
    assert len(Tombstones(home).of(tmp_path / "b" / "linked.csv")) == 2
    moved.write_text("user,item\nanna,y\n")
    assert len(Tombstones(home).of(moved)) == 2  # by its path: both were forgotten of it, anna by what it held then


def test_data_that_was_read_stays_known_where_it_grows_or_is_moved(tmp_path: Path):
    source = tmp_path / "a.csv"
    home = tmp_path / "home"
    home.mkdir()
    marks = Tombstones(home)
    marks.follow(source)
    assert not list(home.iterdir())  # nobody is forgotten
    source.write_text("user,item\nanna,x\n")
    marks.add(source, "anna")
    first = shutil.copy(source, tmp_path / "first.csv")
    for number in range(3):  # under another name it is read, grows, and is read again
        moved = source.rename(tmp_path / f"{number}.csv")
        marks.follow(moved)
        with moved.open("a") as stream:
            stream.write(f"anna,y{number}\n")
        assert "anna" in marks.of(moved)
        marks.follow(moved)
        source = moved
    assert "anna" in marks.of(Path(first))
    assert "anna" in marks.of(source.rename(tmp_path / "last.csv"))


@pytest.mark.parametrize("rows", [1, 20_000])
def test_data_that_was_moved_and_grew_before_it_was_read_again_is_known_by_how_it_begins(tmp_path: Path, rows: int):
    source, home = tmp_path / "a.csv", tmp_path / "home"
    home.mkdir()
    source.write_text("user,item\n" + "anna,x\n" * rows + "bert,y\n")
    Tombstones(home).add(source, "anna")
    moved = source.rename(tmp_path / "b.csv")
    with moved.open("a") as stream:
        stream.write("carl,x\n")
    assert "anna" in Tombstones(home).of(moved)
    text = moved.read_text()
    for other in (text.replace("anna,x", "anna,z", 1), text.replace("bert,y", "bert,z"), text[: len(text) // 2]):
        moved.write_text(other)
        assert "anna" not in Tombstones(home).of(moved)


def test_a_copy_of_what_somebody_was_forgotten_of_stays_known_when_others_are_forgotten_of_it_later(tmp_path: Path):
    source, home = tmp_path / "a.csv", tmp_path / "home"
    home.mkdir()
    source.write_text("user,item\nanna,x\nbert,y\n")
    copy = Path(shutil.copy(source, tmp_path / "copy.csv"))
    marks = Tombstones(home)
    marks.add(source, "anna")
    for grown in range(3):
        with source.open("a") as stream:
            stream.write(f"carl,{grown}\n")
        marks.follow(source)
        marks.add(source, f"person {grown}")
    assert "anna" in Tombstones(home).of(copy)
    source.unlink()
    marks.add(source, "dora")
    assert "anna" in Tombstones(home).of(copy)


@pytest.mark.parametrize("emptied", ["user,item\n", "\ufeffuser;item\r\n\r\n", "user,item", ""])
def test_data_that_was_emptied_to_its_header_is_no_other_data_with_the_same_one(tmp_path: Path, emptied: str) -> None:
    """As by who keeps a log of each day: the same id is somebody else there, and would be forgotten, likes and all."""
    home, source, other, bare = (tmp_path / name for name in ("home", "a.csv", "b.csv", "c.csv"))
    home.mkdir()
    source.write_text(emptied)
    other.write_text(emptied + ("" if emptied.endswith("\n") else "\n") + "anna,x\nbert,y\n")
    bare.write_text(emptied)
    marks = Tombstones(home)
    marks.add(source, "anna")
    assert "anna" in marks.of(source)
    assert "anna" not in marks.of(other)
    assert "anna" not in marks.of(bare)
    for one, another in ((source, other), (other, source), (bare, source)):
        assert not same_or_begun([Source(one, held=as_it_is(one))], another)


@pytest.mark.parametrize("row", ["7,12,5\n", '{"user": "anna", "item": "x"}\n', "anna\t3\n"])
def test_a_copy_of_one_row_that_has_grown_is_known(tmp_path: Path, row: str) -> None:
    home, source, other = (tmp_path / name for name in ("home", "a.csv", "b.csv"))
    home.mkdir()
    source.write_text(row)
    Tombstones(home).add(source, "anna")
    other.write_text(row * 3)
    assert "anna" in Tombstones(home).of(other)


def test_folders_of_many_parts_are_told_apart_in_bounded_time(tmp_path: Path):
    home, source, other = (tmp_path / name for name in ("home", "source", "other"))
    for folder, who in ((home, ""), (source, "anna"), (other, "bert")):
        folder.mkdir()
        for number in range(1_500 if who else 0):
            (folder / f"part-{number}.csv").write_text("user,item\n" + f"{who},{number}\n" * (1 + number % 90))
    Tombstones(home).add(source, "anna")
    start = time.process_time()
    assert "anna" not in Tombstones(home).of(other)
    assert time.process_time() - start < 3
    with (other / "part-7.csv").open("w") as stream:
        stream.write((source / "part-5.csv").read_text() + "bert,7\n")
    assert "anna" in Tombstones(home).of(other)


def test_a_folder_that_was_copied_or_whose_file_lies_elsewhere_is_the_same_data(tmp_path: Path):
    source, home = tmp_path / "ratings", tmp_path / "home"
    source.mkdir()
    home.mkdir()
    (source / "ratings.csv").write_text("user,item,rating\nanna,x,5\nbert,y,4\n")
    (source / "items.csv").write_text("item,title\nx,Alien\ny,Heat\n")
    Tombstones(home).add(source, "anna")
    copied = tmp_path / "copied"
    shutil.copytree(source, copied)
    assert "anna" in Tombstones(home).of(copied)
    alone = tmp_path / "alone" / "other_name.csv"
    alone.parent.mkdir()
    shutil.copy(source / "ratings.csv", alone)
    assert "anna" in Tombstones(home).of(alone)
    assert "anna" in Tombstones(home).of(alone.parent)
    items = tmp_path / "items" / "items.csv"
    items.parent.mkdir()
    shutil.copy(source / "items.csv", items)
    (items.parent / "ratings.csv").write_text("user,item,rating\nanna,x,5\nbert,y,3\n")
    assert "anna" not in Tombstones(home).of(items.parent)  # other data of the same items


def test_marks_that_were_written_before_folders_were_known_hold(tmp_path: Path):
    source = tmp_path / "a.csv"
    source.write_text("user,item\nanna,x\n")
    Tombstones(tmp_path).add(source, "anna")
    stored = json.loads((tmp_path / "forgotten.json").read_text())
    entry = stored["sources"][0]
    (held,) = entry.pop("held")
    (tmp_path / "forgotten.json").write_text(json.dumps(stored | {"sources": [entry | held]}))
    assert "anna" in Tombstones(tmp_path).of(source.rename(tmp_path / "b.csv"))


@pytest.mark.parametrize("within", [5, None, [[1], {}], ["x", None]])
def test_what_is_no_list_of_marks_of_a_folder_means_nobody_in_it(tmp_path: Path, within: object):
    Tombstones(tmp_path).add(Path("/data/set"), "anna")
    stored = json.loads((tmp_path / "forgotten.json").read_text())
    stored["sources"][0]["within"] = within
    (tmp_path / "forgotten.json").write_text(json.dumps(stored))
    assert "anna" in Tombstones(tmp_path).of(Path("/data/set"))
    assert "anna" not in Tombstones(tmp_path).of(Path("/data/set/u.data"))
