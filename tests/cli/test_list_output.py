"""Where lists for many people go: files of two kinds, standard output; never over anything that was read."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from recsys_tui.cli import list_files
from recsys_tui.cli.entry import main
from recsys_tui.evaluate import comparison, protocols
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.recommend.session import Session
from recsys_tui.store import exports
from recsys_tui.store.exports import Exports
from recsys_tui.store.home import Home
from recsys_tui.store.pseudonym_key import pseudonyms_for
from recsys_tui.store.tombstones import Tombstones
from recsys_tui.tui.taking.saving import save
from recsys_tui.tui.taking.table import TakenTable

LISTS = pl.DataFrame({"user": ["=u", "v"], "item": ["a,b", "c"], "rank": [1, 1], "score": [0.5, -0.25]})


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".CSV"])
def test_a_file_comes_back_as_it_was_written_and_is_its_owners(trained: Session, tmp_path: Path, suffix: str):
    target = tmp_path / f"lists{suffix}"
    list_files.write_lists(LISTS, target, trained)
    read = pl.read_parquet(target) if suffix == ".parquet" else pl.read_csv(target)
    assert read.equals(LISTS)
    assert target.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(trained: Session, tmp_path: Path, monkeypatch):
    target = tmp_path / "lists.csv"
    target.write_text("old")

    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(list_files, "csv_table", full)
    with pytest.raises(UserError) as said:
        list_files.write_lists(LISTS, target, trained)
    assert (said.value.message_id, said.value.exit_code) == ("store.disk_full", 1)
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["lists.csv"]


def test_a_file_is_noted_before_it_is_there_and_said_not_to_be_where_that_fails(
    trained_copy: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    target = tmp_path / "lists.csv"
    noted = Exports(trained_copy.workspace.folder)
    replace = Path.replace

    def replacing(path: Path, place: Path) -> Path:
        if place == target:
            assert target in [entry.path for entry in noted.read()]
            assert not target.exists()
        return replace(path, place)

    monkeypatch.setattr(Path, "replace", replacing)
    list_files.write_lists(LISTS, target, trained_copy)
    assert [entry.is_as_written() for entry in noted.read() if entry.path == target] == [True]
    assert capsys.readouterr().err == ""

    def full(path: Path, _document: object) -> None:
        raise UserError("store.disk_full", ExitCode.FAILED, path=path)

    monkeypatch.setattr(exports, "write_json", full)
    list_files.write_lists(LISTS, tmp_path / "more.csv", trained_copy)
    assert (tmp_path / "more.csv").exists()
    assert "more.csv was written: recsys forget will not take anybody out of it" in capsys.readouterr().err


def test_who_was_forgotten_while_a_list_was_made_is_not_written(trained_copy: Session, tmp_path: Path):
    """Neither under their id nor under a tag, which says nothing of who it is."""
    target = tmp_path / "lists.csv"
    target.write_text("old")
    list_files.check_target(target, trained_copy)
    Tombstones(trained_copy.home.root).add(trained_copy.identity.path, "42")
    with pytest.raises(UserError) as said:
        list_files.write_lists(LISTS, target, trained_copy)
    assert (said.value.message_id, said.value.exit_code) == ("forget.forgotten_meanwhile", 1)
    assert target.read_text() == "old"
    again = Session.open(trained_copy.identity.path, home=trained_copy.home)
    list_files.write_lists(LISTS, target, again)
    assert target.read_text() != "old"


@pytest.mark.parametrize("moment", ["split", "compare"])
def test_a_comparison_writes_no_lists_of_who_was_forgotten_meanwhile(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], moment: str
):
    source, lists = tmp_path / "seen.csv", tmp_path / "lists"
    rows = [f"p{person},f{(person * 7 + step) % 12},{step}" for person in range(30) for step in range(5)]
    source.write_text("\n".join(["user,item,time", *rows]))
    module = {"split": protocols, "compare": comparison}[moment]
    work = getattr(module, moment)

    def beside_a_forgetting(*given: object) -> object:
        Tombstones(home.root).add(source, "p7")
        return work(*given)

    monkeypatch.setattr(module, moment, beside_a_forgetting)
    words = ["evaluate", str(source), "--protocol", "last", "--models", "popular", "--lists", str(lists)]
    assert main(words) == ExitCode.FAILED
    assert capsys.readouterr().err.splitlines()[-1] == say("forget.forgotten_meanwhile")
    assert not lists.exists()
    assert main(words) == ExitCode.DONE
    assert "p7" not in (lists / "train.csv").read_text()


def test_a_workbench_writes_nothing_of_who_was_forgotten_since(trained_copy: Session, tmp_path: Path):
    Tombstones(trained_copy.home.root).add(trained_copy.identity.path, "42")
    with pytest.raises(UserError) as said:
        save(b"their list", tmp_path / "42.csv", trained_copy, ("42",))
    assert (said.value.message_id, said.value.exit_code) == ("forget.is_forgotten", 3)
    assert not (tmp_path / "42.csv").exists()
    assert save(b"a list", tmp_path / "43.csv", trained_copy, ("43",))
    members = TakenTable(("user", "items"), (("43", 42), ("42", 7)), ())
    with pytest.raises(UserError, match="forgotten"):
        save(members.as_bytes("csv"), tmp_path / "members.csv", trained_copy, named=members.people())
    assert not (tmp_path / "members.csv").exists()
    assert members.people() == ("43", "42")
    others = TakenTable(("user", "item"), (("43", "42"),), ())
    assert save(others.as_bytes("csv"), tmp_path / "others.csv", trained_copy, named=others.people())
    assert others.people(items_too=True) == ("43", "42")


def test_nor_of_who_is_forgotten_between_the_first_look_and_the_note(
    trained_copy: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A forgetting that begins after the note finds it; one that was over before cannot."""
    note = Exports.note

    def after_a_forgetting(self: Exports, *given: Any, **more: Any) -> bool:
        Tombstones(trained_copy.home.root).add(trained_copy.identity.path, "42")
        return note(self, *given, **more)

    monkeypatch.setattr(Exports, "note", after_a_forgetting)
    with pytest.raises(UserError) as said:
        save(b"their list", tmp_path / "42.csv", trained_copy, ("42",))
    assert (said.value.message_id, said.value.exit_code) == ("forget.is_forgotten", 3)
    assert not [path for path in tmp_path.iterdir() if "42" in path.name]


