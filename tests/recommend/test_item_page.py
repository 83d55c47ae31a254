"""The page of an item: figures counted by hand, and none that fewer than ten people stand behind."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from recsys_tui.data.bundled import bundled_path
from recsys_tui.data.histogram_cells import Bar
from recsys_tui.data.histories import histories_of
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.errors import UserError
from recsys_tui.recommend.item_index import ItemIndex
from recsys_tui.recommend.item_page import item_page, likings
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home


@pytest.fixture(scope="module")
def ratings_of_17() -> list[tuple[str, float]]:
    with (bundled_path("films") / "ratings.csv").open() as stream:
        return [(row["userId"], float(row["rating"])) for row in csv.DictReader(stream) if row["movieId"] == "17"]


def test_counts_mean_and_histogram(trained: Session, ratings_of_17: list[tuple[str, float]]):
    page = item_page(trained, "17")
    assert page.actions == page.people == len(ratings_of_17)
    assert page.mean_rating == pytest.approx(sum(rating for _, rating in ratings_of_17) / len(ratings_of_17))
    counts = Counter(rating for _, rating in ratings_of_17)
    hidden = [value for value, count in counts.items() if count < 10]
    assert hidden, "the gate has something to hide here"
    # Each person rated it once; of the number of ratings and their mean two levels could be worked out.
    while sum(counts[value] for value in hidden) < 10 or len(hidden) < 3:
        hidden.append(min((count, value) for value, count in counts.items() if value not in hidden)[1])
    expected = [(f"{value:g}", None if value in hidden else counts[value]) for value in sorted(counts, reverse=True)]
    assert [(bar.label, bar.count) for bar in page.ratings] == expected
    assert {bar.label for bar in page.ratings if bar.beside} == {f"{value:g}" for value in hidden if counts[value] > 9}
    assert page.title == "A Tango for Tilda (1969)"
    assert page.categories == ("Music",)
    assert dict(page.attributes)["year"] == "1969"
    shown = sum(bar.count or 0 for bar in page.periods)
    assert 0.75 * len(ratings_of_17) <= shown <= len(ratings_of_17)


def test_numbers_are_told_as_the_file_has_them(home: Home, tmp_path: Path):
    data = tmp_path / "shop"
    data.mkdir()
    (data / "ratings.csv").write_text("user,item\n" + "".join(f"u{n % 12},i{n % 5}\n" for n in range(60)))
    prices = ("2.95", "0.1", "100", "12345.67")
    (data / "items.csv").write_text(
        "item,title,price\n" + "".join(f"i{n},Thing {n},{price}\n" for n, price in enumerate(prices))
    )
    session = Session.open(data, home=home)
    told = [dict(item_page(session, f"i{place}").attributes).get("price") for place in range(4)]
    assert told == list(prices)


def test_who_likes_it_by_cluster(trained: Session, ratings_of_17: list[tuple[str, float]]):
    page = item_page(trained, "17")
    recommender = trained.recommender()
    assert recommender is not None
    people = recommender.model.people
    cluster_of = {user: int(people.clusters[recommender.user_code(user)]) for user in map(str, range(1, 1_501))}
    sizes = Counter(cluster_of.values())
    takers = Counter(cluster_of[user] for user, _ in ratings_of_17)
    assert {one.cluster for one in page.clusters} == set(sizes)
    for one in page.clusters:
        assert one.size == sizes[one.cluster]
        assert one.share == pytest.approx(takers[one.cluster] / sizes[one.cluster])
        assert one.lift == pytest.approx(one.share / (len(ratings_of_17) / 1_500))
    lifts = [one.lift for one in page.clusters]
    assert lifts == sorted(lifts, reverse=True)


def test_no_few_takers_of_a_cluster_can_be_worked_out(trained: Session):
    recommender = trained.recommender()
    assert recommender is not None
    people = recommender.model.people
    clusters = np.asarray(people.clusters)
    counts = np.zeros((int(clusters.max()) + 1, people.histories.item_count), np.int64)
    np.add.at(counts, (clusters[people.histories.owners], people.histories.items), 1)
    small = [item for item in np.argsort(-counts.sum(axis=0)) if 0 < counts[counts[:, item] < 10, item].sum() < 10]
    assert len(small) > 5
    for item in small[:20]:
        told = likings(recommender, str(recommender.model.catalogue.ids[int(item)]))
        shown = {one.cluster for one in told if one.share is not None and not one.at_least}
        hidden = sum(int(counts[cluster, item]) for cluster in range(len(counts)) if cluster not in shown)
        assert not shown or hidden >= 10
        for one in told:
            assert one.share is None or counts[one.cluster, item] >= 10


def test_an_item_of_few_people_has_no_figures(tmp_path: Path):
    rows = [f"u{n},few,{1 + n % 5},{1_600_000_000 + n * 86_400}" for n in range(9)]
    rows += [f"u{n},many,{1 + n % 5},{1_600_000_000 + n * 86_400}" for n in range(30)]
    (tmp_path / "data.csv").write_text("user,item,rating,timestamp\n" + "\n".join(rows) + "\n")
    session = Session.open(tmp_path / "data.csv", home=Home(tmp_path / "home"))
    page = item_page(session, "few")
    assert (page.taken, page.actions, page.people, page.mean_rating, page.clusters) == (True, None, None, None, ())
    assert {bar.count for bar in page.ratings} == {bar.count for bar in page.periods} == {None}
    assert item_page(session, "few", CrowdGate(5)).mean_rating == pytest.approx((1 + 2 + 3 + 4 + 5 + 1 + 2 + 3 + 4) / 9)
    # All that is not of many is of few.
    assert item_page(session, "many").actions is None
    rows += [f"u{n},other,{1 + n % 5},{1_600_000_000 + n * 86_400}" for n in range(29)]
    (tmp_path / "more.csv").write_text("user,item,rating,timestamp\n" + "\n".join(rows) + "\n")
    page = item_page(Session.open(tmp_path / "more.csv", home=Home(tmp_path / "home")), "many")
    assert (page.actions, page.mean_rating) == (30, 3.0)
    # A day has one person: the month is the first period that ten people stand behind.
    assert [len(bar.label) for bar in page.periods] == [7] * len(page.periods)
    assert max(bar.count or 0 for bar in page.periods) >= 10


@pytest.mark.parametrize("takers", [1, 4, 9])
def test_the_page_of_an_item_of_few_dates_and_rates_nobody(tmp_path: Path, takers: int):
    """Its axes are those of all data, and no bar differs from the others."""
    rows = [f"u{n},many{n % 2},{1 + n % 5},{1_600_000_000 + n * 30 * 86_400}" for n in range(60)]
    rows += [f"u{n},few,2,{1_600_000_000 + (20 + n) * 30 * 86_400}" for n in range(takers)]
    (tmp_path / "data.csv").write_text("user,item,rating,timestamp\n" + "\n".join(rows) + "\n")
    session = Session.open(tmp_path / "data.csv", home=Home(tmp_path / "home"))
    page = item_page(session, "few")
    assert (page.taken, page.beside, page.people) == (True, False, None)
    assert session.cells.periods is not None
    assert page.periods == tuple(Bar(label, None) for label in session.cells.periods.labels)
    assert page.ratings == tuple(Bar(str(level), None) for level in (5, 4, 3, 2, 1))


def test_who_sent_it_back_is_counted_nowhere_so_that_nobody_can_subtract(tmp_path: Path):
    """Of 34 people who bought it four sent all of it back: the page counts takers as lists of items do. Of an item that
    all had and four sent back, neither tells how many have it: who has it not would be these four."""
    rows = [(f"u{person}", item, 2) for person in range(34) for item in ("lamp", "chair", "desk")]
    rows += [(f"u{person}", item, 2) for person in range(34, 60) for item in ("chair", "desk")]
    rows += [(f"u{person}", "desk", -2) for person in range(4)]
    rows += [(f"u{person}", "lamp", -2) for person in range(4)] + [(f"u{person}", "vase", 1) for person in range(12)]
    rows += [(f"u{person}", "vase", -1) for person in range(5)]
    text = "\n".join(
        f"{user},{item},{quantity},{1_600_000_000 + n * 1000}" for n, (user, item, quantity) in enumerate(rows)
    )
    (tmp_path / "shop.csv").write_text(f"user,item,quantity,timestamp\n{text}\n")
    session = Session.open(tmp_path / "shop.csv", home=Home(tmp_path / "home"))
    listed = {row["id"]: row["people"] for row in ItemIndex.of(session).rows.iter_rows(named=True)}
    pages = {item: item_page(session, item).people for item in ("lamp", "chair", "desk", "vase")}
    assert pages == listed == {"lamp": 30, "chair": 60, "desk": None, "vase": None}


def test_who_looks_first_and_rates_later_has_rated(tmp_path: Path):
    """The overview, pages and lists count one rating for each person and item: the first that was given."""
    kinds = (("view", ""), ("purchase", ""), ("review", "{}"), ("review", "1"))
    rows = [
        f"u{person},{item},{kind},{rating.format(3 + person % 3)},{1_600_000_000 + 100 * person + place}"
        for person in range(60)
        for item in (("lamp", "chair") if person % 2 else ("lamp",))
        for place, (kind, rating) in enumerate(kinds)
    ]
    (tmp_path / "shop.csv").write_text("user,item,event,rating,timestamp\n" + "\n".join(rows) + "\n")
    session = Session.open(tmp_path / "shop.csv", home=Home(tmp_path / "home"))
    assert [(bar.label, bar.count) for bar in session.overview.ratings] == [("5", 30), ("4", 30), ("3", 30)]
    page = item_page(session, "lamp")
    assert [(bar.label, bar.count) for bar in page.ratings] == [("5", 20), ("4", 20), ("3", 20)]
    assert page.mean_rating == 4
    taken = histories_of(session.dataset)
    assert taken.ratings is not None
    assert sorted(taken.ratings.tolist()) == [3.0] * 30 + [4.0] * 30 + [5.0] * 30


def test_an_unknown_item_is_refused_with_what_is_near(trained: Session):
    with pytest.raises(UserError) as found:
        item_page(trained, "1201")
    assert found.value.exit_code == 3
    assert "1200" in str(found.value)
