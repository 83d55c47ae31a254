"""Small made worlds in which people stand alone behind items, ratings, events, months, categories and groups of people,
and everything that the program tells of them: pages, lists and documents, from the figures that all channels draw."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import strategies as st

from recsys_tui.data.dataset import Dataset
from recsys_tui.data.histogram_cells import HistogramCells
from recsys_tui.data.histories import Histories, histories_of
from recsys_tui.data.load import load_dataset
from recsys_tui.data.overview import Overview, describe
from recsys_tui.data.text_list import TextList
from recsys_tui.models.neighbours import Neighbours
from recsys_tui.models.popularity import Popularity
from recsys_tui.models.trained_model import People, TrainedModel, catalogue_of
from recsys_tui.output.crowd_gate import SETTING, CrowdGate
from recsys_tui.profiles.cluster_description import describe_clusters
from recsys_tui.profiles.content_profile_fitting import fit_content_profiles
from recsys_tui.profiles.user_profiles import UserProfiles
from recsys_tui.recommend.answers import Cluster, as_told
from recsys_tui.recommend.recommender import Recommender
from recsys_tui.recommend.session import Session

GATE = CrowdGate(5)
# ``python -m tests.bench crowds`` sets how many worlds are looked at.
WORLDS = int(os.environ.get("RECSYS_TEST_CROWDS", "20"))
# The first and the fifteenth of the first months of 2020, UTC, in seconds.
DAYS = (1_577_836_800, 1_579_046_400, 1_580_515_200, 1_581_724_800, 1_583_020_800, 1_584_230_400)
CHANCES = (0.0, 0.08, 0.3, 0.7, 1.0)


# Group of the person, item, rating (None for none), event, time in seconds.
Cell = tuple[int, str, float | None, str, int]
Rows = tuple[tuple[str, Cell], ...]


@dataclass(frozen=True)
class World:
    """A dataset with groups of its people, as the session and the model that the program would have of it.

    ``rows``: the user of each and where it stands, by hand; ``clusters``: the group of each user (id).
    """

    rows: Rows
    genres: dict[str, str]
    clusters: dict[str, int]
    dataset: Dataset
    overview: Overview
    session: Session
    recommender: Recommender


@st.composite
def made(draw: st.DrawFn) -> dict[str, Any]:
    """What a world is made of: groups of 1 to 12 people, of which each takes each item with some chance of its own."""
    sizes = draw(st.lists(st.integers(1, 12), min_size=2, max_size=4))
    items = draw(st.integers(2, 4))
    return {
        "sizes": sizes,
        "chances": draw(st.lists(st.lists(st.sampled_from(CHANCES), min_size=items, max_size=items),
                                 min_size=len(sizes), max_size=len(sizes))),
        "levels": draw(st.lists(st.sampled_from((0.02, 0.1, 0.5, 1.0)), min_size=2, max_size=4)),
        "days": draw(st.lists(st.sampled_from((0.02, 0.1, 0.5, 1.0)), min_size=1, max_size=len(DAYS))),
        "events": draw(st.lists(st.sampled_from((0.02, 0.3, 1.0)), min_size=1, max_size=2)),
        "unrated": draw(st.sampled_from((0.0, 0.0, 0.05))),
        "repeats": draw(st.sampled_from((0.0, 0.0, 0.2))),
        "seed": draw(st.integers(0, 2**16)),
    }  # fmt: skip


def rows_of(plan: dict[str, Any]) -> Rows:
    """The rows of a plan, no two alike."""
    random = np.random.default_rng(plan["seed"])
    rows: dict[tuple[str, Cell], None] = {}

    def one_of(weights: list[float]) -> int:
        return int(random.choice(len(weights), p=np.array(weights) / sum(weights)))

    person = 0
    for cluster, (size, chances) in enumerate(zip(plan["sizes"], plan["chances"], strict=True)):
        for _ in range(size):
            person += 1
            taken = np.flatnonzero(random.random(len(chances)) < chances).tolist()
            for item in [*taken, *(each for each in taken if random.random() < plan["repeats"])]:
                rating = None if random.random() < plan["unrated"] else 1.0 + one_of(plan["levels"])
                cell = cluster, f"i{item}", rating, f"e{one_of(plan['events'])}", DAYS[one_of(plan["days"])]
                if not any(user == f"u{person}" and own[1] == cell[1] and own[4] == cell[4] for user, own in rows):
                    rows[f"u{person}", cell] = None
    return tuple(rows)


def world_of(plan: dict[str, Any], folder: Path) -> World | None:
    """The world of a plan; None where nobody does anything in it."""
    rows = rows_of(plan)
    clusters = {user: cell[0] for user, cell in rows}
    if len(clusters) < 2:
        return None
    items = sorted({cell[1] for _, cell in rows})
    genres = {item: f"g{place % 2}" for place, item in enumerate(items)}
    lines = [",".join("" if value is None else str(value) for value in (user, *cell[1:])) for user, cell in rows]
    path = folder / "rows.csv"
    path.write_text("user_id,item_id,rating,event,timestamp\n" + "\n".join(lines) + "\n")
    (folder / "items.csv").write_text("item_id,genres\n" + "".join(f"{item},{genres[item]}\n" for item in items))
    dataset = load_dataset(path)
    cells = HistogramCells.of(dataset)
    overview = describe(dataset, GATE, cells)
    recommender = _recommender(dataset, clusters, len(plan["sizes"]), plan["seed"])
    session = SimpleNamespace(dataset=dataset, overview=overview, cells=cells, recommender=lambda: recommender)
    return World(rows, genres, clusters, dataset, overview, cast(Session, session), recommender)


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
    people = People(TextList.of(dataset.users["id"].to_list()), histories, of_people)
    experts = SimpleNamespace(
        profiles=profiles, content=content, neighbours=Neighbours.fit(histories), popular=_popularity(histories),
        cold=None, input_signals_of=lambda batch, who, what: np.zeros((1, len(who)), np.float32),
    )  # fmt: skip
    experts.for_many = lambda: experts
    interaction = SimpleNamespace(logits=lambda signals, _lengths: signals[0], probability=lambda logits: logits + 0.5)
    parts = SimpleNamespace(people=people, catalogue=catalogue, experts=experts, interaction=interaction)
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
    )  # fmt: skip
    answering = SimpleNamespace(
        model=model, clusters=lambda: shown, manifest={"time_kind": dataset.time_kind.value}, preset="quick",
        horizon="next", item_code=ids.index,
    )  # fmt: skip
    return cast(Recommender, answering)


def _popularity(histories: Histories) -> Popularity:
    """Popularity as a training with these crowds would count it."""
    with pytest.MonkeyPatch.context() as settings:
        settings.setenv(SETTING, str(GATE.minimum))
        return Popularity.fit(histories)
