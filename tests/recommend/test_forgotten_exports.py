"""Files that were written elsewhere: a person goes out of those that are as they were written, the others are told."""

from __future__ import annotations

import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from recsys_tui.recommend.forgotten_exports import clean_exports
from recsys_tui.store import filesystems
from recsys_tui.store.exports import Exports
from recsys_tui.store.field_scan import Sought
from recsys_tui.tui.taking.picture import picture_of

WHO, OTHER = "person-017", "person-018"
SOUGHT = Sought((WHO,))
LISTS = pl.DataFrame({"user": [WHO, OTHER, WHO], "item": ["a", "b", "c"], "score": [0.5, 0.25, 0.1]})


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    Exports(folder / "w").note([path])
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "w").mkdir()
    return tmp_path


def outcomes(folder: Path, sought: Sought = SOUGHT, choice: str = "clean", sources: tuple[Path, ...] = ()) -> dict:
    return {one.path.name: one.outcome for one in clean_exports(folder / "w", sought, choice, sources)}


def from_another_filesystem(folder: Path) -> None:
    """Note of all files that they lie on what is mounted somewhere, or was."""
    path = folder / "w" / "exports.json"
    document = json.loads(path.read_text())
    for entry in document["files"]:
        entry["filesystem"] = f"{os.statvfs(folder).f_fsid + 1:x}"
    path.write_text(json.dumps(document))


@pytest.mark.parametrize("mount_point_stays", [False, True])
def test_a_file_on_a_medium_that_is_not_there_just_now_is_told_and_cleaned_when_it_is_back(
    folder: Path, mount_point_stays: bool
):
    stick, away = folder / "stick", folder / "away"
    stick.mkdir()
    LISTS.write_csv(stick / "lists.csv")
    Exports(folder / "w").note([stick / "lists.csv"])
    from_another_filesystem(folder)
    stick.rename(away)
    if mount_point_stays:
        stick.mkdir()
    written(folder, "deleted.csv", b"user,item\nperson-017,a\n").unlink()
    assert outcomes(folder) == {"lists.csv": "away"}
    written(folder, "later.csv", b"user,item\nperson-018,a\n")
    assert outcomes(folder) == {"lists.csv": "away"}
    if mount_point_stays:
        stick.rmdir()
    away.rename(stick)
    assert outcomes(folder) == {"lists.csv": "rewritten"}


def test_a_file_that_is_away_is_told_once(folder: Path):
    """And not what it came to be in as well."""
    (folder / "stick").mkdir()
    assert Exports(folder / "w").write(folder / "stick" / "lists.csv", LISTS.write_csv().encode())
    from_another_filesystem(folder)
    (folder / "stick").rename(folder / "away")
    assert outcomes(folder) == {"lists.csv": "away"}


