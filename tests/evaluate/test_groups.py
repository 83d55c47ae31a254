"""The groups that results are told by, and the figures of each: by hand."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from recsys_tui.data.dataset import Mapping
from recsys_tui.data.load import load_dataset
from recsys_tui.evaluate.groups import Group, groups_of
from recsys_tui.evaluate.judge import Figures, Judge
from recsys_tui.evaluate.own_files import own_split
from recsys_tui.evaluate.protocols import split
from recsys_tui.evaluate.segments import segments_of
from recsys_tui.evaluate.taken_pairs import TakenPairs
from recsys_tui.output.crowd_gate import CrowdGate

TRAIN = "user,item\n" + "".join(f"{user},{item}\n" for user, items in {
    "ann": "abc", "bob": "ad", "cleo": "e", "dan": "abcde", "eve": "af",
}.items() for item in items)  # fmt: skip
TEST = "user,item\nann,d\nann,unheard\nbob,b\ncleo,a\ncleo,c\n"


def test_pairs_are_parted_by_person_and_by_item(tmp_path: Path):
    (tmp_path / "train.csv").write_text(TRAIN)
    (tmp_path / "test.csv").write_text(TEST)
    cut = own_split(load_dataset(tmp_path / "train.csv", Mapping(siblings=False)), tmp_path / "test.csv")
    judge = Judge(cut)
    wanted = list(cut.test.select("user", "item").iter_rows())
    found = {
        (group.by, group.name): (
            {"".join(wanted[place]) for place in np.flatnonzero(group.among)}, (group.least, group.most)
        )
        for group in groups_of(cut, judge)
        if group.by != "cluster"
    }  # fmt: skip
    everything = {"annd", "annunheard", "bobb", "cleoa", "cleoc"}
    assert found == {
        # Ann had three items, Bob two, Cleo one.
        ("activity", "light"): ({"cleoa", "cleoc"}, (1, 1)),
        ("activity", "middle"): ({"bobb"}, (2, 2)),
        ("activity", "heavy"): ({"annd", "annunheard"}, (3, 3)),
        ("new_people", "new_people"): (everything, (1, 3)),
        # Of the training a is with four people; b, c and d are with two each.
        ("popularity", "rare"): (everything - {"cleoa"}, (0, 2)),
        ("popularity", "popular"): ({"cleoa"}, (4, 4)),
        ("new_items", "new_items"): (everything, (0, 4)),
    }


def test_halves_in_time(tmp_path: Path):
    rows = [f"u{n % 60},i{(n * 7 + n // 60) % 23},{1_600_000_000 + n * 977}" for n in range(420)]
    (tmp_path / "events.csv").write_text("user,item,time\n" + "\n".join(rows) + "\n")
    cut = split(load_dataset(tmp_path / "events.csv", Mapping(siblings=False)), "last", seed=0)
    halves = {group.name: group.among for group in groups_of(cut, Judge(cut)) if group.by == "period"}
    # Everyone's last row is among the last sixty, a minute and more apart.
    assert sorted(halves) == ["early", "late"]
    assert halves["early"].sum() == halves["late"].sum() == 30
    times = cut.test["time"].to_numpy()
    assert times[halves["early"]].max() < times[halves["late"]].min()


def test_figures_of_a_group_and_silence_about_a_small_one():
    pairs = TakenPairs(12, np.arange(12), np.arange(12))
    ranks = {"good": np.array([[1] * 6 + [2] * 6]), "poor": np.array([[0] * 11 + [1]])}
    figures = {name: Figures({}, {}, 0, 0, 0, of) for name, of in ranks.items()}
    ten = np.arange(12) < 10
    told, silent = segments_of(
        [Group("activity", "light", ten, 1, 9), Group("activity", "heavy", ~ten, 10, 99)],
        pairs,
        figures,
        [("good", "poor")],
        seed=0,
        gate=CrowdGate(10),
    )
    mean = (6 * 1 + 4 / math.log2(3)) / 10
    assert told.people == 10
    assert told.means == {"good": pytest.approx(mean), "poor": 0}
    (difference,) = told.differences
    assert (difference.delta, difference.a) == (pytest.approx(mean), "good")
    assert 0 < difference.low < mean < difference.high
    assert (silent.means, silent.differences, silent.ci95, silent.least, silent.most) == ({}, (), {}, 0, 0)
    assert silent.told()["people"] is None
