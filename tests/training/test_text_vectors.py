"""Texts of items as vectors: what is embedded, once only, beside given vectors, and how it fails."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from recsys_tui.data.dataset import Dataset, Mapping
from recsys_tui.data.load import load_dataset
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.profiles.item_vectors import given_rows
from recsys_tui.store.workspace import Workspace
from recsys_tui.training.text_vectors import check_can_embed, texts_of, with_text_vectors

Texts = Callable[[], list[str]]


@pytest.fixture
def dataset(tmp_path: Path, text_model: Path) -> Dataset:
    """Three items; the second has no text, the third the first's."""
    path = tmp_path / "taken.csv"
    path.write_text(
        "user,item,time\n" + "".join(f"u{one},i{two},{one + two}\n" for one in range(4) for two in range(3))
    )
    read = load_dataset(path, Mapping(text_model=text_model))
    titles = {"i0": "blue cup", "i2": "blue cup"}
    items = read.items.with_columns(pl.col("id").replace_strict(titles, default=None).alias("title"))
    return replace(read, items=items.sort("id"))


def test_title_text_categories_and_tags_are_read_a_line_each():
    items = pl.DataFrame(
        {
            "id": ["a", "b"],
            "title": ["Blue cup", None],
            "text": ["Holds tea.\n", None],
            "categories": [["kitchen", None], None],
            "tags": [["gift", "small"], []],
        }
    )
    assert texts_of(items) == ["Blue cup\nHolds tea.\nkitchen\ngift, small", ""]
    assert texts_of(items.select("id")) == ["", ""]


def test_items_with_texts_get_vectors_and_each_text_is_embedded_once(
    dataset: Dataset, embedded_texts: Texts, tmp_path: Path
):
    workspace, told = Workspace(tmp_path / "workspace"), []
    rows = given_rows(with_text_vectors(dataset, workspace, "cpu", told.append).items)
    assert rows is not None
    assert rows.shape == (3, 16)
    assert rows[0].sum() == 2  # two words
    assert np.isnan(rows[1]).all()
    np.testing.assert_array_equal(rows[2], rows[0])
    assert embedded_texts() == ["blue cup"]
    assert told == ["Embedding the text of 1 item with the model text model …"]
    again = given_rows(with_text_vectors(dataset, workspace, "cpu", told.append).items)
    np.testing.assert_array_equal(again, rows)
    assert embedded_texts() == ["blue cup"]


def test_a_changed_model_embeds_anew(dataset: Dataset, embedded_texts: Texts, tmp_path: Path, text_model: Path):
    workspace = Workspace(tmp_path / "workspace")
    with_text_vectors(dataset, workspace)
    (text_model / "model.safetensors").write_bytes(b"other weights")
    with_text_vectors(dataset, workspace)
    assert embedded_texts() == ["blue cup", "blue cup"]


def test_given_vectors_stand_beside_those_of_texts(dataset: Dataset, embedded_texts: Texts):
    """Where an item lacks one of the two, the mean of the other items stands for it; where both, it has none."""
    given = pl.Series([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], None], dtype=pl.Array(pl.Float32, 4))
    items = dataset.items.with_columns(given.alias("vector"))
    rows = given_rows(with_text_vectors(replace(dataset, items=items)).items)
    assert rows is not None
    assert rows.shape == (3, 20)
    np.testing.assert_array_equal(rows[:, 16:], [[1, 2, 3, 4], [5, 6, 7, 8], [3, 4, 5, 6]])
    np.testing.assert_array_equal(rows[1, :16], rows[0, :16])  # the mean of two that are the same
    no_vector = items.with_columns(pl.lit(None, pl.Array(pl.Float32, 4)).alias("vector"))
    rows = given_rows(with_text_vectors(replace(dataset, items=no_vector)).items)
    assert rows is not None
    assert np.isnan(rows[1]).all()
    assert np.isfinite(rows[[0, 2]]).all()


def test_nothing_is_loaded_where_no_model_is_named_or_no_item_has_a_text(dataset: Dataset, embedded_texts: Texts):
    plain = replace(dataset, mapping=Mapping())
    assert with_text_vectors(plain) is plain
    silent = replace(dataset, items=dataset.items.drop("title"))
    assert with_text_vectors(silent) is silent
    assert embedded_texts() == []


def test_stopped_between_batches_keeps_what_was_embedded(dataset: Dataset, embedded_texts: Texts, tmp_path: Path):
    count = 300
    items = pl.DataFrame({"id": [f"i{n}" for n in range(count)], "title": [f"number {n:03d}" for n in range(count)]})
    many = replace(dataset, items=items)
    workspace, asked = Workspace(tmp_path / "workspace"), iter((False, True))
    assert with_text_vectors(many, workspace, stopped=lambda: next(asked)) is many
    assert len(embedded_texts()) == 256
    assert "vector" in with_text_vectors(many, workspace).items.columns
    assert sorted(embedded_texts()) == items["title"].to_list()


def test_a_model_that_fails_is_told_in_one_sentence(
    dataset: Dataset, embedded_texts: Texts, text_model: Path, capfd: pytest.CaptureFixture[str]
):
    (text_model / "broken").touch()
    with pytest.raises(UserError, match=r"could not be used \(OSError: no such layer in line 2\)") as caught:
        with_text_vectors(dataset)
    assert caught.value.exit_code == ExitCode.FAILED
    assert capfd.readouterr().out == ""  # what the library prints is no data


def test_a_missing_extra_is_found_without_importing_it(text_model: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    check_can_embed(None)
    with pytest.raises(UserError, match=r"pip install 'recsys-tui\[text\]'") as caught:
        check_can_embed(text_model)
    assert caught.value.exit_code == ExitCode.USAGE
