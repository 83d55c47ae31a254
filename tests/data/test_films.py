"""The bundled set ``films``: anyone gets the same bytes, and what was planted is there."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np
import pytest

from recsys_tui.data.bundled import bundled_path
from recsys_tui.data.synthetic.__main__ import main
from recsys_tui.data.synthetic.films import write_films


@pytest.fixture(scope="module")
def films() -> Path:
    folder = bundled_path("films")
    assert folder is not None
    return folder


@pytest.fixture(scope="module")
def ratings(films: Path) -> list[dict[str, str]]:
    with (films / "ratings.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def truth(films: Path) -> dict:
    return json.loads((films / "truth.json").read_text())


def test_generator_writes_the_bundled_bytes(films: Path, tmp_path: Path):
    assert main(["films", str(tmp_path / "again")]) == 0
    for name in ("ratings.csv", "movies.csv", "truth.json"):
        assert (tmp_path / "again" / name).read_bytes() == (films / name).read_bytes()


def test_bytes_do_not_depend_on_the_order_of_sets(films: Path, tmp_path: Path):
    """Another process with another hash seed writes the same."""
    command = [sys.executable, "-m", "recsys_tui.data.synthetic", "films", str(tmp_path)]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": "12345"})
    for name in ("ratings.csv", "movies.csv", "truth.json"):
        assert (tmp_path / name).read_bytes() == (films / name).read_bytes()


def test_seed_option_gives_that_seed_and_other_bytes(films: Path, tmp_path: Path):
    assert main(["films", str(tmp_path / "told"), "--seed", "7"]) == 0
    write_films(tmp_path / "asked", seed=7)
    told = (tmp_path / "told" / "ratings.csv").read_bytes()
    assert told == (tmp_path / "asked" / "ratings.csv").read_bytes()
    assert told != (films / "ratings.csv").read_bytes()


@pytest.mark.parametrize(
    "arguments", [[], ["films"], ["no-such-set", "x"], ["films", "x", "--seed", "-1"], ["films", "x", "--seed"]]
)
def test_usage_is_told_and_nothing_written(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    assert "films" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_size_and_counts(films: Path, ratings: list[dict[str, str]]):
    assert sum(path.stat().st_size for path in films.iterdir()) < 3_000_000
    assert 72_000 <= len(ratings) <= 88_000
    assert len({row["userId"] for row in ratings}) == 1_500
    with (films / "movies.csv").open(newline="", encoding="utf-8") as stream:
        movies = list(csv.DictReader(stream))
    assert len(movies) == 1_200
    assert len({row["title"] for row in movies}) == 1_200
    assert all(row["genres"] and row["plot"] for row in movies)
    assert {row["movieId"] for row in ratings} <= {row["movieId"] for row in movies}
    titles = [row["title"] for row in movies]
    assert any("," in title for title in titles)
    assert any("\u4e00" <= letter <= "\u9fff" for title in titles for letter in title)


def test_ratings_are_half_steps_and_pairs_are_unique(ratings: list[dict[str, str]]):
    assert {float(row["rating"]) for row in ratings} <= {step / 2 for step in range(1, 11)}
    assert len({(row["userId"], row["movieId"]) for row in ratings}) == len(ratings)


def test_main_group_holds_at_most_sixty_percent_and_is_the_largest_on_average(ratings: list, truth: dict):
    by_person: dict[str, list[int]] = defaultdict(list)
    for row in ratings:
        by_person[row["userId"]].append(truth["films"][row["movieId"]])
    shares = [groups.count(truth["people"][person][0]) / len(groups) for person, groups in by_person.items()]
    assert max(shares) <= 0.6
    assert np.mean(shares) > 0.4


def test_sequels_follow_their_first_parts(ratings: list, truth: dict):
    """After a film with a sequel the next event is the sequel far more often than chance (1 in 1,200) would have it."""
    sequel_of = {str(first): str(second) for first, second in truth["sequels"]}
    followed = offered = 0
    for before, after in pairwise(ratings):
        if before["userId"] == after["userId"] and before["movieId"] in sequel_of:
            offered += 1
            followed += after["movieId"] == sequel_of[before["movieId"]]
    assert offered > 1_000
    assert followed / offered > 0.3


def test_popularity_is_skewed_and_some_films_are_cold(ratings: list, truth: dict):
    counts = Counter(row["movieId"] for row in ratings)
    top = sum(count for _, count in counts.most_common(120))
    assert top / len(ratings) > 0.3
    assert len(truth["cold"]) == 40
    assert not any(str(film) in counts for film in truth["cold"])
    assert any(count < 5 for count in counts.values())


def test_activity_is_skewed_and_groups_are_balanced(ratings: list, truth: dict):
    lengths = sorted(Counter(row["userId"] for row in ratings).values())
    assert lengths[0] < 20
    assert lengths[-1] > 200
    assert lengths[len(lengths) // 2] < 0.75 * sum(lengths) / len(lengths)
    sizes = Counter(tastes[0] for tastes in truth["people"].values())
    assert len(sizes) == len(truth["groups"])
    assert min(sizes.values()) >= 0.05 * 1_500


def test_genres_go_with_groups_but_do_not_give_them_away(films: Path, truth: dict):
    groups_of: dict[str, set[int]] = defaultdict(set)
    with (films / "movies.csv").open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            for genre in row["genres"].split("|"):
                groups_of[genre].add(truth["films"][row["movieId"]])
    shared = [genre for genre, groups in groups_of.items() if len(groups - {-1}) >= 2]
    assert len(shared) >= 6
    assert all(len(groups - {-1}) < len(truth["groups"]) for groups in groups_of.values())


def test_times_run_over_years_in_evenings_and_people_arrive_one_after_another(ratings: list):
    day, year = 86_400, 365 * 86_400
    arrivals = []
    evenings = 0
    for _, rows in groupby(ratings, key=lambda row: row["userId"]):
        times = [int(row["timestamp"]) for row in rows]
        assert times == sorted(times)
        arrivals.append(times[0])
        evenings += sum(after - before < day // 4 for before, after in pairwise(times))
    assert max(arrivals) - min(arrivals) > 2 * year
    assert max(int(row["timestamp"]) for row in ratings) - min(arrivals) < 4.1 * year
    assert evenings / len(ratings) > 0.2


def test_what_follows_beats_popularity_and_popularity_beats_chance(ratings: list):
    """Each person's last film, unseen before: is it among ten? Ten of 1,200 by chance would hit 1 time in 120."""
    histories = [[int(row["movieId"]) for row in rows] for _, rows in groupby(ratings, key=lambda row: row["userId"])]
    popularity = np.zeros(1_201)
    followers = np.zeros((1_201, 1_201))
    for history in histories:
        np.add.at(popularity, history[:-1], 1)
        for before, after in pairwise(history[:-1]):
            followers[before, after] += 1
    hits = {"popular": 0, "followers": 0}
    for history in histories:
        for name, scores in (("popular", popularity), ("followers", followers[history[-2]] + popularity / 10_000)):
            unseen = scores.copy()
            unseen[history[:-1]] = -1
            hits[name] += int((unseen > unseen[history[-1]]).sum() < 10)
    assert hits["popular"] > 5 * len(histories) / 120
    assert hits["followers"] > 1.5 * hits["popular"]


def test_second_tastes_drift(ratings: list, truth: dict):
    """Of those who drift, the later second group is commoner in the last fifth of the history than in the first."""
    by_person: dict[str, list[int]] = defaultdict(list)
    for row in ratings:
        by_person[row["userId"]].append(truth["films"][row["movieId"]])
    early = late = 0
    for person, groups in by_person.items():
        _, _, _, later, drift_at = truth["people"][person]
        if drift_at < 1:
            fifth = max(1, len(groups) // 5)
            early += groups[:fifth].count(later)
            late += groups[-fifth:].count(later)
    assert late > 3 * early


def test_raw_counts_do_not_give_the_groups_away(ratings: list, truth: dict):
    """K-means on raw counts finds little: the planted groups can be missed, so finding them means something."""
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_rand_score

    matrix = np.zeros((1_500, 1_200), np.float32)
    for row in ratings:
        matrix[int(row["userId"]) - 1, int(row["movieId"]) - 1] += 1
    main_groups = [truth["people"][str(person)][0] for person in range(1, 1_501)]
    found = KMeans(9, n_init=3, random_state=0).fit(matrix).labels_
    assert adjusted_rand_score(main_groups, found) <= 0.5
