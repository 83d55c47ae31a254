"""What the unnamed columns of an item file say: attributes of text, lists and numbers; no ids, addresses, free text."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from recsys_tui.data.dataset import Dataset, Mapping
from recsys_tui.data.further_columns import MOST_ATTRIBUTES, further_attributes, neutral_lists
from recsys_tui.data.load import load_dataset

ITEMS = 40


def written(folder: Path, columns: dict[str, list[object]]) -> Dataset:
    """A dataset of 40 items that everybody took some of, described by these columns."""
    events = ["user_id,item_id,timestamp"]
    events += [f"u{n % 20},i{n % ITEMS},{1_600_000_000 + 100 * n}" for n in range(400)]
    (folder / "events.csv").write_text("\n".join(events) + "\n", encoding="utf-8")
    described = pl.DataFrame({"item_id": [f"i{n}" for n in range(ITEMS)], **columns}, strict=False)
    described.write_csv(folder / "items.csv")
    return load_dataset(folder / "events.csv")


def attribute(dataset: Dataset, name: str) -> list[object]:
    return dataset.items.sort(pl.col("id").str.slice(1).cast(pl.Int32))[f"attribute.{name}"].to_list()


def test_text_lists_and_numbers_become_attributes(tmp_path: Path):
    dataset = written(
        tmp_path,
        {
            "title": [f"Thing {n}" for n in range(ITEMS)],
            "language": [("fr", "en", "")[n % 3] for n in range(ITEMS)],
            "actors": [("Ann|Bo", "Bo|Cy", "Cy")[n % 3] for n in range(ITEMS)],
            "runtime": [f"{90 + n % 7}" for n in range(ITEMS)],
            "brand": [("Acme", "Bolt")[n % 2] for n in range(ITEMS)],
        },
    )
    assert attribute(dataset, "language")[:3] == ["fr", "en", None]
    assert attribute(dataset, "actors")[:3] == [["Ann", "Bo"], ["Bo", "Cy"], ["Cy"]]
    assert attribute(dataset, "runtime")[:2] == [90.0, 91.0]
    assert dataset.items.schema["attribute.runtime"] == pl.Float64
    assert attribute(dataset, "brand")[:2] == ["Acme", "Bolt"]
    chosen = {choice.role: choice.column for choice in dataset.columns}
    assert chosen["attributes"] == "items.csv: language, actors, runtime"
    assert chosen["brand"] == "items.csv: brand"


def test_ids_addresses_free_text_and_constants_say_nothing(tmp_path: Path):
    dataset = written(
        tmp_path,
        {
            "title": [f"Thing {n}" for n in range(ITEMS)],
            "imdb_id": [f"tt{n % 5}" for n in range(ITEMS)],
            "poster": [f"https://pictures.example/{n % 3}.jpg" for n in range(ITEMS)],
            "remark": [f"seen on day {n} by chance" for n in range(ITEMS)],
            "row": list(range(100, 100 + ITEMS)),
            "currency": ["EUR"] * ITEMS,
            "essay": [("a long text " * 8) + str(n % 2) for n in range(ITEMS)],
        },
    )
    assert not [name for name in dataset.items.columns if name.startswith("attribute.")]


def test_text_of_attributes_is_neutralised():
    frame = pl.DataFrame({"colour\x1b[31m": ["\x1b]0;x\x07red", "blue"] * 4, "parts": [["a\x1b[2J", "b"], ["b"]] * 4})
    found, changed, _ = further_attributes(frame, frame.columns)
    assert found["attribute.colour"].to_list() == ["red", "blue"] * 4
    assert found["attribute.parts"].to_list() == [["a", "b"], ["b"]] * 4
    assert changed == 8


def test_lists_keep_their_gaps_when_neutralised():
    values = pl.Series("x", [["a\x07"], None, [], ["b", None]], dtype=pl.List(pl.String))
    clean, changed = neutral_lists(values)
    assert [entry or [] for entry in clean.to_list()] == [["a"], [], [], ["b"]]
    assert changed == 1


def test_at_most_thirty_columns_are_taken_and_the_rest_is_told(tmp_path: Path):
    columns = {f"kind_{place}": [f"v{(n + place) % 4}" for n in range(ITEMS)] for place in range(MOST_ATTRIBUTES + 2)}
    dataset = written(tmp_path, {"title": [f"Thing {n}" for n in range(ITEMS)], **columns})
    taken = [name for name in dataset.items.columns if name.startswith("attribute.")]
    assert taken == [f"attribute.kind_{place}" for place in range(MOST_ATTRIBUTES)]
    told = next(entry for entry in dataset.findings if entry.code == "columns_beyond")
    assert told.count == 2
    assert "kind_30, kind_31" in told.message


@pytest.mark.parametrize("name", ["items.csv", "notes.csv"])
def test_attributes_alone_describe_items_only_in_a_file_called_so(tmp_path: Path, name: str):
    dataset = written(tmp_path, {"colour": [("red", "blue")[n % 2] for n in range(ITEMS)]})
    if name != "items.csv":
        (tmp_path / "items.csv").rename(tmp_path / name)
        dataset = load_dataset(tmp_path / "events.csv")
    assert ("attribute.colour" in dataset.items.columns) == (name == "items.csv")


def test_a_named_file_of_attributes_adds_its_items(tmp_path: Path):
    written(tmp_path, {"colour": [("red", "blue")[n % 2] for n in range(ITEMS)]})
    with (tmp_path / "items.csv").open("a", encoding="utf-8") as file:
        file.write("new,green\n")
    dataset = load_dataset(tmp_path / "events.csv", Mapping(items=tmp_path / "items.csv"))
    assert dataset.items.filter(pl.col("id") == "new")["attribute.colour"].to_list() == ["green"]
