"""The bundled set ``circle``: anyone gets the same bytes, and what was planted is there."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import combinations
from pathlib import Path
from statistics import mean
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


def test_bytes_do_not_depend_on_the_order_of_sets(tmp_path: Path):
    """Another process with another hash seed writes the same."""
    shipped = bundled_path("circle")
    assert shipped is not None
    command = [sys.executable, "-m", "recsys_tui.data.synthetic", "circle", str(tmp_path)]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": "12345"})
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (shipped / name).read_bytes()


def test_size_and_counts(circle: Path, activity: list[dict[str, str]]):
    assert sum((circle / name).stat().st_size for name in FILES) < 3_000_000
    assert 60_000 <= len(activity) <= 80_000
    assert len({row["user_id"] for row in activity}) == 1_600
    creators = table(circle, "creators.csv")
    assert len({row["creator_id"] for row in creators}) == 700
    assert all(row["name"] and row["topics"] and row["bio"] for row in creators)
    assert any("\u4e00" <= letter <= "\u9fff" for row in creators for letter in row["bio"])
    assert {row["creator_id"] for row in activity} <= {row["creator_id"] for row in creators}
    links = [frozenset((row["user_id"], row["friend_id"])) for row in table(circle, "friends.csv")]
    assert all(len(link) == 2 for link in links)
    assert len(set(links)) == len(links)
    assert frozenset().union(*links) <= {row["user_id"] for row in activity}


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


def test_a_circle_has_a_taste_of_its_own_even_where_two_are_no_friends(
    follows: dict[str, dict[str, datetime]], friends: dict[str, set[str]], truth: dict[str, Any]
):
    """Nothing passes directly between them, and yet they agree outside their communities more than strangers do."""
    by_community: dict[int, list[str]] = defaultdict(list)
    by_circle: dict[int, list[str]] = defaultdict(list)
    for user, (main_community, _, _, own) in truth["people"].items():
        by_community[main_community].append(user)
        by_circle[own].append(user)

    def shared(left: str, right: str) -> int:
        known = {truth["people"][left][0], truth["people"][right][0]}
        return sum(truth["creators"][whom] not in known for whom in follows[left].keys() & follows[right].keys())

    close = strange = pairs = 0
    for own, people in sorted(by_circle.items()):
        for left, right in combinations(people, 2):
            peers = by_community[truth["people"][right][0]]
            stranger = peers[(own * 31 + pairs) % len(peers)]
            if right not in friends[left] | {stranger} and stranger not in friends[left] and stranger not in people:
                pairs += 1
                close += shared(left, right)
                strange += shared(left, stranger)
    assert pairs > 3_000
    assert close > 2.2 * strange > 0


def test_people_follow_what_friends_followed_shortly_before(
    follows: dict[str, dict[str, datetime]], friends: dict[str, set[str]]
):
    """Follows come within a week of the friend's who was first far more often than any friend's a month later."""
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


def test_people_like_what_friends_liked_shortly_before(
    activity: list[dict[str, str]], friends: dict[str, set[str]], follows: dict[str, dict[str, datetime]]
):
    """A like comes within two days of a friend's of the same creator far more often than on two days a week later."""
    likes: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for row in activity:
        if row["action"] == "like":
            likes[row["user_id"], row["creator_id"]].append(datetime.fromisoformat(row["time"]))
    day = timedelta(days=1)
    soon = later = 0
    for (user, creator), moments in likes.items():
        for friend in friends[user]:
            gaps = [mine - theirs for theirs in likes.get((friend, creator), ()) for mine in moments]
            soon += sum(timedelta(0) < gap <= 2 * day for gap in gaps)
            later += sum(7 * day < gap <= 9 * day for gap in gaps)
    assert soon > 3 * later > 0
    assert sum(len(moments) > 1 for moments in likes.values()) > 0.3 * len(likes)


def test_interests_drift(follows: dict[str, dict[str, datetime]], truth: dict[str, Any]):
    """Of those who drift, follows go from the second community to the later one in the middle of the year."""
    middle = datetime(2024, 7, 2)
    counts: Counter[tuple[str, bool]] = Counter()
    drifting = 0
    for user, (_, second, later, _) in truth["people"].items():
        drifting += second != later
        for creator, moment in follows[user].items():
            community = truth["creators"][creator]
            if second != later and community in (second, later):
                counts["later" if community == later else "second", moment > middle] += 1
    assert 0.25 < drifting / 1_600 < 0.45
    assert counts["later", True] > 2 * counts["later", False]
    assert counts["second", False] > 2 * counts["second", True]


def test_who_is_followed_follows_back_above_chance(follows: dict[str, dict[str, datetime]], truth: dict[str, Any]):
    """Creators follow their followers far more often than equally popular creators of the follower's community."""
    fame = Counter(creator for whom in follows.values() for creator in whom)
    peers_of: dict[int, list[str]] = defaultdict(list)
    for user in sorted(follows.keys() & truth["creators"].keys()):
        peers_of[truth["people"][user][0]].append(user)
    mutual = pairs = 0
    by_chance = 0.0
    for user in sorted(follows.keys() & truth["creators"].keys()):
        alike = sorted(peers_of[truth["people"][user][0]], key=lambda peer: (abs(fame[peer] - fame[user]), peer))[:8]
        for creator in follows[user].keys() & follows.keys():
            strangers = [peer for peer in alike if peer not in (user, creator) and creator not in follows[peer]]
            if strangers:
                pairs += 1
                mutual += user in follows[creator]
                by_chance += mean(peer in follows[creator] for peer in strangers)
    assert pairs > 2_000
    assert mutual > 5 * by_chance > 0


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
