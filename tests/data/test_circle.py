"""The bundled set ``circle``: anyone gets the same bytes, and what was planted is there."""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from recsys_tui.data.bundled import bundled_path
from recsys_tui.data.load import load_dataset
from recsys_tui.data.synthetic.__main__ import main

FILES = ("activity.csv", "creators.csv", "friends.csv", "truth.json")


@pytest.fixture(scope="module", params=["shipped", 21, 22])
def circle(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped set, and two of other seeds: what holds must not be luck."""
    if request.param == "shipped":
        folder = bundled_path("circle")
        assert folder is not None
        return folder
    folder = tmp_path_factory.mktemp("circle")
    assert main(["circle", str(folder), "--seed", str(request.param)]) == 0
    return folder


def table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def activity(circle: Path) -> list[dict[str, str]]:
    return table(circle, "activity.csv")


@pytest.fixture(scope="module")
def follows(activity: list[dict[str, str]]) -> dict[str, dict[str, datetime]]:
    """Whom everyone followed, and when."""
    found: dict[str, dict[str, datetime]] = defaultdict(dict)
    for row in activity:
        if row["action"] == "follow":
            assert row["creator_id"] not in found[row["user_id"]]
            found[row["user_id"]][row["creator_id"]] = datetime.fromisoformat(row["time"])
    return found


@pytest.fixture(scope="module")
def friends(circle: Path) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in table(circle, "friends.csv"):
        found[row["user_id"]].add(row["friend_id"])
        found[row["friend_id"]].add(row["user_id"])
    return found


@pytest.fixture(scope="module")
def truth(circle: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((circle / "truth.json").read_text("utf-8"))
    return document


def test_the_generator_writes_the_shipped_bytes(tmp_path: Path):
    shipped = bundled_path("circle")
    assert shipped is not None
    assert main(["circle", str(tmp_path / "again")]) == 0
    for name in FILES:
        assert (tmp_path / "again" / name).read_bytes() == (shipped / name).read_bytes()


def test_size_and_counts(circle: Path, activity: list[dict[str, str]]):
    assert sum((circle / name).stat().st_size for name in FILES) < 3_000_000
    assert 45_000 <= len(activity) <= 75_000
    assert len({row["user_id"] for row in activity}) == 1_600
    creators = table(circle, "creators.csv")
    assert len({row["creator_id"] for row in creators}) == 700


def test_people_and_creators_share_their_handles_and_nobody_follows_themself(
    circle: Path, activity: list[dict[str, str]]
):
    people = {row["user_id"] for row in activity}
    creators = {row["creator_id"] for row in table(circle, "creators.csv")}
    assert len(people & creators) > 400
    assert not any(row["user_id"] == row["creator_id"] for row in activity)


def test_the_main_community_never_holds_more_than_sixty_percent(activity: list[dict[str, str]], truth: dict[str, Any]):
    of_main: Counter[str] = Counter()
    everything: Counter[str] = Counter()
    for row in activity:
        everything[row["user_id"]] += 1
        of_main[row["user_id"]] += truth["creators"][row["creator_id"]] == truth["people"][row["user_id"]][0]
    assert max(of_main[user] / count for user, count in everything.items()) <= 0.6
    assert sum(of_main.values()) / sum(everything.values()) > 0.3


def test_friends_share_a_taste_beyond_their_communities(
    follows: dict[str, dict[str, datetime]], friends: dict[str, set[str]], truth: dict[str, Any]
):
    """Outside both main communities friends agree several times as often as strangers of the same two communities."""
    by_community: dict[int, list[str]] = defaultdict(list)
    for user, entry in truth["people"].items():
        by_community[entry[0]].append(user)

    def shared(left: str, right: str) -> int:
        known = {truth["people"][left][0], truth["people"][right][0]}
        both = follows[left].keys() & follows[right].keys()
        return sum(truth["creators"][creator] not in known for creator in both)

    close = strange = pairs = 0
    for place, user in enumerate(sorted(friends)[:300]):
        for friend in sorted(friends[user]):
            peers = by_community[truth["people"][friend][0]]
            stranger = peers[place % len(peers)]
            if stranger not in (user, friend) and stranger not in friends[user]:
                pairs += 1
                close += shared(user, friend)
                strange += shared(user, stranger)
    assert pairs > 500
    assert close > 2.5 * strange


def test_people_follow_what_friends_followed_shortly_before(
    follows: dict[str, dict[str, datetime]], friends: dict[str, set[str]]
):
    """Follows come within the week after a friend's far more often than within the week before it."""
    after = before = 0
    for user, friends_of in friends.items():
        for friend in friends_of:
            for creator in follows[user].keys() & follows[friend].keys():
                gap = follows[user][creator] - follows[friend][creator]
                # Each pair is met from both sides: count the one whom the circle followed first at most once.
                if creator_first(follows, friends[user] | {user}, creator) == friend:
                    after += timedelta(0) < gap <= timedelta(days=7)
                before += timedelta(days=30) < gap <= timedelta(days=37)
    assert after > 2 * before > 0


def creator_first(follows: dict[str, dict[str, datetime]], people: set[str], creator: str) -> str:
    known = [person for person in sorted(people) if creator in follows[person]]
    return min(known, key=lambda person: follows[person][creator])


def test_who_is_followed_follows_back_above_chance(follows: dict[str, dict[str, datetime]]):
    creators = {creator for whom in follows.values() for creator in whom}
    mutual = possible = 0
    for user, whom in follows.items():
        for creator in whom:
            if user in creators and creator in follows:
                possible += 1
                mutual += user in follows[creator]
    total = sum(len(whom) for whom in follows.values())
    by_chance = total / (len(follows) * len(creators))
    assert mutual / possible > 5 * by_chance


def test_likes_are_of_those_one_follows_and_unfollows_come_last(
    activity: list[dict[str, str]], follows: dict[str, dict[str, datetime]]
):
    gone: set[tuple[str, str]] = set()
    for row in activity:
        pair = (row["user_id"], row["creator_id"])
        assert pair not in gone
        assert datetime.fromisoformat(row["time"]) >= follows[pair[0]][pair[1]]
        if row["action"] == "unfollow":
            gone.add(pair)
    assert 0.02 < len(gone) / sum(len(whom) for whom in follows.values()) < 0.06


def test_some_creators_are_known_to_all_and_some_to_nobody(activity: list[dict[str, str]], truth: dict[str, Any]):
    counts = sorted(Counter(row["creator_id"] for row in activity).values(), reverse=True)
    assert sum(counts[:70]) > 0.22 * len(activity)
    assert 20 <= len(truth["cold"]) <= 25
    assert not set(truth["cold"]) & {row["creator_id"] for row in activity}


def test_it_opens_as_a_graph_of_people():
    folder = bundled_path("circle")
    assert folder is not None
    dataset = load_dataset(folder)
    assert dataset.shared_ids
    assert dataset.links.height > 5_000
    assert dataset.weights == {"follow": 4.0, "like": 3.0, "unfollow": -4.0}
    assert {"title", "text", "categories"} <= set(dataset.items.columns)
    assert not dataset.repeats
