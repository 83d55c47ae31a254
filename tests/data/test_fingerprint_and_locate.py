"""Changed files are noticed; paths, folders and names of bundled datasets are found."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from recsys_tui.data.fingerprint import fingerprint, stamp
from recsys_tui.data.locate import locate
from recsys_tui.output.errors import UserError


def test_a_fingerprint_is_of_what_files_hold(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"user,item\n1,2\n")
    before = fingerprint([path])
    os.utime(path, (1, 1))
    assert fingerprint([path]) == before
    path.write_bytes(b"user,item\n1,3\n")  # as long as before
    assert fingerprint([path]) != before


def test_contents_of_two_files_may_not_change_places(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_bytes(b"x")
    second.write_bytes(b"yz")
    before = fingerprint([first, second])
    first.write_bytes(b"xy")
    second.write_bytes(b"z")
    assert fingerprint([first, second]) != before


def test_a_fingerprint_of_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        fingerprint([tmp_path / "missing"])


def test_a_stamp_is_size_and_time(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"12345")
    os.utime(path, ns=(7, 1_234_567_890))
    assert stamp([path, tmp_path / "missing"]) == {str(path): [5, 1_234_567_890]}


def test_the_name_of_a_bundled_dataset() -> None:
    source = locate("films")
    assert source.bundled
    assert source.name == "films"
    assert source.path.is_dir()


def test_a_path_wins_over_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "films").write_text("user,item\n1,2\n")
    monkeypatch.chdir(tmp_path)
    source = locate("films")
    assert not source.bundled
    assert source.path == (tmp_path / "films").resolve()


def test_an_empty_name_is_not_the_current_folder() -> None:
    with pytest.raises(UserError) as refused:
        locate("")
    assert refused.value.exit_code == 2
    assert "films" in str(refused.value)


def test_links_are_followed_to_one_path(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("user,item\n1,2\n")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    assert locate(tmp_path / "link.csv").path == locate(tmp_path / "real.csv").path


def test_what_is_not_there_is_told_with_the_names_there_are() -> None:
    with pytest.raises(UserError) as refused:
        locate("flims")
    assert "flims" in str(refused.value)
    assert "films" in str(refused.value)
