"""``recsys datasets make``: where the files go, what is printed, what is refused."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import jsonschema
import polars as pl
import pytest

from recsys_tui.cli.entry import main
from recsys_tui.data.synthetic.shop import SEED
from recsys_tui.output.schema_files import load_schema
from recsys_tui.store.home import Home

SIZE = ["--users", "300", "--items", "120", "--events", "2000"]


def check(text: str, name: str) -> dict:
    document = json.loads(text)
    jsonschema.validate(document, load_schema(name), jsonschema.Draft202012Validator)
    return document


def test_a_crowd_of_any_size_is_made_in_the_home_folder(home: Home, capsys: pytest.CaptureFixture[str]):
    assert main(["datasets", "make", "crowd", *SIZE, "--seed", "4"]) == 0
    printed = Path(capsys.readouterr().out.strip())
    assert printed == home.root / "datasets" / "crowd"
    events = pl.read_parquet(printed / "events.parquet")
    assert (events.height, events["user_id"].n_unique(), events["item_id"].max()) == (2000, 300, 120)
    assert {path.stat().st_mode & 0o777 for path in printed.iterdir()} == {0o600}
    assert main(["inspect", str(printed), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["users"] == 300


def test_it_is_told_as_json_and_as_csv(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = tmp_path / "there"
    command = ["datasets", "make", "crowd", *SIZE, "--output", str(folder)]
    assert main([*command, "--json"]) == 0
    document = check(capsys.readouterr().out, "datasets_make")
    assert document["files"] == ["albums.parquet", "events.parquet"]
    assert document["path"] == str(folder)
    assert main([*command, "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["file"] for row in rows] == document["files"]


def test_a_bundled_set_is_made_anew_byte_by_byte(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["datasets", "make", "shop", "--output", str(tmp_path / "shop"), "--json"]) == 0
    assert check(capsys.readouterr().out, "datasets_make")["seed"] == SEED
    shipped = Path(__file__).parent.parent.parent / "datasets" / "shop"
    for path in (tmp_path / "shop").iterdir():
        assert path.read_bytes() == (shipped / path.name).read_bytes()


def test_files_of_the_same_names_are_replaced_and_others_are_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    folder = tmp_path / "there"
    command = ["datasets", "make", "crowd", *SIZE, "--output", str(folder)]
    assert main([*command, "--seed", "1"]) == 0
    first = (folder / "events.parquet").read_bytes()
    assert main([*command, "--seed", "2"]) == 0
    assert (folder / "events.parquet").read_bytes() != first
    (folder / "mine.txt").write_text("mine")
    assert main(command) == 2
    assert "mine.txt" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["there"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "films, shop, circle, crowd"),
        (["films", "--users", "10"], "size of films is fixed"),
        (["crowd", "--users", "10", "--items", "10"], "No crowd can be made"),
        (["crowd", "--users", "0"], "--users"),
    ],
)
def test_what_cannot_be_made_is_told(arguments: list[str], said: str, home: Home, capsys: pytest.CaptureFixture[str]):
    assert main(["datasets", "make", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert not list(home.root.glob("datasets/*"))


def test_a_folder_that_may_not_be_written_is_not_told_to_be_the_home_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    shut, access = tmp_path / "shut", os.access
    shut.mkdir()
    monkeypatch.setattr("os.access", lambda path, how, **more: Path(path) != shut and access(path, how, **more))
    assert main(["datasets", "make", "films", "--output", str(shut / "films")]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == f"{shut / 'films'} could not be written (Permission denied).\n"
