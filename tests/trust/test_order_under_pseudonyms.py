"""The order of people who are equal tells nothing of whose tags they are."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

import pytest

from recsys_tui.recommend.cluster_page import ClusterFigures
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.store.pseudonym_key import pseudonyms_for
from recsys_tui.training.job import TrainingRequest
from tests.recommend.people_to_forget import train_here
from tests.trust.people_by_tags import Teller

PEOPLE, MANY = 90, "1000"
Lists = list[tuple[str, str]]


def trained_on(path: Path, columns: str, rows: Iterable[str]) -> Session:
    """A session over a table, trained; the files and the home are in the folder of ``path``."""
    path.write_text("\n".join([columns, *rows]) + "\n")
    session = Session.open(path, home=Home(path.parent / "home"))
    session.load()
    train_here(session, TrainingRequest("quick", "next", 0, "cpu"))
    return session


@pytest.fixture(scope="module")
def shoppers(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """Many people with the same history each."""
    rows = [f"name-{person:04},thing-{person % 6}" for person in range(PEOPLE * 2)]
    return trained_on(tmp_path_factory.mktemp("shoppers") / "things.csv", "user,item", rows)


@pytest.fixture(scope="module")
def followers(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """A graph in which fewer than ten people follow each."""
    dice, rows = random.Random(3), []
    for person in range(PEOPLE):
        others = dice.sample([other for other in range(PEOPLE) if other != person], 4)
        rows += [f"name-{person:04},name-{other:04}" for other in others]
    return trained_on(tmp_path_factory.mktemp("followers") / "people.csv", "follower,followee", rows)


def listed(session: Session, teller: Teller, column: str, *question: str) -> Lists:
    """The tags, and ids, of those who stand beside others with the same score."""
    given = (str(session.identity.path), "--pseudonyms", "--csv", "--home", str(session.home.root))
    rows = list(csv.DictReader(io.StringIO(teller.run(question[0], *given, *question[1:]))))
    tags = pseudonyms_for(session.home.root, session.identity.path)
    ids = {tags.of(name): name for name in (f"name-{person:04}" for person in range(PEOPLE * 2))}
    for _score, equal in groupby(rows, lambda row: row["score"]):
        found = [(row[column], ids[row[column]]) for row in equal]
        if len(found) > 9:
            return found
    return []


def holds(found: Lists) -> None:
    """They stand in the order of their tags, and not in that of their ids."""
    assert len(found) > 9
    assert [tag for tag, _ in found] == sorted(tag for tag, _ in found)
    assert [name for _, name in found] != sorted(name for _, name in found)


def test_people_whom_an_item_interests_alike(shoppers: Session, capsys: pytest.CaptureFixture[str]):
    holds(listed(shoppers, Teller(capsys), "user", "audience", "--item", "thing-3", "-k", MANY))


def test_the_first_of_them_are_not_those_with_the_smallest_ids(shoppers: Session, capsys: pytest.CaptureFixture[str]):
    every = listed(shoppers, Teller(capsys), "user", "audience", "--item", "thing-3", "-k", MANY)
    assert listed(shoppers, Teller(capsys), "user", "audience", "--item", "thing-3", "-k", "12") == every[:12]


def test_members_of_a_cluster_who_are_as_close(shoppers: Session):
    shown = Session.open(shoppers.identity.path, home=shoppers.home, pseudonyms=True)
    recommender, found = shown.recommender(), 0
    assert recommender is not None
    pages = ClusterFigures.of(recommender)
    for cluster in recommender.clusters():
        rows = pages.page(cluster.id).members
        for _close, equal in groupby(rows.iter_rows(named=True), lambda row: row["closeness"]):
            users = [row["user"] for row in equal]
            found += len(users) > 1
            assert users == sorted(users)
    assert found


@pytest.mark.parametrize("model", ["popular", "recent"])
def test_people_who_are_recommended_and_as_popular(followers: Session, capsys: pytest.CaptureFixture[str], model: str):
    asked = ("recommend", "--user", "name-0007", "--model", model)
    for count in (MANY, "40"):
        holds(listed(followers, Teller(capsys), "item", *asked, "-k", count))


def test_people_who_are_as_like_another(followers: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    about = tmp_path / "about.csv"
    about.write_text("item,genres\n" + "".join(f"name-{one:04},{'ab'[one % 2]}\n" for one in range(PEOPLE)))
    path = tmp_path / "people.csv"
    rows = followers.identity.path.read_text().splitlines()
    trained_on(path, rows[0], rows[1:])
    session = Session.open(path, home=Home(tmp_path / "home"))
    asked = ("similar", "--item", "name-0007", "--by", "content", "--items", str(about))
    holds(listed(session, Teller(capsys), "item", *asked, "-k", MANY))