def test_nor_do_the_lists_of_a_comparison_name_who_is_forgotten_while_they_are_written(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    source, lists = tmp_path / "seen.csv", tmp_path / "lists"
    rows = [f"p{person},f{(person * 7 + step) % 12},{step}" for person in range(30) for step in range(5)]
    source.write_text("\n".join(["user,item,time", *rows]))
    write = Exports.write

    def before_a_forgetting(self: Exports, *given: Any, **more: Any) -> bool:
        noted = write(self, *given, **more)
        Tombstones(home.root).add(source, "p7")
        return noted

    monkeypatch.setattr(Exports, "write", before_a_forgetting)
    words = ["evaluate", str(source), "--protocol", "last", "--models", "popular", "--lists", str(lists)]
    assert main(words) == ExitCode.FAILED
    assert capsys.readouterr().err.splitlines()[-1] == say("forget.forgotten_meanwhile")
    assert [path.name for path in lists.iterdir()] == ["train.csv"]  # noted, so that the forgetting finds it


def test_nor_under_pseudonyms(trained_copy: Session, tmp_path: Path):
    trained_copy.pseudonyms = pseudonyms_for(trained_copy.home.root, trained_copy.identity.path)
    tag = trained_copy.pseudonyms.of("42")
    assert trained_copy.names.stored(tag) == "42"
    Tombstones(trained_copy.home.root).add(trained_copy.identity.path, "42")
    for about, named in (((tag,), ()), ((), (tag,))):
        with pytest.raises(UserError, match="forgotten"):
            save(b"their list", tmp_path / "42.csv", trained_copy, about, named)
    assert not (tmp_path / "42.csv").exists()


def test_a_note_that_another_process_took_for_gone_is_made_again(trained_copy: Session, tmp_path: Path):
    noted, target = Exports(trained_copy.workspace.folder), tmp_path / "lists.csv"
    whole = tmp_path / "whole"
    whole.write_text("user\nv\n")
    assert noted.note((target,), content=whole)
    assert target in [entry.path for entry in noted.read()]
    other = tmp_path / "other.csv"
    other.write_text("user\nw\n")
    assert noted.note((other,))
    whole.rename(target)
    assert target not in [entry.path for entry in noted.read()]
    assert noted.still_notes(target)
    assert {target, other} <= {entry.path for entry in noted.read()}


def test_files_on_a_medium_that_is_away_for_a_while_stay_noted(trained_copy: Session, tmp_path: Path):
    noted = Exports(trained_copy.workspace.folder)
    (tmp_path / "stick" / "lists").mkdir(parents=True)
    away, gone, last = tmp_path / "stick" / "lists" / "a.csv", tmp_path / "b.csv", tmp_path / "c.csv"
    for path in (away, gone, last):
        path.write_text("user\nv\n")
    assert noted.note((away, gone))
    document = json.loads(noted.path.read_text())
    for entry in document["files"]:  # the stick is a file system of its own
        entry["filesystem"] = f"{os.statvfs(tmp_path).f_fsid + (entry['path'] == str(away)):x}"
    noted.path.write_text(json.dumps(document))
    (tmp_path / "stick").rename(tmp_path / "elsewhere")
    gone.unlink()
    assert noted.note((last,))
    assert {entry.path for entry in noted.read()} & {away, gone, last} == {away, last}


def test_a_link_to_itself_gives_way_to_the_file_that_is_written(tmp_path: Path):
    (tmp_path / "ratings.csv").write_text("user,item\n" + "".join(f"u{n % 5},i{n % 7}\n" for n in range(35)))
    target = tmp_path / "out" / "lists.csv"
    target.parent.mkdir()
    target.symlink_to(target)
    session = Session.open(tmp_path / "ratings.csv")
    session.load()
    list_files.write_lists(pl.DataFrame({"user": ["u1"], "item": ["i1"]}), target, session)
    assert target.read_text() == "user,item\nu1,i1\n"
    assert [export.path for export in Exports(session.workspace.folder).read()] == [target]


def test_nothing_that_was_read_is_written_over(tmp_path: Path):
    folder = tmp_path / "shop"
    (folder / "more").mkdir(parents=True)
    (folder / "ratings.csv").write_text("userId,movieId,rating\n" + "".join(f"{n % 5},{n % 7},3\n" for n in range(35)))
    (folder / "movies.csv").write_text("movieId,title\n" + "".join(f"{n},Film {n}\n" for n in range(7)))
    (folder / "more" / "notes.csv").write_text("mine")
    (tmp_path / "link.csv").symlink_to(folder / "ratings.csv")
    whole = Session.open(folder)
    alone = Session.open(folder / "ratings.csv")
    alone.load()
    for session, target in (
        (whole, folder / "ratings.csv"),
        (whole, folder / "more" / "notes.csv"),
        (alone, folder / "ratings.csv"),
        (alone, folder / "movies.csv"),
        (alone, tmp_path / "link.csv"),
    ):
        with pytest.raises(UserError) as said:
            list_files.check_target(target, session)
        assert said.value.message_id == "cli.output_is_source", target
    with pytest.raises(UserError) as said:
        list_files.check_target(folder / "new.csv", whole)
    assert said.value.message_id == "cli.output_in_data"
    list_files.check_target(folder / "more" / "new.csv", whole)
    list_files.check_target(folder / "new.csv", alone)
    list_files.check_target(folder / "more" / "notes.csv", alone)


def test_people_from_standard_input_lists_to_standard_output(
    trained: Session, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    arguments = ["recommend", "films", "-k", "2", "--home", str(trained.home.root)]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf7\n\n 42 \n7\n")))
    assert main([*arguments, "--for", "-", "--output", "-"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "user,item,rank,score,history"
    assert [line.split(",")[0] for line in lines[1:]] == ["7", "7", "42", "42"]
    assert main([*arguments, "--all", "--output", "-", "--json"]) == 2
    assert main([*arguments, "--user", "7", "--output", "-"]) == 2
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\n")))
    assert main([*arguments, "--for", "-", "--csv"]) == 2
    assert "lists nobody" in capsys.readouterr().err


def test_the_source_is_refused_before_any_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    source = tmp_path / "data.csv"
    source.write_text("user,item\n" + "".join(f"u{n % 5},i{n % 7}\n" for n in range(30)))
    assert main(["recommend", str(source), "--all", "--output", str(source)]) == 2
    assert "Training" not in capsys.readouterr().err
