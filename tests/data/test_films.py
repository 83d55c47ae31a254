"""The bundled set ``films``: anyone gets the same bytes, and what was planted is there."""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
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


def test_another_seed_writes_other_bytes(films: Path, tmp_path: Path):
    write_films(tmp_path, seed=7)
    assert (tmp_path / "ratings.csv").read_bytes() != (films / "ratings.csv").read_bytes()


def test_usage_is_told(capsys: pytest.CaptureFixture[str]):
    assert main(["no-such-set", "x"]) == 2
    assert "films" in capsys.readouterr().err


def test_size_and_counts(films: Path, ratings: list[dict[str, str]]):
    assert sum(path.stat().st_size for path in films.glob("*.csv")) < 3_000_000
    assert 72_000 <= len(ratings) <= 88_000
    assert len({row["userId"] for row in ratings}) == 1_500
    with (films / "movies.csv").open(newline="", encoding="utf-8") as stream:
        movies = list(csv.DictReader(stream))
    assert len(movies) == 1_200
    assert len({row["title"] for row in movies}) == 1_200
    assert all(row["genres"] and row["plot"] for row in movies)


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
    for before, after in zip(ratings, ratings[1:], strict=False):
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


def test_second_tastes_drift(ratings: list, truth: dict):
    """Of those who drift, the later second group is commoner in the last fifth of the history than in the first."""
    by_person: dict[str, list[int]] = defaultdict(list)
    for row in ratings:
        by_person[row["userId"]].append(truth["films"][row["movieId"]])
    early = late = 0
    for person, groups in by_person.items():
        _, second, _, later, drift_at = truth["people"][person]
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
