"""Small made worlds in which people stand alone behind items, ratings, events, months, categories and groups of people,
and everything that the program tells of them: pages, lists and documents, from the figures that all channels draw."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import polars as pl
import pytest
from hypothesis import strategies as st

from recsys_tui.data.dataset import BASKET, ID, TIME, USER, Dataset, Mapping, TimeKind
from recsys_tui.data.histogram_cells import HistogramCells
from recsys_tui.data.histories import Histories, histories_of
from recsys_tui.data.load import load_dataset
from recsys_tui.data.merged_pairs import merged_pairs
from recsys_tui.data.overview import Overview, describe
from recsys_tui.data.text_list import TextList
from recsys_tui.models.attribute_popularity import AttributePopularity
from recsys_tui.models.classics.biased_factors import BiasedFactors, BiasedSettings
from recsys_tui.models.neighbours import Neighbours
from recsys_tui.models.popularity import RECENT, Popularity
from recsys_tui.models.trained_model import People, TrainedModel, against_of, catalogue_of
from recsys_tui.output.crowd_gate import SETTING, CrowdGate
from recsys_tui.profiles.cluster_description import describe_clusters
from recsys_tui.profiles.content_profile_fitting import fit_content_profiles
from recsys_tui.profiles.user_profiles import UserProfiles
from recsys_tui.recommend.answers import Cluster, as_told
from recsys_tui.recommend.baskets import Baskets
from recsys_tui.recommend.recommender import Recommender
from recsys_tui.recommend.session import Session

GATE = CrowdGate(5)
# ``python -m tests.bench crowds`` sets how many worlds are looked at.
WORLDS = int(os.environ.get("RECSYS_TEST_CROWDS", "20"))
# The first and the fifteenth of the first months of 2020, UTC, in seconds.
# Kinds of events by the number of what is done, what takes back what the first gave, and what counts for nothing.
KINDS, BACK, IDLE = ("purchase", "e1"), "return", "e0"
STRENGTH = {"purchase": 5, "e1": 1, BACK: -5, IDLE: 0}
DAYS = (1_577_836_800, 1_579_046_400, 1_580_515_200, 1_581_724_800, 1_583_020_800, 1_584_230_400)
COLUMNS = ("user_id", "item_id", "rating", "event", "timestamp")
NO_GROUP = -1  # of who took back all they had
CHANCES = (0.0, 0.08, 0.3, 0.7, 1.0)


# Group of the person, item, rating (None for none), event, time in seconds.
Cell = tuple[int, str, float | None, str, int]
Rows = tuple[tuple[str, Cell], ...]
# The town of a person and what they do, None where it is not known.
Traits = tuple[str | None, str | None]
TRAITS = ("town", "trade")


@dataclass(frozen=True)
class World:
    """A dataset with groups of its people, as the session and the model that the program would have of it.

    ``rows``: the user of each and where it stands, by hand; ``clusters``: the group of each user (id), none where they
    took back all they had; ``traits``: their attributes. ``late``: what is popular of late. ``by_traits``: among people
    of some attributes, None where nobody's are known. ``baskets``: what one person took at one time.
    """

    rows: Rows
    genres: dict[str, str]
    clusters: dict[str, int]
    traits: dict[str, Traits]
    dataset: Dataset
    overview: Overview
    session: Session
    recommender: Recommender
    late: Popularity
    by_traits: AttributePopularity | None
    baskets: Baskets


@st.composite
def made(draw: st.DrawFn) -> dict[str, Any]:
    """What a world is made of: groups of 1 to 16 people, of which each takes each item with some chance of its own.
    There may be no ratings, events or dates, and an item of two genres."""
    sizes = draw(st.lists(st.integers(1, 16), min_size=2, max_size=4))
    items = draw(st.integers(2, 4))
    return {
        "sizes": sizes,
        "chances": draw(st.lists(st.lists(st.sampled_from(CHANCES), min_size=items, max_size=items),
                                 min_size=len(sizes), max_size=len(sizes))),
        "levels": draw(st.lists(st.sampled_from((0.02, 0.1, 0.5, 1.0)), min_size=2, max_size=4)),
        "days": draw(
            st.just([1.0, 1.0]) | st.lists(st.sampled_from((0.02, 0.1, 0.5, 1.0)), min_size=1, max_size=len(DAYS))
        ),
        "events": draw(st.lists(st.sampled_from((0.02, 0.3, 1.0)), min_size=1, max_size=2)),
        "unrated": draw(st.sampled_from((0.0, 0.0, 0.05))),
        "repeats": draw(st.sampled_from((0.0, 0.0, 0.2))),
        "returned": draw(st.sampled_from((0.0, 0.0, 0.1, 0.4))),
        "anew": draw(st.sampled_from((0.0, 0.3))),
        "alone": draw(st.sampled_from((0.0, 0.0, 0.05, 0.3))),
        "idle": draw(st.sampled_from((0.0, 0.0, 0.05, 0.3))),
        "towns": draw(st.lists(st.sampled_from((0.1, 0.5, 1.0)), min_size=2, max_size=3)),
        "moved": draw(st.sampled_from((0.0, 0.4, 1.0))),
        "streets": draw(st.just([1.0]) | st.lists(st.sampled_from((0.1, 0.3, 1.0)), min_size=2, max_size=3)),
        "times": draw(st.sampled_from(list(TimeKind))),
        "rated": draw(st.booleans()),
        "evented": draw(st.booleans()),
        "mixed": draw(st.booleans()),
        "seed": draw(st.integers(0, 2**16)),
    }  # fmt: skip


def rows_of(plan: dict[str, Any]) -> Rows:
    """The rows of a plan, no two alike. What is sent back may be all that somebody took of an item, or one of several,
    and may be taken anew; or nothing says that they took it. What counts for nothing may be all that they did."""
    random = np.random.default_rng(plan["seed"])
    rows: dict[tuple[str, Cell], None] = {}

    def one_of(weights: list[float]) -> int:
        return int(random.choice(len(weights), p=np.array(weights) / sum(weights)))

    person = 0
    for cluster, (size, chances) in enumerate(zip(plan["sizes"], plan["chances"], strict=True)):
        for _ in range(size):
            person += 1
            taken = np.flatnonzero(random.random(len(chances)) < chances).tolist()
            unrated = {
                item for item in taken if random.random() < plan["unrated"]
            }  # the first rating is the first row's
            steps: list[tuple[int, str | None]] = [(item, None) for item in taken]
            steps += [(item, None) for item in taken if random.random() < plan["repeats"]]
            back = [item for item in taken if plan["returned"] and random.random() < plan["returned"]]
            steps += [(item, BACK) for item in back]
            steps += [(item, None) for item in back if random.random() < plan["anew"]]
            for name, kind in (("alone", BACK), ("idle", IDLE)):
                others = [item for item in range(len(chances)) if kind == IDLE or item not in taken]
                steps += [(item, kind) for item in others if plan[name] and random.random() < plan[name]]
            for item, given in steps:
                if given and not plan["evented"]:
                    continue
                rating = None if item in unrated or not plan["rated"] else 1.0 + one_of(plan["levels"])
                kind = given or KINDS[one_of(plan["events"]) if plan["evented"] else 0]
                day = one_of(plan["days"])
                when = {TimeKind.TIME: DAYS[day], TimeKind.ORDER: 1 + day, TimeKind.NONE: 0}[plan["times"]]
                cell = cluster, f"i{item}", rating, kind, when
                if not any(user == f"u{person}" and own[1] == cell[1] and own[4] == cell[4] for user, own in rows):
                    rows[f"u{person}", cell] = None
    return tuple(rows)


def kept_and_back(rows: Rows) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Which pairs of a person and an item count, and of which all was taken back: a look makes up for nothing. Neither
    is a pair of which nothing counts."""
    sums: dict[tuple[str, str], list[int]] = {}
    for user, cell in rows:
        sums.setdefault((user, cell[1]), []).append(STRENGTH[cell[3]])
    back = {pair for pair, given in sums.items() if min(given) < 0 and sum(each for each in given if each != 1) <= 0}
    return {pair for pair, given in sums.items() if sum(given) > 0} - back, back


