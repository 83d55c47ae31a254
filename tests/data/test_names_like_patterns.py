"""Columns whose names are patterns to Polars: ``*`` and ``^…$`` are read as any other."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from recsys_tui.data.dataset import Mapping
from recsys_tui.data.load import load_dataset

ROWS = [(f"u{n % 7}", f"i{n % 5}", n % 3) for n in range(35)]
NAMES = [("*", "item", "note"), ("^user$", "item", "note"), ("user", "^.*$", "^u.*$"), ("user", "item", "*")]


@pytest.mark.parametrize("names", NAMES)
@pytest.mark.parametrize("kind", ["csv", "tsv", "parquet", "json", "inter"])
def test_of_interactions(tmp_path: Path, names: tuple[str, str, str], kind: str):
    path, frame = tmp_path / f"data.{kind}", pl.DataFrame(ROWS, schema=list(names), orient="row")
    if kind == "parquet":
        frame.write_parquet(path)
    elif kind == "json":
        frame.write_ndjson(path)
    elif kind == "inter":
        frame.rename({name: f"{name}:token" for name in names}).write_csv(path, separator="\t")
    else:
        frame.write_csv(path, separator="," if kind == "csv" else "\t")
    dataset = load_dataset(path, Mapping(user=names[0], item=names[1]))
    assert (dataset.user_count, dataset.item_count, dataset.interactions.height) == (7, 5, 35)


def test_of_what_describes_items_and_people(tmp_path: Path):
    pl.DataFrame(ROWS, schema=["user", "item", "note"], orient="row").write_csv(tmp_path / "data.csv")
    for name, about in (("items", "item"), ("users", "user")):
        ids = sorted({row[about == "item"] for row in ROWS})
        said = {
            about: ids,
            "*": ["a", "b"] * (len(ids) // 2) + ["a"],
            "^mood$": ["c"] * len(ids),
            "title": [f"t {one}" for one in ids],
        }
        pl.DataFrame(said).write_csv(tmp_path / f"{name}.csv")
    mapping = Mapping(items=tmp_path / "items.csv", users=tmp_path / "users.csv")
    dataset = load_dataset(tmp_path / "data.csv", mapping)
    assert (dataset.user_count, dataset.item_count) == (7, 5)


def test_of_a_matrix(tmp_path: Path):
    text = "user,Alpha,*,Gamma,^D$,Eps,Zeta\nann,5,,3,,1,\nbob,,4,,2,,5\ncyd,1,,,,,2\n"
    (tmp_path / "matrix.csv").write_text(text)
    found = load_dataset(tmp_path / "matrix.csv").items["id"]
    assert set(found) == {"Alpha", "(*)", "Gamma", "(^D$)", "Eps", "Zeta"}
