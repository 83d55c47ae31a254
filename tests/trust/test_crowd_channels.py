"""Crowds only, channel by channel: documents of the commands, A/B tests, comparisons and what reports make of them."""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from recsys_tui.cli.entry import main
from recsys_tui.data.bundled import bundled_path
from recsys_tui.evaluate.ab.report import report, report_document
from recsys_tui.evaluate.groups import Group
from recsys_tui.evaluate.judge import Figures
from recsys_tui.evaluate.reporting.tables import segment_table
from recsys_tui.evaluate.satisfaction import satisfactions
from recsys_tui.evaluate.segments import segments_of
from recsys_tui.evaluate.taken_pairs import TakenPairs
from recsys_tui.output.crowd_gate import SETTING
from recsys_tui.recommend.session import Session
from recsys_tui.store.ab_log import AbLog
from recsys_tui.store.ab_records import VISIT_MILLISECONDS
from tests.trust.crowd_world import GATE, WORLDS

Read = Callable[..., dict[str, Any]]
FEWEST = 120  # so many of the films' 1,500 people are few here, so that there is something to keep back


@pytest.fixture
def read(trained_copy: Session, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Read:
    monkeypatch.setenv(SETTING, str(FEWEST))
    # The model was trained for smaller crowds.
    assert main(["update", "films", "--quiet", "--home", str(trained_copy.home.root)]) == 0
    capsys.readouterr()

    def go(*arguments: str) -> dict[str, Any]:
        assert main([*arguments, "--json", "--home", str(trained_copy.home.root)]) == 0
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    return go


def films() -> list[dict[str, str]]:
    with (bundled_path("films") / "ratings.csv").open() as stream:
        return list(csv.DictReader(stream))


def few(people: set[str]) -> bool:
    return 0 < len(people) < FEWEST


def test_the_documents_of_commands(read: Read, trained_copy: Session):
    """Counted from the rows of the file: enough people behind every figure, and behind what the told ones leave."""
    rows, hidden = films(), 0
    overview = read("inspect", "films")
    months = [bar["label"] for bar in overview["periods"]]
    for bars, label in (
        (overview["ratings"], lambda row: f"{float(row['rating']):g}"),
        (overview["periods"], lambda row: _month(row["timestamp"], months)),
    ):
        people, counts = defaultdict(set), Counter(label(row) for row in rows)
        for row in rows:
            people[label(row)].add(row["userId"])
        told = {bar["label"]: bar["count"] for bar in bars if bar["count"]}
        assert told == {name: counts[name] for name in told}
        assert all(len(people[name]) >= FEWEST for name in told)
        assert not few(set().union(*(people[name] for name in people if name not in told)))
        hidden += len(people) - len(told)
    assert hidden

    users = trained_copy.users()
    cluster_of = dict(users.select("id", "cluster").iter_rows())
    sizes, takers = Counter(cluster_of.values()), defaultdict(set)
    for row in rows:
        takers[row["movieId"]].add(row["userId"])
    found = read("clusters", "films")["clusters"]
    told_sizes = {entry["id"]: entry["size"] for entry in found if entry["size"] is not None}
    assert told_sizes == {number: sizes[number] for number in told_sizes}
    at = next(iter(told_sizes))
    details = read("clusters", "films", "--cluster", str(at))["clusters"][0]["details"]
    for entry in details["items"]:
        here = sum(cluster_of[user] == at for user in takers[entry["item"]])
        count = entry["share"] * sizes[at]
        assert count >= FEWEST * (1 - 1e-9)
        assert count == pytest.approx(here) if not entry["at_least"] else count < here

    popular = max(takers, key=lambda item: len(takers[item]))
    rare = min(takers, key=lambda item: len(takers[item]))
    assert read("audience", "films", "--item", rare, "-k", "1")["people"] is None
    # Neither how many are named and who is missing, nor neighbours, nor what somebody new is told says who took it.
    everyone = {row["userId"] for row in rows}
    named = {entry["user"] for entry in read("audience", "films", "--item", rare, "-k", "5000")["users"]}
    assert not few(everyone - named)
    assert takers[rare] < everyone - named
    assert read("similar", "films", "--item", rare, "-k", "100")["items"] == []
    rated = {item: read("predict", "films", "--new-user", "--item", item) for item in takers if few(takers[item])}
    assert len({round(entry["expected_rating"], 5) for entry in rated.values()}) == 1
    assert len({entry["probability"] for entry in rated.values()}) == 1
    found = read("similar", "films", "--item", popular)["items"]
    for other in found:
        both = takers[popular] & takers[other["item"]]
        if other["people"] is not None:
            assert other["people"] == len(both) >= FEWEST
            assert not few(takers[popular] - both)
    assert any(entry["people"] for entry in found)
    user = next(iter(takers[popular]))
    profile = read("explain", "films", "--user", user, "--item", popular)["profile"]
    here = sum(cluster_of[one] == profile["cluster"] for one in takers[popular])
    assert profile["share"] is None or (here >= FEWEST and profile["share"] * profile["size"] == pytest.approx(here))
    listed = read("recommend", "films", "--user", "1", "--model", "popular", "-k", "1200")["items"]
    of_few = [entry["score"] for entry in listed if few(takers[entry["item"]])]
    assert of_few
    assert of_few == pytest.approx([np.log1p(FEWEST)] * len(of_few), rel=1e-6)


def _month(seconds: str, labels: list[str]) -> str:
    """The label of the period of a time: the last that begins before it."""
    when = datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%d")[: len(labels[0])]
    return max(label for label in labels if label <= when)


VISITS = st.lists(
    st.tuples(st.integers(0, 11), st.sampled_from(("p", "q", "")), st.sampled_from(("a", "b")), st.booleans()),
    max_size=60,
)


# Twelve people of one visit each, all but three of whom do the same: what is concluded is of three, or leaves them.
THREE_DECIDE, THREE_DO_NOT = (
    [(person, liked if person < 3 else others, "a", False) for person in range(12)]
    for liked, others in (("p", ""), ("", "p"))
)


@given(VISITS, st.sampled_from(("interleave", "split")))
@example(THREE_DECIDE, "interleave")
@example(THREE_DO_NOT, "interleave")
@settings(max_examples=2 * WORLDS, deadline=None)
def test_the_document_of_an_ab_test(visits: list[tuple[int, str, str, bool]], mode: str):
    """Each visit is of a person, who likes an item of a, one of b or none; some visits are not over."""
    log = AbLog.in_memory()
    test = log.start("deep", "ease", mode, "00" * 16, at=0)
    ended: list[tuple[str, str, str]] = []
    sitting: set[str] = set()
    for number, (person, liked, first, open_) in enumerate(sorted(visits, key=lambda visit: visit[3])):
        user, at = f"u{person}", (10**6 + number if open_ else number) * 2 * VISIT_MILLISECONDS
        if open_:
            at = 10**12
        arm = "a" if person % 2 else "b"
        shown = [("p", "a"), ("q", "b")] if first == "a" else [("q", "b"), ("p", "a")]
        if mode == "split":
            shown = [(item, arm) for item, _ in shown]
        visit = log.visit(test, user, arm if mode == "split" else None, "quick", at=at)
        log.show(visit, shown, at=at)
        log.note(visit, [(liked, "like", dict(shown)[liked])] if liked else [], at=at)
        if open_:
            sitting.add(user)
        else:
            ended.append((user, {"p": "a", "q": "b"}.get(liked, ""), first))
    found = report_document(report(test, *log.record(test), 10**12 + 1, gate=GATE))
    people = {user for user, *_ in ended}

    def hide(counted: int | None, behind: set[str]) -> None:
        assert counted is None or not 0 < len(behind) < GATE.minimum

    hide(found["open_sessions"], sitting)
    hide(found["people"], people)
    hide(found["sessions"], people)
    for arm in found["arms"]:
        liked_it = {user for user, won, _ in ended if (won == arm["arm"] if mode == "interleave" else won)}
        if mode == "split":
            liked_it = {user for user in liked_it if (int(user[1:]) % 2 == 1) == (arm["arm"] == "a")}
        hide(arm["likes"], liked_it)
        assert arm["likes"] is None or arm["likes"] >= len(liked_it)
    if found["wins"] is not None:
        parts = {"a": "a", "b": "b", "ties": ""}
        behind = {name: {user for user, won, _ in ended if won == side} for name, side in parts.items()}
        for name, who in behind.items():
            hide(found["wins"][name] or None, who)
        rest = set().union(*(who for name, who in behind.items() if found["wins"][name] is None))
        assert not 0 < len(rest) < GATE.minimum or all(found["wins"][name] in (None, 0) for name in parts)
        told = [found["wins"][f"people_{name}"] for name in parts]
        left = len(people) - sum(count or 0 for count in told)
        assert not 0 < left < GATE.minimum or not any(told)
    for outcome in ("win_share", "satisfaction", "click_rate", "like_rate"):  # nor do they seem to be of a few
        assert (found[outcome]["people"] or GATE.minimum) >= GATE.minimum
    so_far, deciding = found["sample_size"]["so_far"], {user for user, won, _ in ended if won}
    if mode == "interleave":
        hide(so_far, deciding)
        hide(None if found["delta"] is None else len(deciding), deciding)
        if so_far is not None and so_far % GATE.minimum:  # not in whole crowds: as it is
            assert so_far == sum(1 for _, won, _ in ended if won)
            hide(so_far, {user for user, won, _ in ended if not won})
    elif so_far is not None:
        assert not 0 < len(people) - so_far < GATE.minimum
    ratio = found["sample_ratio"]
    if ratio is not None and mode == "interleave":
        for side in ("a", "b"):
            hide(ratio[side] or None, {user for user, _, first in ended if first == side})
    for outcome in [found[name] for name in ("win_share", "satisfaction", "click_rate", "like_rate")]:
        if outcome["people"] is not None and found["people"] is not None:
            assert not 0 < found["people"] - outcome["people"] < GATE.minimum


@given(st.lists(st.integers(0, 12), min_size=2, max_size=5), st.integers(0, 6))
@example([5, 10], 0)  # in a group of hardly enough people the ends were those of one
@settings(max_examples=WORLDS, deadline=None)
def test_groups_of_a_comparison_and_the_tables_of_its_report(sizes: list[int], others: int):
    """Parts of people beside everybody who is asked about, some of whom are in none."""
    whose = np.repeat(np.arange(len(sizes) + 1), [*sizes, others])
    if not len(whose):
        return
    numbers = np.arange(len(whose))
    pairs = TakenPairs(len(whose), numbers, numbers)
    figures = {"good": Figures({}, {}, 0, 0, 0, np.ones((1, len(whose))))}
    groups = [Group("cluster", "cluster", whose == place, numbers, f"c{place}") for place in range(len(sizes))]
    told = [segment.told(GATE) for segment in segments_of(groups, pairs, figures, [], seed=0, gate=GATE)]
    shown = [size for size, segment in zip(sizes, told, strict=True) if segment["people"] is not None]
    assert [segment["people"] for segment in told if segment["people"] is not None] == shown
    assert all(size >= GATE.minimum for size in shown)
    assert not shown or not 0 < len(whose) - sum(shown) < GATE.minimum
    for place, segment in enumerate(told):
        own = numbers[whose == place]
        for end in segment["range"] or ():
            assert min((own <= end).sum(), (own >= end).sum()) >= GATE.minimum
        assert segment["range"] is None or segment["range"][0] <= segment["range"][1]
    (table,) = segment_table({"segments": told, "models": [{"name": "good"}]})
    for segment, row in zip(told, table.rows, strict=True):
        figures_shown = [cell for cell in row[4:] if any(sign.isdigit() for sign in cell)]
        assert bool(figures_shown) == (segment["people"] is not None)
        if segment["people"] is None:
            assert segment["range"] is None


# By person: a group of people, and of each of one to three held-out items a group of items and one of time.
HELD_OUT = st.lists(
    st.tuples(st.integers(0, 2), st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1)), min_size=1, max_size=3)),
    min_size=5,
    max_size=24,
)


