"""Lists held against what people took: figures worked out by hand."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from recsys_tui.data.dataset import Mapping
from recsys_tui.data.load import load_dataset
from recsys_tui.evaluate.judge import Judge
from recsys_tui.evaluate.own_files import own_split
from recsys_tui.evaluate.protocols import Split
from recsys_tui.output.crowd_gate import CrowdGate

TRAIN = "user,item\n" + "".join(f"{user},{item}\n" for user, items in {
    "ann": "abc", "bob": "ad", "cleo": "e", "dan": "abcde", "eve": "af",
}.items() for item in items)  # fmt: skip
# Ann wants d and an item that nobody else knows; Bob b; Cleo a and c; of Dan nothing is held out; Zoe was never seen.
TEST = "user,item\nann,d\nann,unheard\nbob,b\ncleo,a\ncleo,c\nzoe,a\n"


@pytest.fixture
def cut(tmp_path: Path) -> Split:
    (tmp_path / "train.csv").write_text(TRAIN)
    (tmp_path / "test.csv").write_text(TEST)
    return own_split(load_dataset(tmp_path / "train.csv", Mapping(siblings=False)), tmp_path / "test.csv")


def lists(**of: str) -> pl.DataFrame:
    rows = [(user, item, rank) for user, items in of.items() for rank, item in enumerate(items.split(), start=1)]
    return pl.DataFrame(rows, schema={"user": pl.String, "item": pl.String, "rank": pl.UInt32}, orient="row")


def test_figures_of_three_people(cut: Split):
    assert cut.people == 3
    assert any("1 person" in note for note in cut.notes)
    # Ann finds d at rank 2 (e is no hit), Bob is shown a, which he has, and b at rank 3; Cleo has no list.
    figures = Judge(cut).figures(lists(ann="e d", bob="a c b", dan="f"))
    means = figures.means
    assert means["hr@10"] == pytest.approx(2 / 3)
    assert means["recall@10"] == pytest.approx((1 / 2 + 1 + 0) / 3)
    assert means["precision@10"] == pytest.approx((0.1 + 0.1 + 0) / 3)
    ann = (1 / math.log2(3)) / (1 + 1 / math.log2(3))
    assert means["ndcg@10"] == pytest.approx((ann + 1 / math.log2(4) + 0) / 3)
    assert means["mrr@20"] == pytest.approx((1 / 2 + 1 / 3 + 0) / 3)
    assert means["map@10"] == pytest.approx((1 / 2 / 2 + 1 / 3 + 0) / 3)
    # Shown to those asked about: e d a c b, of the six items of the training; Dan's list is not asked for.
    assert means["coverage@10"] == pytest.approx(5 / 6)
    assert means["novelty@10"] == 0  # of five people, any who have an item count as all of them
    assert means["diversity@10"] is None
    assert (figures.without_list, figures.seen_shown, figures.repeated) == (1, 1, 0)
    assert figures.told_faults(CrowdGate(10)) == (None, None, 0)  # Cleo's, and Bob's


def test_how_few_have_an_item_is_not_told_by_how_new_it_is(tmp_path: Path):
    """Of forty people twenty have a, ten b, nine c and one d, whom nobody may tell from the ten."""
    having = {"a": 20, "b": 10, "c": 9, "d": 1}
    rows = [(person, item) for item, count in having.items() for person in range(count)]
    rows += [(person, "e") for person in range(40)]
    (tmp_path / "train.csv").write_text("user,item\n" + "".join(f"p{person},{item}\n" for person, item in rows))
    (tmp_path / "test.csv").write_text("user,item\n" + "".join(f"p{person},a\n" for person in range(20, 40)))
    cut = own_split(load_dataset(tmp_path / "train.csv", Mapping(siblings=False)), tmp_path / "test.csv")
    judge = Judge(cut)

    def told(item: str) -> dict[str, float | None]:
        means = judge.figures(lists(**{f"p{person}": item for person in range(20, 40)})).means
        return {name: means[name] for name in ("novelty@10", "popularity_lift@10")}

    assert told("a")["novelty@10"] == pytest.approx(1)
    assert told("b")["novelty@10"] == pytest.approx(2)
    assert told("b") == told("c") == told("d")
    # Beside what few people had before, lists that somebody brings are not held against it: it would be theirs.
    nine, ten = ({f"p{person}": "b" for person in range(20, 20 + count)} for count in (9, 10))
    assert judge.figures(lists(**nine)).means["popularity_lift@10"] is None
    assert judge.figures(lists(**ten)).means["popularity_lift@10"] is not None


@pytest.mark.parametrize("listed", [1, 9, 10, 20])
def test_lists_that_somebody_brings_for_a_few_show_nothing(tmp_path: Path, listed: int):
    rows = [f"p{person},{item}\n" for person in range(20) for item in "ab"]
    (tmp_path / "train.csv").write_text("user,item\n" + "".join(rows))
    (tmp_path / "test.csv").write_text("user,item\n" + "".join(f"p{person},c\n" for person in range(20)))
    cut = own_split(load_dataset(tmp_path / "train.csv", Mapping(siblings=False)), tmp_path / "test.csv")
    figures = Judge(cut).figures(lists(**{f"p{person}": "a c" for person in range(listed)})).of_crowds(CrowdGate(10))
    told = [figures.means[f"{name}@10"] is not None for name in ("coverage", "novelty", "gini")]
    assert told == [listed >= 10] * 3
    assert figures.told_faults(CrowdGate(10)) == ((20 - listed, listed, 0) if listed >= 10 else (None, None, None))


def test_own_lists_that_differ_by_a_person_do_not_tell_what_that_one_has(tmp_path: Path):
    """Neither whether they have what they are shown, nor how well that fits what they have."""
    rows = [f"p{person},{'ab'[person % 2]}\n" for person in range(40)]
    (tmp_path / "train.csv").write_text("user,item\n" + "".join(rows) + "p0,b\n")
    (tmp_path / "items.csv").write_text("item,category\na,red\nb,blue\nc,red\nd,blue\n")
    (tmp_path / "test.csv").write_text("user,item\n" + "".join(f"p{person},e\n" for person in range(40)))
    train = load_dataset(tmp_path / "train.csv", Mapping(items=tmp_path / "items.csv", siblings=False))
    judge, gate = Judge(own_split(train, tmp_path / "test.csv")), CrowdGate(10)
    shown = {f"p{person}": "a" if person < 28 else "d" for person in range(40)}

    def told(first: str) -> tuple[int, int | None, float | None]:
        figures = judge.figures(lists(**{**shown, "p1": first}))
        return figures.seen_shown, figures.told_faults(gate)[1], figures.means["miscalibration@10"]

    (exact, seen, apart), (other, also, nearer) = told("a"), told("b")
    assert (exact, seen, other, also) == (14, 20, 15, 20)
    # What is all of one kind is ln 100 away from the other, which is at most one of eight a unit; p0 has both kinds.
    assert math.log(100) / 40 <= 1 / 8
    assert apart is not None
    assert nearer is not None
    assert apart * 8 == round(apart * 8)
    assert nearer * 8 == round(nearer * 8)


@pytest.mark.parametrize("few", range(1, 10))
def test_what_lists_are_like_does_not_tell_how_few_had_what_the_others_are_shown(tmp_path: Path, few: int):
    """Popular lists of thirty people leave out what each has: how new, even and diverse these are counts those."""
    rows = [f"l{person},{item}\n" for person in range(40) for item in "ab"]
    rows += [f"p{person},{item}\n" for person in range(30) for item in ("xa" if person < few else "x")]
    rows += [f"m{person},c\n" for person in range(20)]
    (tmp_path / "train.csv").write_text("user,item\n" + "".join(rows))
    (tmp_path / "items.csv").write_text("item,title\na,red\nb,red\nc,blue\nx,grey\n")
    (tmp_path / "test.csv").write_text("user,item\n" + "".join(f"p{person},y\n" for person in range(30)))
    train = load_dataset(tmp_path / "train.csv", Mapping(items=tmp_path / "items.csv", siblings=False))
    shown = {f"p{person}": "b c" if person < few else "a b" for person in range(30)}
    means = Judge(own_split(train, tmp_path / "test.csv")).figures(lists(**shown)).means
    for name, step in (("novelty", 1 / 4), ("gini", 1 / 16), ("diversity", 1 / 16)):  # of 6.5 bits and of 1 by thirty
        told = means[f"{name}@10"]
        assert told is not None
        assert told / step == round(told / step), name


def test_items_that_nobody_knows_are_shown_but_never_found(cut: Split):
    figures = Judge(cut).figures(lists(ann="x y unheard d", bob="x x b", cleo="y"))
    assert figures.means["hr@10"] == pytest.approx(2 / 3)
    # It is wanted, and shown at rank 3; being in no training row does not make it a miss.
    assert figures.scores["mrr@10"].tolist() == pytest.approx([1 / 3, 1 / 3, 0])
    assert figures.repeated == 1
    assert figures.means["coverage@10"] == pytest.approx(5 / 6)


def test_ranks_count_and_the_order_of_rows_does_not(cut: Split):
    judge, table = Judge(cut), lists(ann="e d", bob="c b", cleo="a b")
    straight = judge.figures(table).means
    turned = judge.figures(table.sample(fraction=1.0, shuffle=True, seed=4)).means
    assert straight == turned


@pytest.mark.parametrize("each", [4, 5])
def test_content_gives_diversity_where_enough_people_have_two_items(tmp_path: Path, each: int):
    words = {"a": "red", "b": "red", "c": "blue", "d": "blue", "e": "red", "f": "blue"}
    (tmp_path / "items.csv").write_text("item,title\n" + "".join(f"{item},{text}\n" for item, text in words.items()))
    people = [f"{name}{number}" for name in ("ann", "bob", "cleo") for number in range(each)]
    (tmp_path / "train.csv").write_text("user,item\n" + "".join(f"{who},{item}\n" for who in people for item in "af"))
    (tmp_path / "test.csv").write_text("user,item\n" + "".join(f"{who},d\n" for who in people))
    train = load_dataset(tmp_path / "train.csv", Mapping(items=tmp_path / "items.csv", siblings=False))
    cut = own_split(train, tmp_path / "test.csv")
    # The two items of an Ann have the same word, those of a Bob have none in common, a Cleo's list has no pair.
    shown = {"ann": "e b", "bob": "c b", "cleo": "a"}
    figures = Judge(cut).figures(lists(**{who: shown[who.rstrip("01234")] for who in people}))
    told = figures.means["diversity@10"]
    assert told == (None if each == 4 else pytest.approx((0 + 1) / 2, abs=1e-5))


def test_spread_over_the_catalogue(cut: Split):
    judge = Judge(cut)
    even = judge.figures(lists(ann="a b", bob="c d", cleo="e f")).means["gini@10"]
    one = judge.figures(lists(ann="a", bob="a", cleo="a")).means["gini@10"]
    # The catalogue has the six items of the training and the one that only the test knows: of the places, which are
    # (2j - 8) / 6 for the j-th of seven items in rising order, the six that are shown take a sixth each. It is told in
    # halves, as one of three people can change it by a third.
    assert even == pytest.approx(sum((2 * j - 8) / 6 for j in range(2, 8)) / 6, abs=0.25)
    assert one == pytest.approx(1.0)
    assert np.isfinite([even, one]).all()
