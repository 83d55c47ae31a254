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
            {"".join(wanted[place]) for place in np.flatnonzero(group.among)}, group.ends(judge.pairs.owners, 1)
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
        # Of the training a is with four people; b, c and d are with two each: so few are told as ten, of five as all.
        ("popularity", "rare"): (everything - {"cleoa"}, (0, 5)),
        ("popularity", "popular"): ({"cleoa"}, (5, 5)),
        ("new_items", "new_items"): (everything, (0, 0)),
    }


@pytest.mark.parametrize("few", [1, 3, 9])
def test_how_few_had_what_many_took_last_is_not_told(tmp_path: Path, few: int):
    """Half of all people took one item last; only a few had taken it before."""
    common = [f"u{n},i{(n + k) % 12},{1_600_000_000 + 86_400 * k}" for n in range(100) for k in range(8)]
    early = [f"u{n},rare,{1_600_000_000 + 86_400 * 3 + 60}" for n in range(few)]
    late = [f"u{n},rare,{1_600_000_000 + 86_400 * 30}" for n in range(50, 100)]
    (tmp_path / "events.csv").write_text("user,item,time\n" + "\n".join([*common, *early, *late]) + "\n")
    cut = split(load_dataset(tmp_path / "events.csv"), "last", seed=0)
    judge = Judge(cut)
    groups = {group.name: group for group in groups_of(cut, judge)}
    assert judge.people_having(judge.pairs.items[groups["rare"].among]).tolist() == [few] * 50
    assert groups["rare"].ends(judge.pairs.owners, 10) == (10, 10)
    assert "new_items" not in groups or groups["new_items"].ends(judge.pairs.owners, 10) == (0, 0)
    having = judge.people_having(judge.pairs.items)
    assert judge.popularity_taken() == pytest.approx(np.maximum(10, having) / 100)


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
    pairs = TakenPairs(20, np.arange(20), np.arange(20))
    ranks = {"good": np.array([[1] * 6 + [2] * 14]), "poor": np.array([[0] * 19 + [1]])}
    figures = {name: Figures({}, {}, 0, 0, 0, of) for name, of in ranks.items()}
    ten, two = np.arange(20) < 10, np.arange(20) >= 18
    told, silent, _ = segments_of(
        [
            Group("popularity", "rare", ten, np.arange(20)),
            Group("popularity", "popular", two, np.arange(20)),
            Group("popularity", "between", ~ten & ~two, np.arange(20)),  # eight, so that ten are not told of
        ],
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


@pytest.mark.parametrize("by", ["activity", "popularity", "period"])
@pytest.mark.parametrize("sizes", [(12, 15, 4), (30, 9, 9), (10, 11, 12), (4, 4, 60), (25, 3, 11), (9, 1, 40)])
def test_no_small_group_can_be_worked_out_from_the_others_and_the_whole(sizes: tuple[int, ...], by: str):
    whose = np.repeat(np.arange(len(sizes)), sizes)
    pairs = TakenPairs(len(whose), np.arange(len(whose)), np.arange(len(whose)))
    figures = {"good": Figures({}, {}, 0, 0, 0, np.random.default_rng(0).integers(0, 12, (1, len(whose))))}
    groups = [Group(by, name, whose == place) for place, name in enumerate(("light", "middle", "heavy"))]
    told = segments_of(groups, pairs, figures, [], seed=0, gate=CrowdGate(10))
    shown = [size for size, segment in zip(sizes, told, strict=True) if segment.means]
    assert all(size >= 10 for size in shown)
    assert not 0 < sum(sizes) - sum(shown) < 10
    assert all((segment.people == 0) == (not segment.means) for segment in told)
    if min(sizes) >= 10 or sum(sizes) - max(sizes) >= 10:
        assert shown  # no more is kept back than has to be


def test_the_ends_of_a_group_are_those_that_enough_people_reach():
    """Person i has pairs of the values i and 10 · i, the last of them of no group."""
    owners, values = np.repeat(np.arange(13), 2), np.array([[n, 10 * n] for n in range(13)]).ravel()
    group = Group("popularity", "rare", np.arange(26) < 24, values)
    # 0 to 4 are five people's least; 110 down to 70 five people's most.
    assert group.ends(owners, 5) == (4, 70)
    assert group.ends(owners, 1) == (0, 110)
    assert group.ends(owners, 13) == (0, 0)
    assert Group("cluster", "cluster", np.arange(26) < 24).ends(owners, 1) == (0, 0)


def test_those_who_are_not_new_are_a_group_too():
    new = np.arange(30) < 25
    pairs = TakenPairs(30, np.arange(30), np.arange(30))
    figures = {"good": Figures({}, {}, 0, 0, 0, np.ones((1, 30), np.int64))}
    (told,) = segments_of([Group("new_people", "new_people", new)], pairs, figures, [], seed=0, gate=CrowdGate(10))
    assert not told.means  # the other five could be worked out


def test_one_person_who_is_in_one_group_and_not_in_another_cannot_be_worked_out():
    """Of two groups that hold the same people but for one, by different things, the later is kept back."""
    pairs = TakenPairs(40, np.arange(40), np.arange(40))
    figures = {"good": Figures({}, {}, 0, 0, 0, np.ones((1, 40), np.int64))}
    light, new, rest = (Group(by, by, np.arange(40) < count) for by, count in (
        ("activity", 20), ("new_people", 21), ("new_items", 30)))  # fmt: skip
    told = segments_of([light, new, rest], pairs, figures, [], seed=0, gate=CrowdGate(10))
    assert [bool(segment.means) for segment in told] == [True, False, True]
    turned = Group("cluster", "cluster", np.arange(40) >= 19)  # with the first they are all, but one is in both
    told = segments_of([light, turned], pairs, figures, [], seed=0, gate=CrowdGate(10))
    assert [bool(segment.means) for segment in told] == [True, False]


def test_one_person_who_took_of_all_groups_cannot_be_worked_out():
    """All told groups together are everybody, but count that person twice."""
    owners = np.append(np.arange(40), 39)
    pairs = TakenPairs(40, owners, np.arange(41))
    figures = {"good": Figures({}, {}, 0, 0, 0, np.ones((1, 41), np.int64))}
    rare = np.arange(41) % 2 == 0
    told = segments_of(
        [Group("popularity", "rare", rare), Group("popularity", "popular", ~rare)],
        pairs, figures, [], seed=0, gate=CrowdGate(10),
    )  # fmt: skip
    assert [bool(segment.means) for segment in told] == [True, False]


@pytest.mark.parametrize("values", [
    list(range(10)), list(range(15)), list(range(18)), list(range(19)), list(range(40)), [3] * 10, [3] * 12 + [9],
    [3] * 9 + [4] * 10, [1] * 5 + [7] * 14, [0] * 10 + list(range(20, 29)),
])  # fmt: skip
def test_no_end_of_a_group_is_of_a_few_people_or_past_the_other(values: list[int]):
    """One pair a person: ten people and more lie on each side of each end that is told."""
    known = np.array(values)
    whole = np.ones(len(known), np.bool_)
    low, high = Group("activity", "heavy", whole, known).ends(np.arange(len(known)), 10)
    if (low, high) != (0, 0):
        assert low <= high
        for end in (low, high):
            assert (known <= end).sum() >= 10
            assert (known >= end).sum() >= 10
    told = {10: False, 15: False, 18: False, 19: True, 40: True}
    if values == list(range(len(values))):
        assert ((low, high) != (0, 0)) == told[len(values)]
    if values == [3] * 10:
        assert (low, high) == (3, 3)


def test_an_end_is_of_a_few_where_people_have_several_values_too():
    """Ten people: the most of their least is of one of them, though it is not above the least of their most."""
    owners, values = np.repeat(np.arange(10), 2), np.array([[n, 50 + n] for n in range(10)]).ravel()
    assert Group("popularity", "rare", np.ones(20, np.bool_), values).ends(owners, 10) == (0, 0)
