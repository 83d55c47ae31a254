"""States of the workbench made up for pictures: a person with their list and why, a cluster, an item, a comparison."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from recsys_tui.data.histogram_cells import Bar
from recsys_tui.evaluate.differences import METRICS, Difference, Segment, SideBySide
from recsys_tui.evaluate.stored_comparison import StoredComparison
from recsys_tui.output.messages import say
from recsys_tui.recommend.answers import HistoryItem, Reason, Recommendations, RecommendedItem
from recsys_tui.recommend.cluster_comparison import ClusterComparison, Contrast
from recsys_tui.recommend.cluster_habits import Activity, RatingHabits
from recsys_tui.recommend.cluster_page import ClusterPage, StandsOut
from recsys_tui.recommend.explanations.explanation import Cause, Explanation, LeftOut, Without
from recsys_tui.recommend.explanations.peers import ClusterTaste
from recsys_tui.recommend.explanations.shared_terms import SharedTerm
from recsys_tui.recommend.explanations.sureness import STRONG, Sureness
from recsys_tui.recommend.item_page import ClusterLiking, ItemPage
from recsys_tui.recommend.list_options import list_options
from recsys_tui.recommend.live_edits import LiveEdits
from recsys_tui.recommend.similar import SimilarItem, SimilarItems
from recsys_tui.recommend.user_map import UserMap
from recsys_tui.store.verdicts import DISLIKE, LIKE, Verdicts
from recsys_tui.tui.state.clusters import ClusterState
from recsys_tui.tui.state.compare import CompareState, ComparisonRun, Preference, TwoLists
from recsys_tui.tui.state.items import ItemState
from recsys_tui.tui.state.workbench import Asked, PersonState, WhyState, WorkbenchState
from tests.tui import snapshot_data as made

USER = "u4169"
MONTH = 30 * made.DAY
SHARES = {"sequence": 0.32, "co_liking": 0.21, "content": 0.17, "profile": 0.14, "interaction": 0.05, "encoder": -0.02}
EDITS = LiveEdits().after("11", LIKE).after("16", DISLIKE)


def trained() -> WorkbenchState:
    """Data that is open, and a model that answers."""
    return WorkbenchState(
        name="films",
        estimates=made.ESTIMATES,
        dataset=made.dataset(),
        overview=made.overview(),
        model=made.model(),
    )


def training() -> WorkbenchState:
    """The same while the model that would answer is trained."""
    return replace(trained(), model=None, job=made.job())


def reading() -> WorkbenchState:
    """Data that is being read."""
    state = WorkbenchState(name="films", step="reading")
    return replace(state, reading=replace(state.reading, preview=made.preview(), lines=41_000, share=0.41))


def answer(order: tuple[int, ...], ranker: str = "deep", milliseconds: float = 11.0) -> Recommendations:
    """A list of items in some order; parts of the score shrink on the way down."""
    items = []
    for rank, place in enumerate(order, 1):
        weight = 1 - rank / 40
        reasons = tuple(Reason(kind, say(f"models.component_{kind}"), part * weight) for kind, part in SHARES.items())
        if rank % 3 == 0:
            reasons = tuple(replace(one, contribution=-0.04) if one.kind == "content" else one for one in reasons)
        score = sum(reason.contribution for reason in reasons)
        items.append(
            RecommendedItem(
                rank, str(place), made.TITLES[place], made.GENRES[place % 6], score, 0.93 * 0.8 ** (rank - 1), reasons
            )
        )
    name = made.clusters()[0].name
    return Recommendations(USER, ranker, "standard", "next", 0, name, tuple(items), milliseconds, None, 1, 1)


ORDER = (0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 13, 14, 15, 17, 18, 19, 9)
BEFORE = (1, 0, 2, 9, 3, 4, 16, 6, 5, 7, 8, 12, 10, 13, 14, 15, 17, 18)


def person(what_if: bool = False) -> PersonState:
    """Somebody who likes and dislikes, and whose list moved by it."""
    taken = ((9, 5.0), (10, 4.5), (15, 4.0), (4, 5.0), (2, 3.5), (1, 1.0), (18, 4.0), (13, 2.0), (3, 4.0))
    history = tuple(
        HistoryItem(str(place), made.TITLES[place], made.GENRES[place % 6], rating, made.YEAR_2018 - MONTH * number)
        for number, (place, rating) in enumerate(taken * 3)
    )
    said = EDITS.said
    titles = {"11": made.TITLES[11], "16": made.TITLES[16]}
    deed = " · ".join(
        (say("live.says_dislike", title=made.TITLES[16]), say("live.tried" if what_if else "live.noted"),
         say("live.back_undo"))
    )  # fmt: skip
    before = tuple(str(place) for place in BEFORE)
    found = PersonState(USER, history, answer(ORDER), said, before=before, titles=titles, deed=deed, heard=True)
    if not what_if:
        return found
    return replace(found, what_if=True, kept=Verdicts((), ("16",)), trial=EDITS)


def explanation() -> Explanation:
    """Why the first item of the list stands there."""
    causes = (
        (9, 5.0, None, 0.21, 0.18),
        (10, 4.5, None, 0.13, 0.12),
        (4, 5.0, None, 0.08, 0.07),
        (11, None, LIKE, 0.06, 0.05),
    )
    return Explanation(
        user=USER,
        item="0",
        title=made.TITLES[0],
        model="deep",
        preset="standard",
        horizon="next",
        score=0.85,
        rank=1,
        in_candidates=True,
        already_taken=False,
        probability=0.93,
        chance=None,
        components=tuple(Reason(kind, "", part) for kind, part in SHARES.items()),
        history=tuple(
            Cause(str(place), made.TITLES[place], rating, None, opinion, share, share, None, effect, True)
            for place, rating, opinion, share, effect in causes
        ),
        band=0.02,
        content=(SharedTerm("dystopia", "word", 0.09), SharedTerm("Sci-Fi", "category", 0.06)),
        vectors=0.0,
        profile=ClusterTaste(0, made.clusters()[0].name, 212, 0.71, 0.115, 6.2),
        without=(
            Without("9", made.TITLES[9], 1, 14),
            Without("10", made.TITLES[10], 1, 3),
            Without("4", made.TITLES[4], 1, None),
        ),
        counterfactual=LeftOut(10, (("9", made.TITLES[9]), ("10", made.TITLES[10])), 23, True),
        depth=100,
        sureness=Sureness(STRONG, 5, 6, 4, 27, 0.1, 0.04),
        sentences=(f"Because you took {made.TITLES[9]} and {made.TITLES[10]}, and people of your group take it.",),
        note=None,
    )


def with_person(what_if: bool = False) -> WorkbenchState:
    """A person on screen, with why their first item is there."""
    found = person(what_if)
    assert found.answer is not None
    why = WhyState(found.answer, "0", explanation(), settled=True)
    asked = Asked(20, list_options(where=("year>=1960",), diversity=0.3)) if what_if else Asked()
    return replace(trained(), person=found, why=why, asked=asked, edits={USER: EDITS})


def with_item() -> WorkbenchState:
    """An item on screen that one came to from another."""
    state = with_person()
    similar = SimilarItems(
        "0", made.TITLES[0], "taste", "standard", "next",
        tuple(
            SimilarItem(rank, str(rank), made.TITLES[rank], 0.412 - 0.019 * rank, 120, ("dystopia",))
            for rank in range(1, 20)
        ),
    )  # fmt: skip
    likings = [
        ClusterLiking(one.id, one.name, one.size, 0.71 - 0.11 * place, 6.2 - place)
        for place, one in enumerate(made.clusters()[:6])
    ]
    page = ItemPage(
        item="0",
        title=made.TITLES[0],
        categories=made.GENRES[0],
        attributes=(("year", "1985"), ("director", "Terry Gilliam"), ("country", "United Kingdom, [i]of[/i] old")),
        taken=True,
        beside=False,
        actions=713,
        people=702,
        mean_rating=4.12,
        ratings=tuple(Bar(f"{5 - place}", count) for place, count in enumerate((301, 214, 120, 60, None))),
        periods=tuple(
            Bar(f"{2000 + place // 4}-{3 * (place % 4) + 1:02d}", 5 * place if place > 2 else None)
            for place in range(24)
        ),
        clusters=(*likings, ClusterLiking(6, made.clusters()[6].name, None, None, None)),
    )
    return replace(state, item=ItemState("0", "taste", page, similar, None, state.model, ("5",), "users"))


def with_clusters(at: int = 0, other: int | None = None) -> WorkbenchState:
    """A cluster that is looked at, alone or beside another."""
    state = trained()
    pages = {number: cluster_page(number) for number in (0, 1, 2)}
    contrasts = tuple(
        Contrast(str(place), title, 0.71 - 0.05 * place, None if place == 3 else 0.3 + 0.04 * place)
        for place, title in enumerate(made.TITLES[:8])
    )
    comparison = None if other is None else ClusterComparison(at, other, 0.38, contrasts, contrasts[:4], contrasts[4:])
    people = np.arange(943)
    turn = people * 2.4
    points = np.stack((np.cos(turn) * people, np.sin(turn) * people), axis=1).astype(np.float32)
    where = UserMap(people, points, (people // 135).astype(np.int16), (0.31, 0.14))
    return replace(state, looked_at=ClusterState(at, False, other, state.model, pages, where, comparison))


def cluster_page(number: int) -> ClusterPage:
    """What is told of a cluster."""
    items = tuple(
        StandsOut(str(place), title, 0.71 - 0.04 * place, 6.2 - 0.3 * place, at_least=place == 2)
        for place, title in enumerate(made.TITLES[:10])
    )
    terms = tuple(
        StandsOut(term, None, 0.4 - 0.04 * place, 3.1 - 0.3 * place)
        for place, term in enumerate(("dystopia", "Sci-Fi", "[u]noir[/u]", "未来", "robots"))
    )
    levels = (0.5, 1.0, 2.0, 3.0, 3.5, 4.0, 4.5, 5.0)
    habits = RatingHabits(
        3.92, 3.58, levels, (None, 0.02, 0.05, 0.15, 0.1, 0.35, 0.13, 0.2), (0.01, 0.04, 0.1, 0.2, 0.1, 0.3, 0.1, 0.15)
    )
    starts = tuple(made.YEAR_2000 + place * 60 * made.DAY for place in range(24))
    here = tuple((1 + place % 5) / 60 for place in range(24))
    activity = Activity(88, 65, 0.14, 0.1, starts, here, tuple(1 / 24 for _ in starts))
    places = range(212)
    members = pl.DataFrame(
        {
            "user": ["u4169", "[b]u7[/b]", "花子", *(f"u{place}" for place in places[3:])],
            "closeness": [0.97 - place / 400 for place in places],
            "actions": [2_314 - 9 * place for place in places],
            "mean_rating": [4.2 - place / 200 for place in places],
            "last": [made.YEAR_2018 - 11 * made.DAY * place for place in places],
        }
    )
    return ClusterPage(number, 212, items, terms, habits, activity, members)


def comparing(started: float | None = None) -> WorkbenchState:
    """Two models side by side; ``started``: a comparison over all people runs since then."""
    state = with_person()
    other = answer((1, 0, 9, 2, 16, 3, 12, 10, 6, 8, 5, 14, 13, 15, 11, 18), "ease", 3.0)
    assert state.person is not None
    assert state.person.answer is not None
    first = state.person.answer
    lists = TwoLists((USER, "deep", "ease"), USER, first, other)
    pair = frozenset(("deep", "ease"))
    preferred = (Preference("u1", pair, "deep"), Preference("u2", pair, "deep"), Preference("u3", pair, "ease"))
    run = (
        None
        if started is None
        else ComparisonRun(("deep", "ease", "popular"), "trying", (("ease", "fitting"),), 0.47, started)
    )
    compared = CompareState("deep", "ease", lists, stored_comparison(), None, run, preferred)
    return replace(state, compared=compared)


def stored_comparison() -> StoredComparison:
    """Scores of three models over everyone."""
    figures = {
        name: {metric: value * (1 + place / 3) for place, metric in enumerate(METRICS)}
        | {"coverage@10": 0.41, "novelty@10": 9.2 + value, "diversity@10": 0.71, "gini@10": 0.88}
        for name, value in (("deep", 0.1981), ("ease", 0.1712), ("popular", 0.0441))
    }
    differences = tuple(
        Difference("deep", "ease", metric, 0.027 * (1 + place / 3), 0.021 - place / 150, 0.036 + place / 100)
        for place, metric in enumerate(METRICS)
    )
    segments = tuple(
        Segment(
            name,
            people,
            least,
            most,
            {"deep": 0.15 + gap, "ease": 0.15},
            (Difference("deep", "ease", "ndcg@10", gap, gap - 0.01, gap + 0.01),),
        )
        for name, people, least, most, gap in (("light", 310, 5, 19, -0.04), ("middle", 400, 20, 99, 0.02))
    )
    document = {
        "models": [{"name": name, "metrics": told} for name, told in figures.items()],
        "users": 943,
        "test_interactions": 943,
        "protocol": "leave-last-out",
        "seed": 7,
    }
    few = Segment("heavy", 8, 100, 737, {}, ())
    both = SideBySide(differences, (*segments, few))
    return StoredComparison(document, both, "", "", "standard", "2026-01-02T03:04:05")