def world_of(plan: dict[str, Any], folder: Path) -> World | None:
    """The world of a plan; None where nobody has anything in it."""
    rows = rows_of(plan)
    having = {user for user, _ in kept_and_back(rows)[0]}
    clusters = {user: cell[0] if user in having else NO_GROUP for user, cell in rows}
    if len(clusters) < 2 or not having:
        return None
    traits = _traits_of(plan, clusters)
    items = sorted({cell[1] for _, cell in rows})
    genres = {item: "g0|g1" if plan["mixed"] and not place else f"g{place % 2}" for place, item in enumerate(items)}
    told = [True, True, plan["rated"], plan["evented"], plan["times"] is not TimeKind.NONE]
    table = [COLUMNS, *((user, *cell[1:]) for user, cell in rows)]
    lines = [
        ",".join("" if value is None else str(value) for value, there in zip(row, told, strict=True) if there)
        for row in table
    ]
    path = folder / "rows.csv"
    path.write_text("\n".join(lines) + "\n")
    (folder / "items.csv").write_text("item_id,genres\n" + "".join(f"{item},{genres[item]}\n" for item in items))
    with pytest.MonkeyPatch.context() as settings:
        settings.setenv(SETTING, str(GATE.minimum))
        weightless = any(cell[3] == IDLE for _, cell in rows)
        named = [name if there else None for name, there in zip(COLUMNS, told, strict=True)]
        dataset = load_dataset(
            path, Mapping(rating=named[2], time=named[4], weights=(f"{IDLE}=0",) if weightless else ())
        )
    assert dataset.time_kind is plan["times"]
    cells = HistogramCells.of(dataset)
    overview = describe(dataset, GATE, cells)
    recommender = _recommender(dataset, clusters, len(plan["sizes"]), plan["seed"])
    session = SimpleNamespace(dataset=dataset, overview=overview, cells=cells, recommender=lambda: recommender)
    histories = histories_of(dataset)
    given = [traits[user] for user in dataset.users[ID].to_list()]
    people = dataset.users.select(ID).with_columns(
        pl.Series(name, [own[place] for own in given], pl.String) for place, name in enumerate(TRAITS)
    )
    together = pl.concat_str(USER, pl.lit("@"), TIME if told[4] else pl.lit(0)).alias(BASKET)
    return World(
        rows,
        genres,
        clusters,
        traits,
        dataset,
        overview,
        cast(Session, session),
        recommender,
        popularity(histories, of_late=plan["times"] is TimeKind.TIME),
        AttributePopularity.fit(histories, people, minimum=GATE.minimum),
        Baskets.of(replace(dataset, interactions=dataset.interactions.with_columns(together))),
    )


