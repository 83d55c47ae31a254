"""Names of clusters on disk: kept whole, private, tidy, and read whatever stands there."""

from __future__ import annotations

import json
import stat
import threading
from pathlib import Path

import pytest

from recsys_tui.store.cluster_names import LONGEST_NAME, ClusterNames, NamedCluster, tidy_name

WESTERNS = NamedCluster("Westerns", {"a": 0.5, "b": -1.25})


def test_names_are_kept_and_private(tmp_path: Path):
    names = ClusterNames(tmp_path)
    assert names.read() == ()
    assert names.change(lambda before: [*before, WESTERNS]) == (WESTERNS,)
    assert ClusterNames(tmp_path).read() == (WESTERNS,)
    path = tmp_path / "cluster_names.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not list(tmp_path.glob(".*partial"))


def test_nothing_is_written_where_nothing_changed(tmp_path: Path):
    names = ClusterNames(tmp_path)
    names.change(lambda before: before)
    assert not (tmp_path / "cluster_names.json").exists()


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"names": 5}', '{"names": [5, {"name": 7}, {"name": "x"}, {"name": " ", "signature": {}}]}'],
)
def test_what_cannot_be_read_is_passed_over(tmp_path: Path, content: str):
    (tmp_path / "cluster_names.json").write_text(content)
    names = ClusterNames(tmp_path)
    assert names.read() == ()
    assert names.change(lambda before: [*before, WESTERNS]) == (WESTERNS,)


def test_a_file_from_elsewhere_cannot_steer_the_terminal(tmp_path: Path):
    entry = {"name": "\x1b[31mred\x1b[0m\n" + "x" * 200, "signature": {"a": 1, "b": "no number"}}
    (tmp_path / "cluster_names.json").write_text(json.dumps({"names": [entry]}))
    (found,) = ClusterNames(tmp_path).read()
    assert found.name == ("red " + "x" * 200)[:LONGEST_NAME]
    assert found.signature == {"a": 1.0}


@pytest.mark.parametrize("number", ["1" + "0" * 400, "-1" + "0" * 400, "NaN", "Infinity", "1e999", "true"])
def test_what_is_no_figure_is_passed_over(tmp_path: Path, number: str):
    signature = f'{{"a": 0.5, "b": {number}}}'
    (tmp_path / "cluster_names.json").write_text(f'{{"names": [{{"name": "x", "signature": {signature}}}]}}')
    (found,) = ClusterNames(tmp_path).read()
    assert found.signature == {"a": 0.5}


def test_names_are_tidied():
    assert tidy_name("  Date \t nights &amp; co\n\x1b[1m\u202e ") == "Date nights & co"
    assert tidy_name(" \x07 ") == ""


def test_names_given_at_once_are_all_kept(tmp_path: Path):
    def give(number: int) -> None:
        ClusterNames(tmp_path).change(lambda before: [*before, NamedCluster(f"n{number}", {"a": float(number)})])

    threads = [threading.Thread(target=give, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {entry.name for entry in ClusterNames(tmp_path).read()} == {f"n{number}" for number in range(8)}
