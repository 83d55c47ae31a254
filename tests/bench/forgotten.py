"""What attacks find of people before and after ``recsys forget``: in a home folder, by the stored models.

Half of the people of some data are written to a file of their own, which is opened and trained. Some of them are
forgotten, one after another, and the model is trained anew as forgetting does. Both stored models are attacked from
outside, as ``recsys audit --privacy`` does, with the histories of those people and of others whom nobody ever opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from recsys_tui.data.dataset import ID, ITEM, RATING, TIME, USER, Dataset
from recsys_tui.data.histories import Histories, Ints, Longs, histories_of
from recsys_tui.evaluate.privacy.attacks import Lister
from recsys_tui.evaluate.privacy.audit import Sides, draw_sides, lister_of, of_people, taught_attack
from recsys_tui.evaluate.privacy.leak_figures import Leak
from recsys_tui.recommend.forgetting import forget
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.training.job import TrainingRequest
from recsys_tui.training.pipeline import train
from recsys_tui.training.saving import save_trained


@dataclass(frozen=True)
class ForgottenPeople:
    """What was found of as many people: while they were in the data, and after they were forgotten."""

    members: int
    others: int
    before: tuple[Leak, ...]
    after: tuple[Leak, ...]


def audit_forgetting(dataset: Dataset, place: Path, most: int, seed: int, preset: str = "quick") -> ForgottenPeople:
    """Forget up to ``most`` people of half of a dataset, in a home folder below ``place``; raises where they are found
    in it afterwards."""
    histories, request = histories_of(dataset), TrainingRequest(preset, seed=seed)
    sides = draw_sides(histories.lengths, most, seed)
    source = place / "people.csv"
    written(dataset, sides.trained, source)
    shadow = train(of_people(dataset, sides.shadow), request, lambda _event: None, lambda: False)
    attack = taught_attack(lister_of(*shadow, preset, request.horizon), histories, sides, seed)
    session = Session.open(source, home=Home(place / "home"))
    train_here(session, request)
    before = attack(stored_lister(session, dataset))
    forgotten(session, dataset, sides)
    train_here(session, request)
    return ForgottenPeople(len(sides.members), len(sides.others), before, attack(stored_lister(session, dataset)))


def forgotten(session: Session, dataset: Dataset, sides: Sides) -> None:
    """Forget the attacked members; the models are trained anew once, after the last of them."""
    for name in dataset.users[ID].gather(sides.members).to_list():
        done = forget(session, name, train=lambda _session, _request: None)
        if not done.verified:
            raise RuntimeError(name, done.scan.found)


def written(dataset: Dataset, people: Longs, path: Path) -> None:
    """The interactions of some people as a file, by the ids that they and the items have in the source."""
    rows = dataset.interactions.filter(pl.col(USER).is_in(people))
    columns = {name: rows[name] for name in (RATING, TIME) if name in rows.columns}
    users, items = dataset.users[ID].gather(rows[USER]), dataset.items[ID].gather(rows[ITEM])
    pl.DataFrame({"user": users, "item": items} | columns).write_csv(path)


def train_here(session: Session, request: TrainingRequest) -> None:
    """Train in this process and store the model."""
    model, manifest = train(session.dataset, request, lambda _event: None, lambda: False)
    save_trained(session.workspace, request, model, manifest | {"seconds": 1.0, "text_model": None})


def stored_lister(session: Session, dataset: Dataset) -> Lister:
    """The stored model as an attack sees it, in the codes of another dataset with the same ids."""
    recommender = session.recommender()
    if recommender is None:
        raise RuntimeError(session.name)
    lists = lister_of(recommender.model, recommender.manifest, recommender.preset, recommender.horizon)
    return translated(lists, recommender.model.catalogue.ids.to_list(), dataset)


def translated(lists: Lister, ids: Sequence[str], dataset: Dataset) -> Lister:
    """A model whose items are ``ids``, asked and answering in the codes of a dataset."""
    inside = {name: code for code, name in enumerate(ids)}
    to_model = np.array([inside.get(name, -1) for name in dataset.items[ID].to_list()], np.int32)
    back = np.full(len(ids) + 1, -1, np.int32)  # the last place answers -1, where a list is shorter
    back[to_model[to_model >= 0]] = np.flatnonzero(to_model >= 0)
    return lambda histories: np.asarray(back[lists(in_codes(histories, to_model, len(ids)))], np.int32)


def in_codes(histories: Histories, codes: Ints, count: int) -> Histories:
    """Histories by other codes of items; what has none (-1) is left out."""
    items = codes[histories.items]
    kept = items >= 0
    starts = np.concatenate([[0], np.cumsum(kept)])[histories.indptr]
    times = None if histories.times is None else histories.times[kept]
    ratings = None if histories.ratings is None else histories.ratings[kept]
    return Histories(starts, items[kept], times, histories.weights[kept], count, ratings=ratings)