@given(HELD_OUT)
@example([(0, [(0, 0)])] * 7 + [(0, [(1, 1)])] * 9 + [(1, [(2, 0)])])  # the popular third is of one person
@example([(0, [(0, 0)])] * 8 + [(0, [(0, 1)])] + [(1, [(1, 1)])] * 8)  # one person is in the one, not in the other
@example([(0, [(0, 0)])] * 8 + [(1, [(1, 1)])] * 8 + [(1, [(0, 0), (1, 1)])])  # one person took of both
@settings(max_examples=5 * WORLDS, deadline=None)
def test_groups_of_a_comparison_by_item_and_by_time(people: list[tuple[int, list[tuple[int, int]]]]):
    """What is told of all and of groups is, added and subtracted, of no few people; each by what they took there."""
    whose = np.repeat(np.arange(len(people)), [len(taken) for _, taken in people])
    of = np.array([(group, *pair) for group, taken in people for pair in taken]).T
    pairs = TakenPairs(len(people), whose, np.arange(len(whose)))
    kinds = zip(("cluster", "popularity", "period"), of, strict=True)
    groups = [Group(by, f"{by} {part}", parts == part) for by, parts in kinds for part in range(3)]
    groups = [group for group in groups if group.among.any()]
    figures = {"good": Figures({}, {}, 0, 0, 0, np.ones((1, len(whose)), np.int64))}
    segments = segments_of(groups, pairs, figures, [], seed=0, gate=GATE)
    told = [group for group, segment in zip(groups, segments, strict=True) if segment.means]

    def sum_of(group: Group) -> Counter[tuple[int, frozenset[int]]]:
        return Counter({(who, frozenset(np.flatnonzero(group.among & (whose == who)))): 1
                        for who in set(whose[group.among].tolist())})  # fmt: skip

    whole, sums = sum_of(Group("all", "all", np.ones(len(whose), np.bool_))), {}
    for by in {group.by for group in told}:
        sums[by] = [(whole, 1), *((sum_of(group), -1) for group in told if group.by == by)]
    for a, b in combinations(told, 2):
        sums[f"{a.name} less {b.name}"] = [(sum_of(a), 1), (sum_of(b), -1)]
        sums[f"all less {a.name} and {b.name}"] = [(whole, 1), (sum_of(a), -1), (sum_of(b), -1)]
    for name, parts in sums.items():
        total: Counter[tuple[int, frozenset[int]]] = Counter()
        for part, sign in parts:
            total.update({key: sign * count for key, count in part.items()})
        assert not 0 < len({who for (who, _), count in total.items() if count}) < GATE.minimum, name


