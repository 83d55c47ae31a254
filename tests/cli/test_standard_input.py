"""What is piped in: closed, empty, without an end, no data. Nothing of it stays behind."""

from __future__ import annotations

import io
import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from recsys_tui.cli import standard_input
from recsys_tui.cli.entry import main
from recsys_tui.cli.id_lists import listed_ids
from recsys_tui.cli.pair_file import read_pairs
from recsys_tui.cli.standard_input import read_list
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.store.home import Home

NOISE = bytes(range(256)) * 8


def pipe(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data.csv"
    path.write_text("user,item\n" + "".join(f"u{n % 7},i{n % 5}\n" for n in range(35)))
    return path


def kept(home: Path) -> list[str]:
    return sorted(path.name for path in home.rglob("*") if path.is_file() and not path.name.startswith("recent"))


@pytest.mark.parametrize("command", [("inspect", "-"), ("update", "-"), ("update", "{data}", "--add", "-")])
def test_closed_standard_input_is_told(
    command: tuple[str, ...], data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert main([*(word.format(data=data) for word in command), "--home", str(data.parent / "home")]) == 2
    assert "standard input" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["inspect", "update", "open", "clusters"])
def test_noise_is_not_kept_and_has_the_name_that_people_know(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pipe(monkeypatch, NOISE)
    assert main([command, "-", "--quiet", "--home", str(tmp_path / "home")]) == 2
    told = capsys.readouterr().err
    assert told.startswith("standard input")
    assert str(tmp_path) not in told
    assert not (tmp_path / "home" / "piped").exists()
    assert kept(tmp_path / "home") == []


def test_what_was_read_before_stays_where_other_columns_are_wrong(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = data.parent / "home"
    pipe(monkeypatch, data.read_bytes())
    assert main(["inspect", "-", "--quiet", "--home", str(home)]) == 0
    pipe(monkeypatch, data.read_bytes())
    assert main(["inspect", "-", "--user-col", "colour", "--quiet", "--home", str(home)]) == 2
    assert len(list((home / "piped").rglob("input"))) == 1


def test_an_update_of_what_is_no_data_leaves_no_workspace(tmp_path: Path) -> None:
    (tmp_path / "noise.csv").write_bytes(NOISE)
    (tmp_path / "more.csv").write_text("user,item\na,b\n")
    home = tmp_path / "home"
    for addition in ([], ["--add", str(tmp_path / "more.csv")]):
        assert main(["update", str(tmp_path / "noise.csv"), *addition, "--quiet", "--home", str(home)]) == 2
        assert list((home / "workspaces").iterdir()) == []


def test_a_full_disk_leaves_no_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True)
        raise UserError("store.disk_full", path=path)

    monkeypatch.setattr("recsys_tui.store.home.write_bytes", full)
    with pytest.raises(UserError):
        Home.resolve(tmp_path / "home").keep_piped(b"user,item\n")
    assert not (tmp_path / "home" / "piped").exists()


def test_a_list_that_would_take_all_memory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ids.txt"
    path.write_text("a\n")
    assert (listed_ids(str(path), "items"), read_list(str(path))) == (["a"], b"a\n")
    os.truncate(path, 2**42)
    for read in (lambda: listed_ids(str(path), "items"), lambda: read_pairs(str(path))):
        with pytest.raises(UserError, match=r"ids\.txt holds .* memory for a list of .*; give it in parts") as refused:
            read()
        assert refused.value.exit_code == ExitCode.USAGE


def test_rows_to_add_that_would_take_all_memory_are_refused(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = data.with_name("more.csv")
    more.write_text("user,item\na,b\n")
    os.truncate(more, 2**42)
    assert main(["update", str(data), "--add", str(more), "--home", str(data.parent / "home")]) == ExitCode.FAILED
    assert "more.csv takes about" in capsys.readouterr().err


class Endless(io.RawIOBase):
    told = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self.told += len(buffer)
        return len(buffer)


def test_a_pipe_without_an_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standard_input, "SHARE_OF_MEMORY", 10_000)
    with pytest.raises(UserError) as refused:
        standard_input.read_pipe(io.BufferedReader(Endless()))
    assert refused.value.message_id == "cli.too_much_piped"


@pytest.mark.parametrize("read", [listed_ids, lambda source, _: read_pairs(source)], ids=["ids", "pairs"])
def test_a_list_without_an_end_is_refused_once_it_takes_more_than_one_in_a_file_may(
    read: Callable[[str, str], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSYS_FREE_MEMORY", "480000000")
    came = Endless()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BufferedReader(came)))
    for source in ("-", "/dev/zero"):
        with pytest.raises(UserError, match=r"More than 20\.0 MB of a list came") as refused:
            read(source, "items")
        assert refused.value.exit_code == ExitCode.USAGE
    assert came.told < 30_000_000


def test_data_through_a_pipe_takes_no_more_than_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_FREE_MEMORY", "100000000")
    came = Endless()
    with pytest.raises(UserError, match=r"More than 25\.0 MB came through a pipe"):
        standard_input.read_pipe(io.BufferedReader(came))
    assert came.told < 30_000_000


def test_rows_to_add_come_from_a_named_pipe_but_from_no_device(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = str(data.parent / "home")
    assert main(["update", str(data), "--add", "/dev/zero", "--home", home]) == 2
    assert "neither a file nor a folder" in capsys.readouterr().err
    named = data.with_name("pipe")
    os.mkfifo(named)
    writer = threading.Thread(target=named.write_text, args=("user,item\nnewcomer,i1\n",))
    writer.start()
    assert main(["update", str(data), "--add", str(named), "--csv", "--home", home]) == 0
    writer.join()
    assert capsys.readouterr().out.splitlines()[1].startswith("36,8,")  # nothing was stored before


def test_nothing_is_kept_of_who_is_forgotten_of_what_is_piped_in(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = data.parent / "home"
    assert main(["forget", str(data), "--user", "u3", "--yes", "--home", str(home)]) == 0
    for _ in range(2):
        pipe(monkeypatch, data.read_bytes())
        capsys.readouterr()
        assert main(["inspect", "-", "--json", "--home", str(home)]) == 0
        assert json.loads(capsys.readouterr().out)["users"] == 6
    (piped,) = (home / "piped").rglob("input")
    assert set(pl.read_parquet(piped).to_series()) == {f"u{n}" for n in range(7) if n != 3}


@pytest.mark.parametrize("piped_first", [False, True])
@pytest.mark.parametrize("forget", [("file", "file", "-"), ("-", "-", "file"), ("-", "file", "-")])
def test_one_after_the_other_is_forgotten_of_a_file_and_of_the_same_that_was_piped_in(
    data: Path, monkeypatch: pytest.MonkeyPatch, piped_first: bool, forget: tuple[str, ...]
) -> None:
    """A copy that people were taken out of is no longer alike, nor is what was piped in when some were forgotten."""
    home, content = data.parent / "home", data.read_bytes()

    def run(command: str, source: str, *more: str) -> None:
        pipe(monkeypatch, content)
        assert main([command, source, *more, "--home", str(home)]) == 0

    run("inspect", str(data))
    if piped_first:
        run("inspect", "-")
    for user, of in zip(("u3", "u4", "u5"), forget, strict=True):
        run("forget", str(data) if of == "file" else of, "--user", user, "--yes")
        run("inspect", "-")
    (piped,) = (home / "piped").rglob("input")
    assert set(pl.read_parquet(piped).to_series()) == {"u0", "u1", "u2", "u6"}
    stored = [set(pl.read_parquet(path)["id"]) for path in home.rglob("users.parquet")]
    assert len(stored) == 2
    assert all(people == {"u0", "u1", "u2", "u6"} for people in stored)


def test_one_after_the_other_is_forgotten_of_what_was_piped_in_and_of_a_file_that_is_gone(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = str(data.parent / "home")
    assert main(["inspect", str(data), "--home", home]) == 0
    pipe(monkeypatch, data.read_bytes())
    assert main(["inspect", "-", "--home", home]) == 0
    data.unlink()
    for user in ("u3", "u4"):
        assert main(["forget", str(data), "--user", user, "--yes", "--home", home]) == 0
    for path in (data.parent / "home").rglob("users.parquet"):
        assert set(pl.read_parquet(path)["id"]) == {"u0", "u1", "u2", "u5", "u6"}
    (piped,) = (data.parent / "home" / "piped").rglob("input")
    assert set(pl.read_parquet(piped).to_series()) == {"u0", "u1", "u2", "u5", "u6"}


@pytest.mark.parametrize("longer_first", [False, True])
def test_one_after_the_other_is_forgotten_of_what_was_piped_in_before_it_grew_and_after(
    data: Path, monkeypatch: pytest.MonkeyPatch, longer_first: bool
) -> None:
    home, content = str(data.parent / "home"), data.read_bytes()
    longer = content + b"u9,i1\n"
    inputs = (longer, content) if longer_first else (content, longer)
    for piped in inputs:
        pipe(monkeypatch, piped)
        assert main(["inspect", "-", "--home", home]) == 0
    for user, piped in zip(("u3", "u4", "u5"), (*inputs, inputs[0]), strict=True):
        pipe(monkeypatch, piped)
        assert main(["forget", "-", "--user", user, "--yes", "--home", home]) == 0
    for path in (data.parent / "home" / "piped").rglob("input"):
        assert set(pl.read_parquet(path).to_series()) - {"u9"} == {"u0", "u1", "u2", "u6"}
    stored = [set(pl.read_parquet(path)["id"]) for path in (data.parent / "home").rglob("users.parquet")]
    assert len(stored) == 2
    assert all(people - {"u9"} == {"u0", "u1", "u2", "u6"} for people in stored)


@pytest.mark.parametrize("link", ["home", "home/piped"])
def test_what_is_piped_in_is_kept_and_goes_where_a_link_leads_to_the_home_too(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], link: str
) -> None:
    elsewhere, home = data.parent / "elsewhere", str(data.parent / "home")
    elsewhere.mkdir()
    (data.parent / link).parent.mkdir(exist_ok=True)
    (data.parent / link).symlink_to(elsewhere)
    pipe(monkeypatch, data.read_bytes())
    assert main(["inspect", "-", "--home", home]) == 0
    pipe(monkeypatch, data.read_bytes())
    assert main(["forget", "-", "--user", "u3", "--yes", "--home", home]) == 0
    (piped,) = elsewhere.rglob("input")
    assert "u3" not in set(pl.read_parquet(piped).to_series())

    capsys.readouterr()
    assert main(["workspace", "list", "--json", "--home", home]) == 0
    (found,) = json.loads(capsys.readouterr().out)["workspaces"]
    assert main(["workspace", "remove", found["key"], "--home", home]) == 0
    assert not list(elsewhere.rglob("input"))


@pytest.mark.parametrize("part", ["input", "."], ids=["file", "folder"])
def test_a_kept_input_that_was_moved_loses_who_is_forgotten_and_goes_where_it_lies(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], part: str
) -> None:
    home = str(data.parent / "home")
    pipe(monkeypatch, data.read_bytes())
    assert main(["inspect", "-", "--home", home]) == 0
    (folder,) = (data.parent / "home" / "piped").iterdir()
    place = (folder / part).rename(data.parent / "disk")
    (folder / part).symlink_to(place)
    assert main(["forget", str(folder / "input"), "--user", "u3", "--yes", "--home", home]) == 0
    kept = place if part == "input" else place / "input"
    assert "u3" not in set(pl.read_parquet(kept).to_series())
    assert main(["forget", str(folder / "input"), "--user", "u4", "--yes", "--home", home]) == 0
    assert "u4" not in set(pl.read_parquet(kept).to_series())

    capsys.readouterr()
    assert main(["workspace", "list", "--json", "--home", home]) == 0
    for found in json.loads(capsys.readouterr().out)["workspaces"]:
        assert main(["workspace", "remove", found["key"], "--home", home]) == 0
    assert not place.exists()
    assert not folder.is_symlink()
    assert not folder.exists()
