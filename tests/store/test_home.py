"""The home folder: where it is, what was used last, which workspaces there are."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from recsys_tui.data.dataset import Mapping
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.store.atomic_files import PARTIAL_SUFFIX, write_json
from recsys_tui.store.feedback_log import FeedbackLog
from recsys_tui.store.home import UNUSED_AFTER, Home
from recsys_tui.store.identity import IDENTITY, Identity


def test_a_path_that_leads_nowhere_is_told(tmp_path: Path):
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    for path in (tmp_path / "a", tmp_path / "a" / "below", tmp_path / ("x" * 300)):
        with pytest.raises(UserError) as caught:
            Home.resolve(path)
        assert (caught.value.message_id, caught.value.exit_code) == ("store.no_usable_home", ExitCode.USAGE)
    assert Home.resolve(tmp_path / "to be made" / "later").root == tmp_path / "to be made" / "later"


def test_option_then_environment_then_platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path / "by-environment"))
    assert Home.resolve(tmp_path / "by-option").root == tmp_path / "by-option"
    assert Home.resolve().root == tmp_path / "by-environment"
    monkeypatch.delenv("RECSYS_HOME")
    assert Home.resolve().root.name == "recsys-tui"
    assert not (tmp_path / "by-option").exists(), "nothing is made before there is something to write"


def test_what_was_used_last_and_how(home: Home, tmp_path: Path):
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    assert home.last_data() is None
    home.remember(Identity(first, Mapping(user="who")))
    home.remember(Identity(second, Mapping()))
    assert home.last_data() == Identity(second, Mapping())
    assert home.last_mapping(first) == Mapping(user="who")
    home.remember(Identity(first, Mapping()))
    assert home.last_mapping(first) == Mapping()
    assert [identity.path for identity in home.recent()] == [first, second]


def test_a_spoilt_list_of_recent_data_is_no_error(home: Home):
    home.root.mkdir()
    for content in ("{", "[]", '{"data": 5}', '{"data": [5, {"path": 1}, {}]}'):
        (home.root / "recent.json").write_text(content)
        assert home.recent() == []


@pytest.mark.parametrize(
    "entry",
    [
        {"path": "\ud800", "mapping": {}},
        {"path": "a\0b", "mapping": {}},
        {"path": "/x.csv", "mapping": {"items": "\ud800"}},
        {"path": "/x.csv", "mapping": {"items": "a\0b"}},
        {"path": "/x.csv", "mapping": {"core": "x"}},
        {"path": "/x.csv", "mapping": {"core": float("nan")}},
        {"path": "/x.csv", "mapping": {"core": 10**40}},
    ],
)
def test_recent_data_that_no_path_and_no_option_can_be_is_passed_over(home: Home, entry: dict[str, object]):
    home.root.mkdir()
    odd = Identity(Path(os.fsdecode(b"/\xff.csv")), Mapping(core=3))  # the name of a file need not be UTF-8
    (home.root / "recent.json").write_text(json.dumps({"data": [entry, odd.to_json()]}))
    assert home.recent() == [odd]


def test_identity_is_path_and_mapping(tmp_path: Path):
    plain = Identity(tmp_path / "My Data.csv", Mapping())
    assert plain.key.startswith("my-data-")
    assert plain.key == Identity(tmp_path / "My Data.csv", Mapping()).key
    assert plain.key != Identity(tmp_path / "other" / "My Data.csv", Mapping()).key
    assert plain.key != Identity(tmp_path / "My Data.csv", Mapping(user="x")).key
    assert Identity.from_json(plain.to_json()) == plain
    full = Mapping("u", "i", "r", "t", "e", weights=("buy=5",), core=3, items=tmp_path / "items.csv", siblings=False)
    assert Mapping.from_json(full.to_json()) == full


@pytest.mark.parametrize("key", ["", ".", "..", "../..", "a/b", "nothing"])
def test_only_workspaces_are_removed(home: Home, key: str):
    (home.root / "workspaces" / "kept").mkdir(parents=True)
    with pytest.raises(UserError) as caught:
        home.remove(key)
    assert caught.value.exit_code == 3
    assert (home.root / "workspaces" / "kept").is_dir()


def test_a_workspace_that_was_moved_with_a_link_left_in_its_place_is_removed_where_it_lies(home: Home, tmp_path: Path):
    folder, elsewhere = home.workspace_folder("w"), tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "users.parquet").touch()
    folder.parent.mkdir(parents=True)
    folder.symlink_to(elsewhere)

    home.remove("w")

    assert not elsewhere.exists()
    assert not list(folder.parent.iterdir())


def test_logs_that_were_moved_alone_go_with_their_workspace_unless_something_else_lies_there(
    home: Home, tmp_path: Path
):
    folder, elsewhere = home.workspace_folder("w"), tmp_path / "elsewhere"
    folder.mkdir(parents=True)
    elsewhere.mkdir()
    FeedbackLog(folder).add([("u1", "i1", "like")])
    (folder / "feedback.sqlite3").rename(elsewhere / "feedback.sqlite3")
    with closing(sqlite3.connect(elsewhere / "ab.sqlite3")) as other:
        other.execute("CREATE TABLE mine (value)")
        other.execute("PRAGMA user_version = 1")
    for name in ("feedback.sqlite3", "ab.sqlite3"):
        (folder / name).symlink_to(elsewhere / name)

    home.remove("w", with_feedback=True)

    assert [path.name for path in elsewhere.iterdir()] == ["ab.sqlite3"]


def test_a_log_that_lies_where_a_link_of_another_workspace_leads_stays(home: Home, tmp_path: Path):
    log = tmp_path / "feedback.sqlite3"
    for key in ("one", "other"):
        folder = home.workspace_folder(key)
        folder.mkdir(parents=True)
        if not log.exists():
            FeedbackLog(folder).add([("u1", "i1", "like")])
            (folder / log.name).rename(log)
        (folder / log.name).symlink_to(log)
    home.remove("one", with_feedback=True)
    assert FeedbackLog(home.workspace_folder("other")).of("u1").liked == ("i1",)
    home.remove("other", with_feedback=True)
    assert not log.exists()


def test_what_was_piped_in_goes_a_day_later_where_no_workspace_was_made_of_it(home: Home):
    kept, left, new = (home.keep_piped(content) for content in (b"kept", b"left", b"new"))
    (left.parent / f".input.1{PARTIAL_SUFFIX}").touch()
    write_json(home.workspace_folder("w") / IDENTITY, Identity(kept, Mapping()).to_json())
    long_ago = time.time() - UNUSED_AFTER - 1
    for path in (kept, left):
        for each in (*path.parent.iterdir(), path.parent):
            os.utime(each, (long_ago, long_ago))
    assert home.finish_removals() == 1
    assert [path.is_file() for path in (kept, left, new)] == [True, False, True]

    # The same comes again: what is there is in use from now on, and what a workspace is of keeps its time.
    os.utime(new.parent, (long_ago, long_ago))
    os.utime(new, (long_ago, long_ago))
    assert [home.keep_piped(content) for content in (b"new", b"kept")] == [new, kept]
    assert home.finish_removals() == 0
    assert kept.stat().st_mtime == pytest.approx(long_ago)

    # Where nobody can tell what a workspace is of, everything stays.
    (home.workspace_folder("w") / IDENTITY).write_text("{")
    os.utime(new, (long_ago, long_ago))
    assert home.finish_removals() == 0


@pytest.mark.parametrize("linked", [False, True])
def test_what_else_lies_where_input_is_kept_stays(home: Home, tmp_path: Path, linked: bool):
    """Where a link leads there, all of it, as another home may lead there too."""
    disk = tmp_path / "disk" if linked else home.root / "piped"
    for path in (
        disk / "photos" / "1.jpg",
        disk / "0123456789abcdef" / "input",
        disk / "0123456789abcdef.old" / "input",
    ):
        path.parent.mkdir(parents=True)
        path.write_text("mine")
    if linked:
        home.root.mkdir()
        (home.root / "piped").symlink_to(disk)
    begun = disk / ("0" * 16) / f".input.1{PARTIAL_SUFFIX}"
    left, beside = home.keep_piped(b"left"), home.keep_piped(b"beside")
    begun.parent.mkdir()
    for path in (begun, beside.with_name("notes.txt")):
        path.touch()
    before, long_ago = set(disk.iterdir()), time.time() - UNUSED_AFTER - 1
    for path in disk.rglob("*"):
        os.utime(path, (long_ago, long_ago))
    assert home.finish_removals() == (0 if linked else 2)
    assert before - set(disk.iterdir()) == (set() if linked else {left.parent, begun.parent})
    home.remember(Identity(beside, Mapping()))
    beside.with_name("notes.txt").unlink()
    assert home.finish_removals() == 0  # it was used of late, whatever workspaces there are just now


@pytest.mark.parametrize("moved", ["workspaces", "workspaces/w"])
def test_what_was_piped_in_stays_while_a_disk_is_away_that_workspaces_were_moved_to(
    home: Home, tmp_path: Path, moved: str
):
    kept = home.keep_piped(b"kept")
    write_json(home.workspace_folder("w") / IDENTITY, Identity(kept, Mapping()).to_json())
    long_ago = time.time() - UNUSED_AFTER - 1
    for path in (kept, kept.parent):
        os.utime(path, (long_ago, long_ago))
    (home.root / moved).rename(tmp_path / "away")
    (home.root / moved).symlink_to(tmp_path / "disk")
    assert home.finish_removals() == 0
    assert kept.is_file()


def test_a_link_to_itself_where_what_is_piped_in_is_kept_is_told_where_it_is_written_only(home: Home):
    home.root.mkdir(parents=True, exist_ok=True)
    (home.root / "piped").symlink_to("piped")
    assert home.workspaces() == []
    with pytest.raises(UserError) as caught:
        home.keep_piped(b"user,item\n")
    assert caught.value.exit_code == 1
