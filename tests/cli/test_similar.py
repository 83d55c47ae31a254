"""``recsys similar`` on real output."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import polars as pl
import pytest

from recsys_tui.cli.entry import main
from recsys_tui.output.schema_files import load_schema
from recsys_tui.recommend.session import Session

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(trained: Session, capsys: pytest.CaptureFixture[str]) -> Run:
    def go(*arguments: str, home: Path | None = None) -> tuple[int, str, str]:
        code = main(["similar", *arguments, "--home", str(home or trained.home.root)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return go


def check(text: str, name: str) -> dict:
    document = json.loads(text)
    jsonschema.validate(document, load_schema(name), jsonschema.Draft202012Validator)
    return document


def test_every_form_says_the_same(run: Run):
    document = check(run("films", "--item", "17", "-k", "4", "--json")[1], "similar")
    assert (document["by"], document["preset"], document["note"]) == ("taste", "quick", None)
    _, table, _ = run("films", "--item", "17", "-k", "4", "--csv")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [(row["item"], row["title"]) for row in rows] == [(one["item"], one["title"]) for one in document["items"]]
    _, text, told = run("films", "--item", "17", "-k", "4")
    assert [line.split("\t")[1] for line in text.splitlines()[1:]] == [row["item"] for row in rows]
    assert "A Tango for Tilda (1969)" in told


def test_all_items_go_to_a_file(run: Run, tmp_path: Path):
    target = tmp_path / "similar.parquet"
    code, out, _ = run("films", "--all", "-k", "3", "--by", "content", "--output", str(target), "--json")
    document = check(out, "similar_many")
    lists = pl.read_parquet(target)
    assert code == 0
    assert lists.columns == ["item", "neighbour", "rank", "score"]
    assert (document["rows"], document["items"], document["by"]) == (lists.height, lists["item"].n_unique(), "content")
    one = check(run("films", "--item", "900", "-k", "3", "--by", "content", "--json")[1], "similar")
    expected = [entry["item"] for entry in one["items"]]
    assert lists.filter(pl.col("item") == "900")["neighbour"].to_list() == expected
    assert target.stat().st_mode & 0o777 == 0o600


def test_the_list_of_one_item_to_a_file(run: Run, tmp_path: Path):
    target = tmp_path / "one.csv"
    code, out, told = run("films", "--item", "17", "-k", "2", "--output", str(target))
    assert (code, out) == (0, "")
    assert target.read_text().splitlines()[0] == "rank,item,title,score"
    assert "one.csv" in told


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--item", "1201"], 3, "Nearest: 1200"),
        (["--item", "17", "--by", "basket"], 2, "baskets"),
        (["--item", "17", "--by", "looks"], 2, "looks"),
        ([], 2, "of which item"),
        (["--item", "17", "--all"], 2, "of which item"),
        (["--all"], 2, "--output"),
        (["--all", "--output", "x.txt"], 2, "must end in"),
    ],
)
def test_what_goes_wrong(run: Run, arguments: list[str], code: int, said: str):
    found, out, err = run("films", *arguments)
    assert (found, out) == (code, "")
    assert said in err


def test_baskets_need_no_training_and_taste_does(run: Run, tmp_path: Path):
    rows = [f"u{n},{item},b{n}" for n in range(12) for item in ("bread", "butter")]
    rows += [f"v{n},paper,c{n}" for n in range(20)]
    (tmp_path / "shop.csv").write_text("user,item,invoice\n" + "\n".join(rows) + "\n")
    data = str(tmp_path / "shop.csv")
    home = tmp_path / "fresh"
    code, out, _ = run(data, "--item", "bread", "--by", "basket", "--no-train", "--json", home=home)
    document = check(out, "similar")
    assert code == 0
    assert [entry["item"] for entry in document["items"]] == ["butter"]
    assert document["preset"] is None
    assert run("--item", "butter", "--by", "basket", "--csv", home=home)[1].splitlines()[1].startswith("1,bread")
    assert run(data, "--item", "bread", "--no-train", home=home)[0] == 4
