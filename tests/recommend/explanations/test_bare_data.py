"""Explanations where nothing is known but who took what: no titles, no times, no ratings, no text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recsys_tui.recommend.explanations.explain import explain
from recsys_tui.recommend.recommender import Recommender
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.training.job import TrainingRequest


@pytest.fixture(scope="module")
def recommender(tmp_path_factory: pytest.TempPathFactory) -> Recommender:
    """Two camps of sixty people, who each take twelve of the thirty items of their camp."""
    folder = tmp_path_factory.mktemp("bare")
    random = np.random.default_rng(5)
    rows = ["user,item"]
    for person in range(120):
        camp = person % 2
        rows += [f"u{person},i{30 * camp + item}" for item in random.permutation(30)[:12]]
    data = Path(folder) / "pairs.csv"
    data.write_text("\n".join(rows) + "\n")
    session = Session.open(data, home=Home(folder / "home"))
    job = session.training_job(TrainingRequest())
    job.start()
    assert list(job.events())[-1].kind == "saved"
    found = session.recommender()
    assert found is not None
    return found


def test_everything_but_text_is_explained(recommender: Recommender):
    for user in ("u0", "u1", "u77"):
        entry = recommender.recommend(user, k=1, explain=True).items[0]
        found = explain(recommender, user, entry.item)
        assert (found.rank, found.title) == (1, None)
        assert found.score == pytest.approx(entry.score, abs=1e-4)
        assert sum(part.contribution for part in found.components) == pytest.approx(found.score, abs=1e-4)
        assert (found.content, found.vectors) == ((), 0.0)
        assert {cause.item for cause in found.history} == {item.item for item in recommender.history(user)}
        assert all(cause.rating is None and cause.title is None for cause in found.history)
        assert found.sentences


def test_someone_new_with_one_like(recommender: Recommender):
    entry = recommender.recommend_for_new(["i3"], k=1).items[0]
    found = explain(recommender, None, entry.item, like=["i3"])
    assert [cause.item for cause in found.history] == ["i3"]
    assert found.rank == 1
    assert found.counterfactual is None or found.counterfactual.items == (("i3", None),)
