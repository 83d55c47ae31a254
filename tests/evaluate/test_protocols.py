"""What each protocol holds out, and that nothing it should hide is learned from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from recsys_tui.data.dataset import Dataset, Mapping
from recsys_tui.data.histories import histories_of
from recsys_tui.data.load import load_dataset
from recsys_tui.evaluate.protocols import PROTOCOLS, Split, split, window_splits
from recsys_tui.output.errors import ExitCode, UserError

DAY = 86_400


def loaded(folder: Path, rows: list[str], header: str = "user,item,time") -> Dataset:
    path = folder / "events.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return load_dataset(path, Mapping(siblings=False))


def many(folder: Path, people: int = 60, seed: int = 3, short: int = 0) -> Dataset:
    """People who take 4 to 9 of 25 items at random times, some of them twice; ``short``: others who take but two."""
    random = np.random.default_rng(seed)
    rows = []
    for person in range(people):
        for item in random.choice(25, int(random.integers(4, 10)), replace=False):
            for _ in range(int(random.integers(1, 3))):
                rows.append(f"u{person},i{item},{1_600_000_000 + int(random.integers(0, 200)) * DAY}")
    rows += [f"s{person},i{item},{1_600_000_000 + item * DAY}" for person in range(short) for item in range(2)]
    return loaded(folder, rows)


def events_of(dataset: Dataset) -> pl.DataFrame:
    table = dataset.interactions
    return pl.DataFrame(
        {
            "user": dataset.users["id"].gather(table["user"]),
            "item": dataset.items["id"].gather(table["item"]),
            "time": table["time"] if "time" in table.columns else table["row"],
        }
    )


def pairs_of(frame: pl.DataFrame) -> set[tuple[str, str]]:
    return set(frame.select("user", "item").iter_rows())


def firsts(dataset: Dataset) -> pl.DataFrame:
    """Each pair at its first event, in order within each person."""
    return events_of(dataset).unique(["user", "item"], keep="first", maintain_order=True)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_no_held_out_pair_is_learned_from_and_everyone_asked_about_has_a_history(protocol: str, tmp_path: Path):
    dataset = many(tmp_path)
    cut = split(dataset, protocol, seed=1)
    assert cut.protocol == protocol
    learned, asked = pairs_of(events_of(cut.train)), pairs_of(events_of(cut.asked))
    held = pairs_of(cut.test)
    assert held
    assert held <= pairs_of(events_of(dataset))
    assert not held & learned
    assert not held & asked
    assert {user for user, _ in held} <= {user for user, _ in asked}
    assert cut.train.items["id"].to_list() == cut.asked.items["id"].to_list()
    assert set(cut.train.items["id"]) == set(dataset.items["id"])
    assert cut.notes


def test_last_holds_out_the_newest_pair_and_everything_after_its_first_event(tmp_path: Path):
    dataset = loaded(
        tmp_path,
        [row for person in range(10) for row in (
            f"a{person},x,100000000", f"a{person},y,100000100", f"a{person},z,100000200",
            f"a{person},x,100000300", f"a{person},z,100000400",
        )] + ["short,x,100000000", "short,y,100000900"],
    )  # fmt: skip
    cut = split(dataset, "last", seed=0)
    assert pairs_of(cut.test) == {(f"a{person}", "z") for person in range(10)}
    learned = events_of(cut.train).filter(pl.col("user") == "a3")
    # The second x came after z was first taken, so it may not be known yet.
    assert learned.select("item", "time").rows() == [("x", 100_000_000_000), ("y", 100_000_100_000)]
    assert events_of(cut.train).filter(pl.col("user") == "short").height == 2


def test_ties_of_the_last_moment_go_by_the_place_in_the_file(tmp_path: Path):
    rows = [f"u{person},{item},{1_500_000_000}" for item in ("c", "a", "b") for person in range(12)]
    cut = split(loaded(tmp_path, rows), "last", seed=0)
    assert pairs_of(cut.test) == {(f"u{person}", "b") for person in range(12)}


def test_the_cut_in_time_is_one_moment_for_all_and_keeps_ties_together(tmp_path: Path):
    dataset = many(tmp_path)
    cut = split(dataset, "temporal", seed=0)
    first = firsts(dataset)
    held = first.join(cut.test.select("user", "item"), on=["user", "item"], how="semi")
    edge = held["time"].min()
    assert events_of(cut.train)["time"].max() < edge
    later = first.filter(pl.col("time") >= edge)
    known = set(events_of(cut.train)["user"])
    assert pairs_of(held) == {pair for pair in pairs_of(later) if pair[0] in known}
    # The share nearest to a tenth that whole moments allow.
    counts = first.group_by("time").len().sort("time", descending=True)["len"].cum_sum().to_numpy()
    assert later.height == counts[np.abs(counts - 0.1 * first.height).argmin()]


def test_random_holds_out_a_fifth_of_everyone_and_says_that_it_leaks(tmp_path: Path):
    dataset = many(tmp_path)
    cut = split(dataset, "random", seed=5)
    lengths = dict(firsts(dataset).group_by("user").len().iter_rows())
    taken = dict(cut.test.group_by("user").len().iter_rows())
    assert taken == {user: max(1, length // 5) for user, length in lengths.items()}
    assert any("future" in note for note in cut.notes)
    other = split(dataset, "random", seed=6)
    assert pairs_of(other.test) != pairs_of(cut.test)
    assert pairs_of(split(dataset, "random", seed=5).test) == pairs_of(cut.test)


def test_people_who_are_held_out_are_in_no_training_event(tmp_path: Path):
    dataset = many(tmp_path, people=204)
    cut = split(dataset, "users", seed=2)
    assert not set(cut.test["user"]) & set(cut.train.users["id"])
    assert cut.people == 20
    histories = histories_of(cut.asked)
    first = firsts(dataset)
    for user in cut.test["user"]:
        own = first.filter(pl.col("user") == user)["item"].to_list()
        code = cut.asked.users["id"].index_of(user)
        had = [cut.asked.items["id"][int(item)] for item in histories.items_of(code)]
        assert had == own[:-1]
        assert cut.test.filter(pl.col("user") == user)["item"].to_list() == own[-1:]


def test_people_are_held_out_in_the_same_tens_whatever_the_seed(tmp_path: Path):
    """Else two comparisons would tell of the few who are held out in one and not in the other."""
    dataset = many(tmp_path, people=47)
    drawn = [frozenset(split(dataset, "users", seed=seed).test["user"]) for seed in range(12)]
    assert {len(chosen) for chosen in drawn} == {10}
    assert {len(a - b) for a in drawn for b in drawn} == {0, 10}


@pytest.mark.parametrize(("people", "short"), [(11, 0), (19, 0), (11, 20), (10, 9), (10, 0)])
def test_people_are_held_out_only_beside_as_many_others(tmp_path: Path, people: int, short: int):
    """Else what models learn from is of a few, or the newest items of all, which ``last`` tells of, less theirs."""
    with pytest.raises(UserError, match="users"):
        split(many(tmp_path, people=people, short=short), "users", seed=0)


@pytest.mark.parametrize(("people", "short"), [(20, 0), (10, 10)])
def test_people_are_held_out_beside_ten_others(tmp_path: Path, people: int, short: int):
    cut = split(many(tmp_path, people=people, short=short), "users", seed=0)
    assert (cut.people, cut.train.user_count) == (10, 10)


def enough_people(folder: Path) -> Dataset:
    """400 people whose first and last events are far apart."""
    rows = [
        f"u{person},i{(person + step) % 40},{1_500_000_000 + (person % 50) * DAY + step * 40 * DAY}"
        for person in range(400)
        for step in range(5)
    ]
    return loaded(folder, rows)


def without_time(folder: Path) -> Dataset:
    return loaded(folder, [f"u{n % 40},i{(n * 7) % 23}" for n in range(600)], "user,item")


def with_order(folder: Path) -> Dataset:
    rows = [f"u{person},i{(person * 3 + step) % 31},{step}" for person in range(40) for step in range(6)]
    return loaded(folder, rows, "user,item,position")


@pytest.mark.parametrize(
    ("build", "protocol"),
    [(enough_people, "temporal"), (many, "last"), (with_order, "last"), (without_time, "random")],
)
def test_the_most_honest_protocol_is_chosen_and_explained(
    build: Callable[[Path], Dataset], protocol: str, tmp_path: Path
):
    cut: Split = split(build(tmp_path), None, seed=0)
    assert cut.protocol == protocol
    assert cut.notes[0].startswith(f"Protocol: {protocol}")


def test_the_last_pairs_are_taken_where_a_cut_in_time_is_about_next_to_nobody(tmp_path: Path):
    # Ten come one after the other, so that only one is still at it in the newest tenth of all.
    rows = [f"u{n // 10},i{n % 10},{1_600_000_000 + n * DAY}" for n in range(100)]
    dataset = loaded(tmp_path, rows)
    cut = split(dataset, None, seed=0)
    assert (cut.protocol, cut.people) == ("last", 10)
    assert "fewer than 10 people" in cut.notes[0]


@pytest.mark.parametrize("protocol", ["last", "temporal"])
def test_a_protocol_that_needs_an_order_is_refused_without(protocol: str, tmp_path: Path):
    with pytest.raises(UserError) as refused:
        split(without_time(tmp_path), protocol, seed=0)
    assert refused.value.exit_code == ExitCode.USAGE
    assert "random" in str(refused.value)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_too_few_people_are_refused(protocol: str, tmp_path: Path):
    rows = [f"u{n % 3},i{n % 5},{1_600_000_000 + n}" for n in range(15)]
    with pytest.raises(UserError) as refused:
        split(loaded(tmp_path, rows), protocol, seed=0)
    assert "10 people" in str(refused.value)


@pytest.mark.parametrize("protocol", [None, *PROTOCOLS])
def test_data_of_which_everything_was_given_back_is_refused(protocol: str | None, tmp_path: Path):
    rows = [f"u{n},a,{event},{1_500_000_000 + n}" for n in range(15) for event in ("purchase", "return")]
    dataset = loaded(tmp_path, rows, "user,item,event,time")
    with pytest.raises(UserError, match="10 people"):
        split(dataset, protocol, seed=0)
    with pytest.raises(UserError, match="10 people"):
        window_splits(dataset)


def test_what_was_given_back_is_held_out_from_nobody(tmp_path: Path):
    rows = []
    for person in range(15):
        rows += [f"u{person},a,purchase,1500000000", f"u{person},b,purchase,1500000100"]
        rows += [
            f"u{person},c,purchase,1500000200",
            f"u{person},d,purchase,1500000300",
            f"u{person},d,return,1500000400",
        ]
    cut = split(loaded(tmp_path, rows, "user,item,event,time"), "last", seed=0)
    assert pairs_of(cut.test) == {(f"u{person}", "c") for person in range(15)}


def test_tags_of_later_are_unknown_before_a_cut_in_time(tmp_path: Path):
    """Whoever tags an item after the cut tells of the future; a tag without a time may do."""
    rows = [f"u{n % 40},i{(n * 7 + n // 40) % 23},4,{1_600_000_000 + n * 86_400}" for n in range(600)]
    (tmp_path / "ratings.csv").write_text("userId,movieId,rating,timestamp\n" + "\n".join(rows) + "\n")
    (tmp_path / "movies.csv").write_text(
        "movieId,title,genres\n" + "".join(f"i{n},Film {n} (1990),Drama\n" for n in range(23))
    )
    tags = ["u1,i1,early,1600000100", "u2,i1,early,1700000000", "u2,i1,late,1700000000", "u3,i2,late,1700000000"]
    (tmp_path / "tags.csv").write_text("userId,movieId,tag,timestamp\n" + "\n".join([*tags, "u4,i3,undated,"]) + "\n")
    data = load_dataset(tmp_path, Mapping())
    assert dict(data.items.select("id", "tags").drop_nulls().iter_rows()) == {
        "i1": ["early", "late"], "i2": ["late"], "i3": ["undated"],
    }  # fmt: skip
    for cut in (split(data, "temporal", 0), window_splits(data)[-1]):
        known = cut.train.items
        assert dict(known.select("id", "tags").drop_nulls().iter_rows()) == {"i1": ["early"]}
        assert known["title"].null_count() == 0
        assert any("Tags that people gave without a time" in note for note in cut.notes)
    other = split(data, "last", 0)
    assert other.train.items["tags"].drop_nulls().len() == 3
    assert not any("Tags" in note for note in other.notes)
