"""Bundled datasets are found by name: in the wheel's package data first, else in the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from recsys_tui.data import bundled


def dataset(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "ratings.csv").write_text("userId,movieId\n1,2\n")
    return folder


def test_films_is_bundled():
    assert "films" in bundled.bundled_names()
    path = bundled.bundled_path("films")
    assert path is not None
    assert (path / "ratings.csv").is_file()


@pytest.mark.parametrize("name", ["", ".", "..", "nothing", "films/", "../films"])
def test_other_names_are_none(name: str):
    assert bundled.bundled_path(name) is None


def test_package_data_wins_over_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bundled, "_PACKAGE", tmp_path / "recsys_tui")
    dataset(tmp_path / "datasets" / "lake")
    assert bundled.bundled_path("lake") == tmp_path / "datasets" / "lake"
    sea = dataset(tmp_path / "recsys_tui" / "bundled_datasets" / "sea")
    assert bundled.bundled_names() == ["sea"]
    assert bundled.bundled_path("sea") == sea


def test_only_folders_with_a_csv_are_datasets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bundled, "_PACKAGE", tmp_path / "recsys_tui")
    assert bundled.bundled_names() == []
    dataset(tmp_path / "datasets" / "b")
    dataset(tmp_path / "datasets" / "a")
    (tmp_path / "datasets" / "empty").mkdir()
    (tmp_path / "datasets" / "README.md").write_text("words")
    assert bundled.bundled_names() == ["a", "b"]