# By person: of each of one or two held-out items whether it is rated, and in the list of each of two models.
TAKEN = st.lists(
    st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), min_size=1, max_size=2), min_size=5, max_size=16
)


@given(TAKEN)
@example([[(True, True, True)]] * 15 + [[(True, False, True)]])
@example(
    [[(True, False, False)], [(True, False, True)], [(True, True, False)], [(True, True, True)]]
    + [[(True, False, True), (True, True, False)]] * 3
)
@settings(max_examples=2 * WORLDS, deadline=None)
def test_how_well_liked_finds_are(taken: list[list[tuple[bool, bool, bool]]]):
    """No sum and difference of means, each by how many people it is of, is of a few people."""
    whose = np.repeat(np.arange(len(taken)), [len(own) for own in taken])
    rated, *hits = np.array([pair for own in taken for pair in own]).T
    worth = np.where(rated, np.random.default_rng(0).normal(3.0, 1.0, len(whose)), np.nan)
    pairs = TakenPairs(len(taken), whose, np.arange(len(whose)), worth, "rating")
    told: list[np.ndarray] = []
    told_of = satisfactions([hit[None].astype(np.int64) for hit in hits], pairs, gate=GATE)
    for hit, found in zip(hits, told_of, strict=True):
        if found is None:
            continue
        for mean, counted in ((found.mean, hit & rated), (found.of_all_taken, rated)):
            if mean is None:
                continue
            weights = counted / np.maximum(1, np.bincount(whose, counted))[whose]
            half = (np.nanmax(worth) - np.nanmin(worth)) / weights.sum()  # of a step, that is twice as wide at most
            assert mean == pytest.approx(weights @ np.nan_to_num(worth) / weights.sum(), abs=half + 1e-9)
            told.append(weights)
    assert all(not 0 < people < GATE.minimum for people in _people_of_sums(told, whose))


def _people_of_sums(told: list[np.ndarray], whose: np.ndarray) -> Iterator[int]:
    """How many people stand behind each sum and difference of what was told, weights (pairs,) of sums."""
    for signs in product((-1, 0, 1), repeat=len(told)):
        total = sum((sign * weights for sign, weights in zip(signs, told, strict=True)), np.zeros(len(whose)))
        yield len(np.unique(whose[np.abs(total) > 1e-9]))
