"""The stages keep the contract of the experts too: profiles of people and content, interaction and deep model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Self

import numpy as np
import polars as pl
import pytest
import torch
from numpy.typing import NDArray

from recsys_tui.data.histories import Floats, Histories
from recsys_tui.data.text_list import TextList
from recsys_tui.models.candidate_lists import blend_samples, candidate_lists
from recsys_tui.models.context import item_features
from recsys_tui.models.contract import Arrays, Expert
from recsys_tui.models.deep_candidates import DEEP
from recsys_tui.models.experts import fit_experts
from recsys_tui.models.fusion_training import fit_blend, fit_fusion
from recsys_tui.models.held_out import hold_out
from recsys_tui.models.interaction import fit_interaction_model, sample_pairs
from recsys_tui.models.signal_names import SIGNALS
from recsys_tui.models.signals import signal_stack
from recsys_tui.models.trained_model import Catalogue, People, TrainedModel
from recsys_tui.profiles.content_profile_fitting import fit_content_profiles
from recsys_tui.profiles.user_profile_fitting import fit_user_profiles
from recsys_tui.recommend.ranking import rank
from tests.models.test_expert_contract import ExpertContract

WORDS = ("harbour", "lantern", "meadow")


def nothing_told(*_told: Any) -> None:
    """Progress that nobody looks at."""


def trained_on(histories: Histories) -> TrainedModel:
    """All four stages, in the order of a training."""
    rows = [
        {"title": f"The {WORDS[item % 3]} of number {item}", "categories": [WORDS[item % 3]], "year": 1980 + item % 40}
        for item in range(histories.item_count)
    ]
    content, _ = fit_content_profiles(pl.DataFrame(rows), 0)
    held_out = hold_out(histories, "next", has_dates=True, most_lists=400, seed=1)
    profiles, _, _ = fit_user_profiles(held_out.older, nothing_told)
    experts = fit_experts(
        held_out.older, profiles, content, head_limit=40, has_dates=True, ease_ridge=20.0, report=nothing_told
    )
    interaction, _ = fit_interaction_model(sample_pairs(experts, held_out, 400, 0))
    blend = fit_blend(blend_samples(experts, interaction, held_out, "next", 400, 0))
    lists = candidate_lists(experts, interaction, held_out, "next", blend, 20, nothing_told)
    features = item_features(profiles, content, experts.popular.strength)
    fusion, _ = fit_fusion(
        lists,
        features,
        blend,
        horizon="next",
        epochs=2,
        seed=0,
        device=torch.device("cpu"),
        report=nothing_told,
        stopped=lambda: False,
    )
    ids = TextList.of([str(code) for code in range(histories.item_count)])
    people = TextList.of([str(code) for code in range(len(histories))])
    clusters = profiles.cluster_of(histories).astype(np.int16)
    return TrainedModel(
        People(people, histories, clusters), Catalogue(ids, ids, ids), experts, interaction, fusion, features
    )


TRAINED: dict[int, TrainedModel] = {}


def trained_once(histories: Histories) -> TrainedModel:
    """The model of these people, kept by the size of the catalogue."""
    if histories.item_count not in TRAINED:
        TRAINED[histories.item_count] = trained_on(histories)
    return TRAINED[histories.item_count]


@dataclass(frozen=True)
class Stage:
    """One signal of a trained model, or its deep model, as a recommender of its own."""

    name: str
    model: TrainedModel

    @classmethod
    def fit(cls, name: str, histories: Histories) -> Self:
        """Train the whole model, once for each catalogue."""
        return cls(name, trained_once(histories))

    def score(self, histories: Histories) -> Floats:
        """Scores of all items; the deep model's as its lists have them, the whole catalogue long."""
        if self.name != DEEP:
            stack = signal_stack(self.model.experts, self.model.interaction, histories)
            return stack.values[SIGNALS.index(self.name)]
        shape = (len(histories), histories.item_count)
        ranked = rank(self.model, histories, histories.item_count, DEEP, np.ones(shape, np.bool_))
        scores = np.empty(shape, np.float32)
        np.put_along_axis(scores, ranked.items.astype(np.int64), ranked.scores, axis=1)
        return scores

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays of the whole model, and which part of it this is."""
        place = (*SIGNALS, DEEP).index(self.name)
        plain = {name: np.ascontiguousarray(array) for name, array in self.model.to_arrays().items()}
        return plain | {"place": np.array([place], np.int64)}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Build from :meth:`to_arrays`."""
        return cls((*SIGNALS, DEEP)[int(arrays["place"][0])], TrainedModel.from_arrays(arrays))


@pytest.fixture(scope="module")
def again(histories: Histories) -> TrainedModel:
    """The model trained a second time."""
    return trained_on(histories)


class StageContract(ExpertContract):
    """The contract, with the model trained once for all stages, and once more."""

    fit: ClassVar[Callable[[Histories], Expert]]

    @pytest.fixture
    def second(self, again: TrainedModel) -> Expert:
        return Stage(self.expected_name, again)


class LikeFame(StageContract):
    """Someone without a history still gets an order, the same alone and among others."""

    def test_an_empty_history_scores_everything_alike_or_by_fame(self, expert: Expert, histories: Histories):
        empty = expert.score(Histories.of_one([], histories.item_count))[0]
        np.testing.assert_allclose(expert.score(histories)[3], empty, rtol=1e-3, atol=1e-3)
        assert np.ptp(empty) > 0


class TestUserProfile(StageContract):
    """Closeness of items to a person's whole history in the space of behaviour."""

    expected_name, minds_order = "profile", False
    fit = staticmethod(partial(Stage.fit, "profile"))


class TestContentProfile(StageContract):
    """Cosine of items with the newest actions."""

    expected_name, minds_order = "content_recent", True
    fit = staticmethod(partial(Stage.fit, "content_recent"))


class TestCluster(LikeFame):
    """Lift of items in the clusters that a person belongs to."""

    expected_name, minds_order = "cluster", False
    fit = staticmethod(partial(Stage.fit, "cluster"))


class TestInteractionModel(LikeFame):
    """The classifier's logit."""

    expected_name, minds_order = "interaction", True
    fit = staticmethod(partial(Stage.fit, "interaction"))


class TestDeepModel(LikeFame):
    """The fusion, as lists have it."""

    expected_name, minds_order = DEEP, True
    fit = staticmethod(partial(Stage.fit, DEEP))
