"""The accuracy benchmark cuts as it says, drives the real commands, keeps what is finished, and fills the README."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from recsys_tui.data.load import load_dataset
from recsys_tui.evaluate.judge import Judge
from recsys_tui.evaluate.own_files import read_lists
from recsys_tui.evaluate.protocols import split
from recsys_tui.training.job import PRESETS
from tests.bench import quality, quality_cells
from tests.bench.quality_cells import Key, Results, figures_of
from tests.bench.quality_cut import cut_pairs, write_cut
from tests.bench.quality_table import table_of

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
PEOPLE = 30

# Ann takes a twice, and c and b at one moment, of which b stands later in the file; Bob has two pairs only.
EVENTS = """user,item,timestamp
ann,a,1000000000
bob,c,1000000050
ann,c,1000000400
cleo,a,1000000010
ann,b,1000000400
ann,a,1000000500
bob,a,1000000060
cleo,b,1000000020
cleo,d,1000000300
dan,d,1000000100
dan,a,1000000200
"""


def write_walks(folder: Path) -> None:
    """People who walk through thirty films in a circle, each from a place of their own."""
    folder.mkdir()
    random = np.random.default_rng(0)
    rows = ["userId,movieId,rating,timestamp"]
    for person in range(PEOPLE):
        start = int(random.integers(30))
        rows += [
            f"{person + 1},{(start + step) % 30 + 1},4,{1_000_000_000 + person * 900 + step * 86_400}"
            for step in range(7)
        ]
    (folder / "ratings.csv").write_text("\n".join(rows))
    titles = [f"{item + 1},Film number {item + 1},{'Drama|Crime' if item % 2 else 'Comedy'}" for item in range(30)]
    (folder / "movies.csv").write_text("\n".join(["movieId,title,genres", *titles]))


def test_the_newest_pair_is_hidden_and_ties_go_by_rows(tmp_path: Path):
    (tmp_path / "events.csv").write_text(EVENTS)
    train, test = cut_pairs(load_dataset(tmp_path / "events.csv"), "last")
    assert sorted(test.rows()) == [("ann", "b"), ("cleo", "d")]
    learned = ["ann a", "bob c", "ann c", "cleo a", "bob a", "cleo b", "dan d", "dan a"]
    assert [f"{user} {item}" for user, item in train.select("user", "item").rows()] == learned
    assert train["timestamp"].to_list()[:2] == [1_000_000_000, 1_000_000_050]


def test_the_newest_tenth_is_hidden(tmp_path: Path):
    (tmp_path / "events.csv").write_text(EVENTS)
    train, test = cut_pairs(load_dataset(tmp_path / "events.csv"), "temporal")
    # Ten pairs: nine are learned from; of the two of the last moment the one of the later row is hidden.
    assert test.rows() == [("ann", "b")]
    assert train.height == 9
    assert ("ann", "c", 1_000_000_400) in train.rows()


@pytest.mark.parametrize("protocol", ["last", "temporal"])
def test_the_files_hold_what_evaluate_holds_out(protocol: str, tmp_path: Path):
    """Without repeated pairs and ties the cut is that of ``recsys evaluate``."""
    write_walks(tmp_path / "walks")
    dataset = load_dataset(tmp_path / "walks")
    (tmp_path / "cut").mkdir()
    files = write_cut(dataset, protocol, tmp_path / "cut")
    cut, expected = files.as_split(), split(dataset, protocol, 0)
    assert cut.protocol == protocol
    assert cut.train.interaction_count == expected.train.interaction_count
    known = expected.test.select("user", "item").join(
        pl.DataFrame({"user": expected.train.users["id"]}), on="user", how="semi"
    )
    assert sorted(cut.test.select("user", "item").rows()) == sorted(known.rows())
    assert files.items is not None
    assert files.items.read_text().splitlines()[:3] == [
        "item,title,genres",
        "1,Film number 1,Comedy",
        "2,Film number 2,Drama|Crime",
    ]


def test_lists_are_judged_as_by_hand(tmp_path: Path):
    (tmp_path / "events.csv").write_text(EVENTS)
    files = write_cut(load_dataset(tmp_path / "events.csv"), "last", tmp_path)
    assert files.items is None
    lists = tmp_path / "lists.csv"
    # Ann's b stands third; c, which she has, is a miss. Cleo's list has no d. Of Bob and Dan nothing is hidden.
    lists.write_text("user,item,rank\nann,c,1\nann,d,2\nann,b,3\ncleo,c,1\nbob,d,1\n")
    cut = files.as_split()
    figures = figures_of(Judge(cut).figures(read_lists(lists, cut)).scores)
    ann = 1 / math.log2(4)
    assert figures["ndcg@10"] == pytest.approx(ann / 2, abs=1e-8)
    assert (figures["hr@10"], figures["recall@20"], figures["people"]) == (0.5, 0.5, 2)
    # Two values x and 0: their standard deviation is x / √2, the standard error of the mean x / 2.
    assert figures["se"] == pytest.approx(ann / 2, abs=1e-8)


def test_the_commands_and_classics_are_measured_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    write_walks(tmp_path / "walks")
    out = tmp_path / "results" / "quality.json"
    options = ["--datasets", "walks", "--presets", "quick", "--seeds", "0", "--classics", "popular", "--out", str(out)]
    assert quality.main(options, tmp_path) == 0
    cells = {cell["model"]: cell for cell in json.loads(out.read_text())}
    ours, popular = cells["quick"], cells["popular"]
    assert ours["people"] == popular["people"] == PEOPLE
    assert ours["hr@10"] > 0.8  # ten of the 24 films that a person has not seen, at random: 0.42
    assert ours["ndcg@10"] > popular["ndcg@10"]
    assert ours["cpu_s"] > 0
    assert 50 < ours["peak_mb"] < 4000
    assert ours["served"]
    assert 0 < popular["se"] <= 0.5 / math.sqrt(PEOPLE - 1)  # of values between 0 and 1

    def never(*_: object) -> None:
        raise RuntimeError("measured again")

    monkeypatch.setattr(quality, "commands_figures", never)
    monkeypatch.setattr(quality, "classic_figures", never)
    assert quality.main(options, tmp_path) == 0
    monkeypatch.setattr(quality_cells, "code_digest", lambda _rooms: "another")
    assert quality.main([*options, "--any-code"], tmp_path) == 0
    capsys.readouterr()
    assert quality.main(options, tmp_path) == 1
    assert capsys.readouterr().out.count("measured again") == 2
    assert {cell["model"]: cell for cell in json.loads(out.read_text())} == cells


def test_a_command_that_fails_says_why(tmp_path: Path):
    with pytest.raises(RuntimeError, match=r"recsys train: .*nowhere"):
        quality_cells.run_recsys(["train", str(tmp_path / "nowhere.csv")], tmp_path)


def test_data_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert quality.main(["--datasets", "nowhere", "--out", str(tmp_path / "quality.json")], tmp_path) == 1
    assert "✗ nowhere last: " in capsys.readouterr().out


def test_what_is_not_named_is_as_planned():
    plan = quality.planned([], [], [])
    assert {key: tuple(presets) for key, presets in plan.items()} == quality.PLAN
    assert quality.planned(["ml-1m"], ["last"], []) == {("ml-1m", "last"): ["standard", "quick"]}
    assert quality.planned(["other"], [], []) == {("other", "last"): ["standard"]}
    assert quality.planned(["ml-100k"], ["temporal"], ["full"]) == {("ml-100k", "temporal"): ["full"]}


def test_the_table_averages_seeds_and_names_the_best_classic(tmp_path: Path):
    results = Results(tmp_path / "quality.json")

    def add(protocol: str, model: str, seed: int, ndcg: float, **more: float) -> None:
        figures = {"ndcg@10": ndcg, "hr@10": 0.3, "recall@20": 0.5, "se": 0.01 + 0.002 * seed, "people": 9}
        results.add(Key("walks", protocol, model, seed), figures | more)

    add("last", "standard", 0, 0.1, cpu_s=10, peak_mb=100)
    add("last", "standard", 1, 0.2, cpu_s=14, peak_mb=102)
    add("last", "ease", 0, 0.09)
    add("last", "popular", 0, 0.02)
    add("temporal", "ease", 0, 0.3)
    add("temporal", "quick", 0, 0.4, cpu_s=5, peak_mb=90)
    rows = table_of(Results(tmp_path / "quality.json").cells).splitlines()
    assert rows[1].count("|") == rows[0].count("|")
    assert rows[2:] == [
        "| walks | last | standard | 2 | 0.1500 ± 0.0110 | 0.3000 | 0.5000 | ease 0.0900 ± 0.0100 | 12 | 101 |",
        "| walks | temporal | quick | 1 | 0.4000 ± 0.0100 | 0.3000 | 0.5000 | ease 0.3000 ± 0.0100 | 5 | 90 |",
    ]


def test_the_readme_holds_the_table_of_the_committed_results(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    cells = json.loads(quality.RESULTS.read_text(encoding="utf-8"))
    assert quality.main(["--table"], tmp_path) == 0
    table = capsys.readouterr().out
    assert table in README
    rows = [row.strip("| ").split(" | ") for row in table.splitlines()[2:]]
    ours = [(cell["dataset"], cell["protocol"], cell["model"]) for cell in cells if cell["model"] in PRESETS]
    assert {tuple(row[:3]) for row in rows} == set(ours)
    assert len(rows) == len(set(ours))
    assert sum(int(row[3]) for row in rows) == len(ours)
    start = README.index(table)
    assert not README[start + len(table) :].startswith("|"), "rows that are in no result"
