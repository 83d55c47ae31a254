"""A role that no column is to play, whatever detection would find."""

from __future__ import annotations

from pathlib import Path

import pytest

from recsys_tui.data.dataset import Mapping, TimeKind
from recsys_tui.data.load import load_dataset
from recsys_tui.data.preview import preview


@pytest.fixture
def rated(tmp_path: Path) -> Path:
    path = tmp_path / "rated.csv"
    lines = [f"u{n % 7},i{n % 5},{n % 5 + 1},{1_600_000_000 + n},view" for n in range(60)]
    path.write_text("user,item,rating,timestamp,event\n" + "\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize(("role", "column"), [("rating", "rating"), ("time", "timestamp"), ("event", "event")])
def test_a_role_given_none_stays_empty_without_a_complaint(rated: Path, role: str, column: str):
    assert column in {choice.column for choice in load_dataset(rated).columns}
    dataset = load_dataset(rated, Mapping(**{role: "none"}))
    assert role not in {choice.role for choice in dataset.columns}
    assert role not in dataset.interactions.columns
    assert not {"column_unfit", "time_ignored"} & {finding.code for finding in dataset.findings}
    assert preview(rated, Mapping(**{role: "none"})).error is None


def test_without_names_contents_are_not_taken_for_it_either(tmp_path: Path):
    path = tmp_path / "bare.tsv"
    path.write_text("".join(f"{n % 5}\t{n % 7}\t{n % 5 + 1}\t{880_000_000 + n}\n" for n in range(50)))
    dataset = load_dataset(path, Mapping(rating="none", time="none"))
    assert not dataset.explicit
    assert dataset.time_kind is TimeKind.NONE


def test_a_column_of_that_name_is_a_column(tmp_path: Path):
    path = tmp_path / "named.csv"
    path.write_text("user,item,none\n" + "".join(f"u{n % 7},i{n % 5},{n % 5 + 1}\n" for n in range(60)))
    dataset = load_dataset(path, Mapping(rating="none"))
    assert {choice.role: choice.column for choice in dataset.columns}["rating"] == "none"