def _traits_of(plan: dict[str, Any], users: Iterable[str]) -> dict[str, Traits]:
    """A town for everybody, the first of which nobody says; most people of a town do what its name says, or each what
    is done in their street of it."""
    random = np.random.default_rng(plan["seed"] + 1)
    towns = [None, *(f"t{place}" for place in range(len(plan["towns"])))]
    weights, streets = np.array([0.02, *plan["towns"]]), np.array(plan["streets"])
    found: dict[str, Traits] = {}
    for user in users:
        town, other = (towns[place] for place in random.choice(len(towns), 2, p=weights / weights.sum()).tolist())
        trade = other if random.random() < plan["moved"] else town
        if trade is not None and len(streets) > 1:
            trade += f"s{random.choice(len(streets), p=streets / streets.sum())}"
        found[user] = town, trade
    return found


def _recommender(dataset: Dataset, clusters: dict[str, int], count: int, seed: int) -> Recommender:
    """What answers with these groups in place of those of a training."""
    random = np.random.default_rng(seed)
    histories, catalogue = histories_of(dataset), catalogue_of(dataset)
    of_people = np.array([clusters[user] for user in dataset.users["id"].to_list()], np.int16)
    places = random.normal(size=(len(catalogue), 2)).astype(np.float32)
    centres = random.normal(size=(count, 2)).astype(np.float32)
    nothing = np.zeros((count, len(catalogue)), np.float32)
    profiles = UserProfiles(places, places, centres, nothing, np.zeros(2, np.float32))
    content = fit_content_profiles(dataset.items, 0)[0]
    against = against_of(dataset, merged_pairs(dataset))
    people = People(TextList.of(dataset.users["id"].to_list()), histories, of_people, against)
    experts = SimpleNamespace(
        profiles=profiles, content=content, neighbours=Neighbours.fit(histories), popular=popularity(histories),
        cold=None, input_signals_of=lambda batch, who, what: np.zeros((1, len(who)), np.float32),
    )  # fmt: skip
    experts.for_many = lambda: experts
    interaction = SimpleNamespace(
        logits=lambda signals, _lengths: signals[0], probability=lambda logits: logits + 0.5, is_untaught=True
    )  # fmt: skip
    rated = histories.ratings is not None and bool(np.isfinite(histories.ratings).any())
    ratings = BiasedFactors.fit(histories, settings=BiasedSettings(width=1, sweeps=2)) if rated else None
    parts = SimpleNamespace(
        people=people, catalogue=catalogue, experts=experts, interaction=interaction, ratings=ratings
    )  # fmt: skip
    model = cast(TrainedModel, parts)
    described = describe_clusters(histories, of_people, profiles, content, catalogue.titles, GATE)
    ids = catalogue.ids
    shown = as_told(
        (
            Cluster(
                number, one.name, one.size, one.cohesion,
                tuple((str(ids[item]), None, lift) for item, lift in one.items), one.terms,
            )
            for number, one in enumerate(described)
        ),
        GATE,
        untold=int((of_people == NO_GROUP).sum()),
    )  # fmt: skip
    answering = SimpleNamespace(
        model=model, clusters=lambda: shown, manifest={"time_kind": dataset.time_kind.value}, preset="quick",
        horizon="next", item_code=ids.index,
    )  # fmt: skip
    return cast(Recommender, answering)


def popularity(histories: Histories, of_late: bool = False) -> Popularity:
    """Popularity as a training with these crowds would count it."""
    with pytest.MonkeyPatch.context() as settings:
        settings.setenv(SETTING, str(GATE.minimum))
        return Popularity.fit(histories, RECENT, recent=True) if of_late else Popularity.fit(histories)