def in_memory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that Linux would say is in memory."""
    stick = folder / "a stick"
    stick.mkdir()
    escaped = str(stick.resolve()).replace(" ", chr(92) + "040")
    mounts = f"/dev/a / ext4 rw 0 0\nnone {folder.resolve()} ext4 rw 0 0\nnone {escaped} tmpfs rw 0 0\n"
    (folder / "mounts").write_text(mounts)
    monkeypatch.setattr(filesystems, "MOUNTS", folder / "mounts")
    return stick


def test_a_file_in_memory_is_gone_with_it(folder: Path, monkeypatch: pytest.MonkeyPatch):
    """As of a folder for temporary files, which is another file system each time the machine starts."""
    in_memory(folder, monkeypatch)
    for name in ("a stick/lists.csv", "others.csv"):
        written(folder, name, b"user,item\nperson-017,a\n")
    on_disk = f"{os.statvfs(folder).f_fsid:x}"
    assert {one.path.name: one.filesystem for one in Exports(folder / "w").read()} == {
        "lists.csv": filesystems.MEMORY,
        "others.csv": on_disk,
    }
    monkeypatch.setattr(filesystems, "MOUNTS", folder / "no mounts")
    assert written(folder, "later.csv", b"user\n").exists()
    assert next(one.filesystem for one in Exports(folder / "w").read() if one.path.name == "later.csv") == on_disk


def test_a_file_in_memory_is_gone_where_its_folder_is_and_however_it_was_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    stick = in_memory(folder, monkeypatch)
    (folder / "way").symlink_to(stick)
    monkeypatch.chdir(stick)
    for path in (Path("here.csv"), folder / "way" / "linked.csv", stick / "lists.csv"):
        assert Exports(folder / "w").write(path, LISTS.write_csv().encode())
    assert {one.path.name for one in Exports(folder / "w").read()} == {"here.csv", "linked.csv", "lists.csv"}
    monkeypatch.chdir(folder)
    shutil.rmtree(stick)
    assert outcomes(folder) == {}


def test_a_file_that_was_deleted_with_its_folder_is_not_told_for_ever(folder: Path):
    (folder / "lists" / "of today").mkdir(parents=True)
    LISTS.write_csv(folder / "lists" / "of today" / "lists.csv")
    Exports(folder / "w").note([folder / "lists" / "of today" / "lists.csv"])
    shutil.rmtree(folder / "lists")
    assert outcomes(folder) == {}
    written(folder, "later.csv", b"user,item\nperson-018,a\n")
    assert [one.path.name for one in Exports(folder / "w").read()] == ["later.csv"]


@pytest.mark.parametrize("comes", [False, True])
def test_a_file_that_was_about_to_be_written_anew_is_cleaned_whether_that_came_to_its_end_or_not(
    folder: Path, comes: bool
):
    """It may not have: a full disk, a process that was killed, somebody who was forgotten meanwhile."""
    path = written(folder, "lists.csv", f"user,item\n{WHO},a\n{OTHER},b\n".encode())
    (folder / "whole").write_text(f"user,item\n{WHO},a\n{OTHER},c\n")
    for _ in range(2):
        assert Exports(folder / "w").note((path,), content=folder / "whole")
    if comes:
        (folder / "whole").rename(path)
    written(folder, "other.csv", b"user\nperson-019\n")  # another process notes its own
    assert outcomes(folder) == {"lists.csv": "rewritten"}
    assert path.read_text() == f"user,item\n{OTHER},{'c' if comes else 'b'}\n"
    assert [export.path.name for export in Exports(folder / "w").read()] == ["lists.csv", "other.csv"]
    assert outcomes(folder, Sought((OTHER,))) == {"lists.csv": "deleted"}


@pytest.mark.parametrize("content", [f"user,item\n{WHO},a\n{OTHER},b\n{WHO[:4]}".encode(), b"PAR1 packed"])
def test_what_a_writer_that_was_killed_left_goes_whole(folder: Path, content: bytes):
    """It lies hidden beside the file that was to be written, with as much in it as came to be written."""
    exports, path, seen = Exports(folder / "w"), folder / "lists.csv", list[Path]()

    def killed(begun: Path) -> None:
        seen.append(begun.rename(folder / "aside"))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        exports.fill(path, killed)
    left = next(export.path for export in exports.read())
    seen[0].write_bytes(content)
    seen[0].rename(left)
    assert exports.write(folder / "other.csv", f"user,item\n{OTHER},a\n".encode())
    assert outcomes(folder) == {left.name: "deleted"}
    assert sorted(file.name for file in folder.iterdir()) == ["other.csv", "w"]


def test_tables_lose_the_rows_and_what_is_of_one_person_goes_whole(folder: Path):
    table = written(folder, "lists.csv", b"user,item,score\nperson-017,a,0.5\nperson-018,b,0.25\nperson-0175,c,1\n")
    LISTS.write_parquet(folder / "lists.parquet")
    Exports(folder / "w").note([folder / "lists.parquet"])
    records = written(folder, "records.json", json.dumps([{"user": WHO}, {"user": OTHER}]).encode())
    written(folder, "person.json", json.dumps({"user": WHO, "items": []}).encode())
    written(folder, "theirs.csv", b"user,item\nperson-017,a\nperson-017,b\n")
    written(folder, "screen.svg", f"<text>{WHO}</text>".encode())
    others = written(folder, "others.svg", f"<text>{OTHER}</text>".encode())
    assert outcomes(folder) == {
        "lists.csv": "rewritten",
        "lists.parquet": "rewritten",
        "records.json": "rewritten",
        "person.json": "deleted",
        "theirs.csv": "deleted",
        "screen.svg": "deleted",
    }
    assert table.read_text() == "user,item,score\nperson-018,b,0.25\nperson-0175,c,1\n"
    assert pl.read_parquet(folder / "lists.parquet").equals(LISTS.filter(pl.col("user") == OTHER))
    assert json.loads(records.read_text()) == [{"user": OTHER}]
    assert others.exists()
    assert not (folder / "person.json").exists()
    assert table.stat().st_mode & 0o777 == 0o600
    assert all(export.is_as_written() for export in Exports(folder / "w").read())
    assert outcomes(folder) == {}


@pytest.mark.parametrize("who", ["Ann of Tea", "o'neil & <sons>", WHO])
def test_pictures_that_name_them_go_however_the_markup_writes_it(folder: Path, who: str):
    console = Console(record=True, width=60, file=io.StringIO())
    console.print(Panel(Text(who), title="people"))
    picture = written(folder, "screen.svg", picture_of(console, "people").encode())
    console.print(Text(f"{who}x"))
    other = written(folder, "other.svg", picture_of(console, "people").encode())
    assert outcomes(folder, Sought((who,))) == {"screen.svg": "deleted"}
    assert not picture.exists()
    assert other.exists()


@pytest.mark.parametrize("name", ["lists[1]", "caf\udce9", "a*b?"])
def test_tables_lose_the_rows_whatever_their_names_look_like(folder: Path, name: str):
    """As a pattern, or as no text at all."""
    (folder / name).mkdir()
    packed = io.BytesIO()
    LISTS.write_parquet(packed)
    for kind, content in (("csv", LISTS.write_csv().encode()), ("parquet", packed.getvalue())):
        assert Exports(folder / "w").write(folder / name / f"{name}.{kind}", content)

    assert outcomes(folder) == {f"{name}.csv": "rewritten", f"{name}.parquet": "rewritten"}
    left = (folder / name / f"{name}.parquet").read_bytes()
    assert pl.read_parquet(io.BytesIO(left))["user"].to_list() == [OTHER]


def test_files_that_were_moved_with_a_link_left_in_their_place_are_cleaned_where_they_lie(folder: Path):
    (folder / "kept").mkdir()
    for name, table in (("lists.csv", LISTS), ("own.csv", LISTS.filter(pl.col("user") == WHO))):
        path = written(folder, name, table.write_csv().encode())
        path.rename(folder / "kept" / name)
        path.symlink_to(folder / "kept" / name)

    assert outcomes(folder) == {"lists.csv": "rewritten", "own.csv": "deleted"}

    assert (folder / "lists.csv").is_symlink()
    assert [path.name for path in (folder / "kept").iterdir()] == ["lists.csv"]
    assert pl.read_csv(folder / "kept" / "lists.csv")["user"].to_list() == [OTHER]
    assert not (folder / "own.csv").is_symlink()
    assert outcomes(folder, Sought((OTHER,))) == {"lists.csv": "deleted"}  # known still by what it holds now


def test_a_file_that_is_a_link_to_data_by_now_is_left_alone(folder: Path):
    path = written(folder, "lists.csv", LISTS.write_csv().encode())
    path.rename(folder / "data.csv")
    path.symlink_to(folder / "data.csv")

    assert outcomes(folder, sources=(folder / "data.csv",)) == {"lists.csv": "is_a_source"}
    assert WHO in (folder / "data.csv").read_text()


def test_files_that_were_changed_since_or_are_data_or_to_be_kept_are_left_and_told(folder: Path):
    changed = written(folder, "changed.csv", f"user\n{WHO}\n".encode())
    changed.write_text(f"user,note\n{WHO},mine\n")
    data = written(folder, "data.csv", f"user\n{WHO}\n".encode())
    gone = written(folder, "gone.csv", f"user\n{WHO}\n".encode())
    gone.unlink()
    before = {path: path.read_bytes() for path in (changed, data)}
    assert outcomes(folder, sources=(data,)) == {"changed.csv": "changed_since", "data.csv": "is_a_source"}
    kept = written(folder, "kept.csv", f"user\n{WHO}\n".encode())
    assert set(outcomes(folder, choice="keep").values()) == {"kept"}
    assert kept.exists()
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("records.json", f'[{{"user": "{WHO}"'.encode()),
        ("records.json", f'{{"user": "{WHO}"}}\n{{"user": "{OTHER}"}}\n'.encode()),
        ("records.json", b"\xff\xfe" + WHO.encode() + b"\n"),
        ("records.json", b"[" * 100_000 + f'"{WHO}"'.encode() + b"]" * 100_000),
        ("records.json", json.dumps({WHO: ["a"]}).encode()),
        ("lists.csv", f"user;item\n{WHO};a\n{OTHER};b\n".encode()),
        ("lists.csv", f"item,people\na,{WHO} {OTHER}\nb,{OTHER}\n".encode()),
    ],
)
def test_files_of_which_somebody_made_something_else_are_told(folder: Path, name: str, instead: bytes):
    changed = written(folder, name, b"[]")
    changed.write_bytes(instead)
    table = written(folder, "table.csv", f"user\n{WHO}\n{OTHER}\n".encode())
    assert outcomes(folder) == {name: "changed_since", "table.csv": "rewritten"}
    assert changed.read_bytes() == instead
    assert WHO not in table.read_text()
    changed.write_bytes(instead.replace(WHO.encode(), OTHER.encode()))
    assert outcomes(folder) == {}


def test_the_same_number_in_another_column_is_no_person(folder: Path):
    table = written(folder, "lists.csv", b"user,item,rank\n42,7,1\n7,42,42\n")
    assert outcomes(folder, Sought(("42", "42.0"), only_people=True)) == {"lists.csv": "rewritten"}
    assert table.read_text() == "user,item,rank\n7,42,42\n"


def test_a_list_of_files_that_makes_no_sense_is_told(folder: Path):
    for content in ("", "[]", '{"files": 1}', '{"files": [1, {"path": 2}, {"path": "a\\u0000b", "bytes": 1}]}'):
        (folder / "w" / "exports.json").write_text(content)
        assert Exports(folder / "w").read() == ()
        assert outcomes(folder) == {"exports.json": "unknown"}


@pytest.mark.parametrize("content", ["", '{"files": [1]}', '{"format": 1, "files": [{"path": "/lists.c'])
def test_a_list_that_was_damaged_stays_known_to_be_so_though_files_are_noted_since(folder: Path, content: str):
    exports = Exports(folder / "w")
    exports.path.write_text(content)
    written(folder, "later.csv", f"user\n{WHO}\n".encode())
    written(folder, "last.csv", f"user\n{OTHER}\n".encode())
    assert outcomes(folder) == {"exports.json": "unknown", "later.csv": "deleted"}
    assert outcomes(folder) == {"exports.json": "unknown"}
    assert [export.path.name for export in exports.read()] == ["last.csv"]


def test_without_a_list_nothing_is_unknown(folder: Path):
    assert outcomes(folder) == {}


def test_what_was_noted_to_be_about_somebody_goes_whole_though_it_does_not_name_them(folder: Path):
    """A list of somebody's, by whatever id: under the name that the workbench gives it."""
    workspace = folder / "workspaces" / "w"
    workspace.mkdir(parents=True)
    mine, theirs = folder / "mine.csv", folder / "theirs.csv"
    for path, who in ((mine, WHO), (theirs, OTHER)):
        path.write_text("rank,item\n1,a\n")
        Exports(workspace).note([path], [who])
    assert WHO not in Exports(workspace).path.read_text()
    found = clean_exports(workspace, SOUGHT, "clean", ())
    assert [(one.path, one.outcome) for one in found] == [(mine, "deleted")]
    assert (mine.exists(), theirs.exists()) == (False, True)
    assert [export.path for export in Exports(workspace).read()] == [theirs]
    changed = theirs.read_text() + "2,b\n"
    theirs.write_text(changed)
    (left,) = clean_exports(workspace, Sought((OTHER,)), "clean", ())
    assert (left.path, left.outcome) == (theirs, "changed_since")


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A folder beside that of the workspace, below one that anybody may use."""
    with tempfile.TemporaryDirectory() as name:
        for folder in (Path(name), Path(name, "w"), Path(name, "elsewhere")):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o777)
        yield Path(name, "elsewhere")


@contextmanager
def closed(path: Path) -> Iterator[None]:
    """Nobody may read the file, or look into the folder: root may, but not as somebody else."""
    root, mode = os.geteuid() == 0, path.stat().st_mode
    path.chmod(0)
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        path.chmod(mode)


@pytest.mark.parametrize("choice", ["clean", "keep"])
@pytest.mark.parametrize("name", ["", "lists.csv"])
def test_a_file_that_cannot_be_read_is_told(elsewhere: Path, name: str, choice: str):
    path, content = elsewhere / "lists.csv", f"user\n{WHO}\n".encode()
    path.write_bytes(content)
    Exports(elsewhere.parent / "w").note([path])
    (elsewhere.parent / "w" / "exports.json").chmod(0o666)
    with closed(elsewhere / name):
        assert outcomes(elsewhere.parent, choice=choice) == {"lists.csv": "unreadable"}
    assert path.read_bytes() == content
    assert outcomes(elsewhere.parent) == {"lists.csv": "deleted"}


def test_files_are_noted_though_the_folder_of_an_earlier_one_is_closed(elsewhere: Path):
    noted = Exports(elsewhere.parent / "w")
    for path in (elsewhere / "lists.csv", elsewhere.parent / "later.csv"):
        path.write_bytes(b"user\n")
        path.chmod(0o644)
    noted.note([elsewhere / "lists.csv"])
    for path in (elsewhere.parent / "w").iterdir():
        path.chmod(0o666)
    with closed(elsewhere):
        noted.note([elsewhere.parent / "later.csv"])
    assert [export.path.name for export in noted.read()] == ["later.csv", "lists.csv"]


def test_a_file_that_goes_just_when_it_was_written_anew_goes_off_the_list(tmp_path: Path):
    exports = Exports(tmp_path / "home" / "workspaces" / "one")
    exports.write(tmp_path / "a.csv", b"user\n1\n")
    exports.write(tmp_path / "b.csv", b"user\n1\n")
    (tmp_path / "a.csv").unlink()
    exports.drop([tmp_path / "a.csv", tmp_path / "b.csv"], [tmp_path / "a.csv", tmp_path / "b.csv"])
    assert [export.path for export in exports.read()] == [tmp_path / "b.csv"]
