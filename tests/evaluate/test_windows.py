"""Time windows one after another: what each may know and is asked, and how they are pooled, person by person."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
import polars as pl
import pytest

from recsys_tui.data.dataset import Dataset, Mapping
from recsys_tui.data.histories import Histories
from recsys_tui.data.load import load_dataset
from recsys_tui.evaluate.comparison import compare
from recsys_tui.evaluate.list_making import people_asked
from recsys_tui.evaluate.protocols import split, window_splits
from recsys_tui.evaluate.rating_errors import rating_errors
from recsys_tui.evaluate.reporting.tables import window_table
from recsys_tui.evaluate.split_folder import read_split, write_split
from recsys_tui.evaluate.windows import pooled
from recsys_tui.models.contract import Expert
from recsys_tui.output.errors import ExitCode, UserError


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """600 events a day apart; 40 people take turns, and nobody takes an item twice."""
    rows = [f"u{n % 40},i{(n * 7 + n // 40) % 97},{1_600_000_000 + n * 86_400}" for n in range(600)]
    (tmp_path / "events.csv").write_text("user,item,time\n" + "\n".join(rows) + "\n")
    return load_dataset(tmp_path / "events.csv", Mapping(siblings=False))


def test_each_window_knows_what_came_before_and_is_asked_about_a_tenth(dataset: Dataset):
    cuts = window_splits(dataset)
    assert [cut.test.height for cut in cuts] == [60, 60, 60]
    assert [cut.train.interaction_count for cut in cuts] == [420, 480, 540]
    for cut in cuts:
        assert cut.train.interactions["time"].to_numpy().max() < cut.test["time"].to_numpy().min()
    assert len({pair for cut in cuts for pair in cut.test.select("user", "item").iter_rows()}) == 180


@pytest.mark.parametrize(("both", "told"), [(0, 3), (1, 2), (9, 2), (10, 3), (20, 3)])
def test_windows_and_the_whole_do_not_tell_of_a_few_who_are_in_several(tmp_path: Path, both: int, told: int):
    """Twenty people are asked about in each of three windows; ``both`` are in the first and in the second."""
    people = [n % 60 for n in range(140)] + [*range(20), *range(20 - both, 40 - both), *range(40, 60)]
    rows = [f"u{who},i{n // 60 if n < 140 else n},{1_600_000_000 + n * 86_400}" for n, who in enumerate(people)]
    (tmp_path / "events.csv").write_text("user,item,time\n" + "\n".join(rows) + "\n")
    found = []
    for number, cut in enumerate(window_splits(load_dataset(tmp_path / "events.csv", Mapping(siblings=False)))):
        lists = pl.DataFrame({"user": cut.test["user"], "item": "i0", "rank": 1})
        shared = tmp_path / str(number)
        shared.mkdir()
        found.append(compare(cut, [], {"mine": lists}, shared, lambda *_: None))
    together = pooled(found)
    assert [each.split.people for each in found] == [20, 20, 20]
    assert together.split.people == 60 - both
    document = together.to_json()
    assert [window["users"] for window in document["windows"]] == [20] * told
    assert any("kept back" in note for note in together.split.notes) is (told < 3)


@pytest.mark.parametrize("both", [1, 9])
def test_the_newest_window_which_a_cut_in_time_tells_of_too_is_not_the_one_kept_back(tmp_path: Path, both: int):
    """``both`` people are in the first and in the second window; the newest, of fewer people, is another output's."""
    newest = [*range(40, 55), *range(40, 45)]
    people = [n % 60 for n in range(140)] + [*range(20), *range(20 - both, 40 - both), *newest]
    rows = [f"u{who},i{n // 60 if n < 140 else n},{1_600_000_000 + n * 86_400}" for n, who in enumerate(people)]
    (tmp_path / "events.csv").write_text("user,item,time\n" + "\n".join(rows) + "\n")
    dataset = load_dataset(tmp_path / "events.csv", Mapping(siblings=False))
    found = []
    for number, cut in enumerate(window_splits(dataset)):
        lists = pl.DataFrame({"user": cut.test["user"], "item": "i0", "rank": 1})
        shared = tmp_path / str(number)
        shared.mkdir()
        found.append(compare(cut, [], {"mine": lists}, shared, lambda *_: None))
    assert split(dataset, "temporal", seed=0).people == found[-1].split.people == 15
    windows = pooled(found).to_json()["windows"]
    assert [window["users"] for window in windows] == [20, 15]


@pytest.mark.parametrize("before", [1, 3, 5])
def test_the_newest_window_is_that_of_a_cut_in_time(tmp_path: Path, before: int):
    """Six things that one person took at one moment lie on the cut, ``before`` of them before it."""
    moments = [*range(180 - before), *[180 - before] * 6, *range(186 - before, 200)]
    people = [60 if times == 180 - before else n % 60 for n, times in enumerate(moments)]
    people[:3] = [60] * 3
    rows = [
        f"u{who},i{n},{1_600_000_000 + day * 86_400}" for n, (who, day) in enumerate(zip(people, moments, strict=True))
    ]
    (tmp_path / "events.csv").write_text("user,item,time\n" + "\n".join(rows) + "\n")
    dataset = load_dataset(tmp_path / "events.csv", Mapping(siblings=False))
    newest, cut = window_splits(dataset)[-1], split(dataset, "temporal", seed=0)
    assert newest.test.equals(cut.test)
    assert newest.train.interactions.equals(cut.train.interactions)


class Threes:
    """Expects a rating of three of everything."""

    def expected_ratings(self, histories: Histories) -> np.ndarray:
        return np.full((len(histories), histories.item_count), 3.0, np.float32)


@pytest.mark.parametrize(("newcomers", "each", "told"), [(0, 0, 20), (1, 3, 12), (3, 2, 12), (10, 1, 10)])
def test_how_many_held_out_pairs_are_asked_about_beside_the_tenth_that_is_held_out(
    tmp_path: Path, newcomers: int, each: int, told: int
):
    """A tenth of two hundred pairs is held out, and asked about are those of twelve people who had done something
    before: the rest would be what a few who came after did. In whole tens, where that is not fewer than people."""
    late = [f"n{number % newcomers}" for number in range(newcomers * each)]
    people = [f"u{n % 30}" for n in range(180)] + late + [f"u{n % 12}" for n in range(20 - len(late))]
    rows = [f"{who},i{(7 * n) % 101},{1 + n % 5},{1_600_000_000 + n * 86_400}" for n, who in enumerate(people)]
    (tmp_path / "events.csv").write_text("user,item,rating,time\n" + "\n".join(rows) + "\n")
    dataset = load_dataset(tmp_path / "events.csv", Mapping(siblings=False))
    for cut in (split(dataset, "temporal", seed=0), window_splits(dataset)[-1]):
        lists = pl.DataFrame({"user": cut.test["user"], "item": "i0", "rank": 1})
        write_split(cut, tmp_path)
        read = read_split(tmp_path)
        errors = rating_errors(cast(Expert, Threes()), read, people_asked(read.asked))
        document = compare(cut, [], {"mine": lists}, tmp_path, lambda *_: None).to_json()
        assert cut.test.height == 20 - len(late)
        assert document["test_interactions"] == errors["count"] == told


def test_without_dates_there_are_no_windows(tmp_path: Path):
    (tmp_path / "plain.csv").write_text("user,item\n" + "\n".join(f"u{n % 20},i{n % 23}" for n in range(200)) + "\n")
    with pytest.raises(UserError) as refused:
        window_splits(load_dataset(tmp_path / "plain.csv", Mapping(siblings=False)))
    assert refused.value.exit_code == ExitCode.USAGE


def test_everybody_counts_once_with_the_mean_over_their_windows(dataset: Dataset, tmp_path: Path):
    found = []
    scores: dict[str, list[float]] = {}
    for number, cut in enumerate(window_splits(dataset)):
        people = cut.test["user"].unique().sort().to_list()
        wanted = dict(cut.test.select("user", "item").reverse().iter_rows())
        # In the first window every third person is shown what they took, then every second, then all.
        lucky = people[:: 3 - number]
        lists = pl.DataFrame({"user": lucky, "item": [wanted[user] for user in lucky], "rank": [1] * len(lucky)})
        for user in people:
            scores.setdefault(user, []).append(float(user in lucky))
        shared = tmp_path / str(number)
        shared.mkdir()
        found.append(compare(cut, [], {"mine": lists}, shared, lambda *_: None))
    together = pooled(found)
    (model,) = together.models
    own = [sum(each) / len(each) for each in scores.values()]
    assert together.split.people == len(own) == 40
    assert model.figures.means["hr@10"] == pytest.approx(sum(own) / 40)
    low, high = model.ci95["hr@10"]
    assert low < sum(own) / 40 < high
    document = together.to_json()
    assert (document["protocol"], document["test_interactions"]) == ("windows", 180)
    by_hand = [sum(each[number] for each in scores.values()) / 40 for number in range(3)]
    assert [each.models[0].figures.means["hr@10"] for each in found] == pytest.approx(by_hand)
    assert [window["test_interactions"] for window in document["windows"]] == [60, 60, 60]
    # The 421st event is 420 days after 13 September 2020, that of the tenth person of the window nine days later; from
    # the 471st on there are ten people once more.
    assert (document["windows"][0]["start"], document["windows"][0]["end"]) == ("2021-11-16", "2021-12-27")


@pytest.mark.parametrize(("people", "told"), [(10, False), (18, False), (19, True), (20, True)])
def test_a_window_of_hardly_enough_people_has_no_days(tmp_path: Path, people: int, told: bool):
    """Everybody takes one thing in each tenth, a day apart: its first and its last day are one person's."""
    rows = [f"u{n % people},i{n // people},{1_600_000_000 + n * 86_400}" for n in range(10 * people)]
    (tmp_path / "events.csv").write_text("user,item,time\n" + "\n".join(rows) + "\n")
    found = []
    for number, cut in enumerate(window_splits(load_dataset(tmp_path / "events.csv", Mapping(siblings=False)))):
        lists = pl.DataFrame({"user": ["u0"], "item": ["i0"], "rank": [1]})
        shared = tmp_path / str(number)
        shared.mkdir()
        found.append(compare(cut, [], {"mine": lists}, shared, lambda *_: None))
    document = pooled(found).to_json()
    assert len(document["windows"]) == 3
    for window in document["windows"]:
        assert (window["start"] is not None, window["end"] is not None) == (told, told)
    assert told == any("2020" in cell or "2021" in cell for table in window_table(document) for row in table.rows
                       for cell in row[:2])  # fmt: skip
