"""Training with differential privacy: the statistics are let out with noise, and everything else is made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from recsys_tui.data.dataset import Dataset
from recsys_tui.data.histories import histories_of
from recsys_tui.data.merged_pairs import merged_pairs
from recsys_tui.models.context import item_features
from recsys_tui.models.devices import use_one_thread
from recsys_tui.models.peers import Ties, with_peers
from recsys_tui.models.private.accountant import Budget, Release, budget_for, composed, plan
from recsys_tui.models.private.experts import private_experts, private_fusion, private_interaction
from recsys_tui.models.private.secure_noise import Noise, SecureNoise
from recsys_tui.models.private.statistics import COUNTS, PAIRS, SENSITIVITIES, TRANSITIONS, Shape, release
from recsys_tui.models.trained_model import TrainedModel, catalogue_of
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.profiles.content_profile_fitting import fit_content_profiles
from recsys_tui.training.job import TrainingRequest
from recsys_tui.training.pipeline import FEWEST_ITEMS, people_of
from recsys_tui.training.presets import PRESETS
from recsys_tui.training.run import Emit, Run

# How much of the whole loss of privacy (of μ²) each statistic may use up.
SHARES = {COUNTS: 2.0, PAIRS: 2.0, TRANSITIONS: 6.0}
# What the model of every other preset has and this one has not, since it would need people's histories themselves.
LEFT_OUT = ("clusters", "interaction", "deep", "ratings", "repeats", "attributes", "validation")


def train_private(
    dataset: Dataset,
    request: TrainingRequest,
    emit: Emit,
    stopped: Callable[[], bool],
    noise: Noise | None = None,
) -> tuple[TrainedModel, dict[str, Any]]:
    """Train on a dataset as ``request.epsilon`` and ``request.delta`` promise; returns the model and its manifest.

    What the model says of anybody is made of the noisy statistics, of the descriptions of items, which count as known
    to all, and of that person's own history. No figure is measured on people: that would tell of them. The seed has
    nothing to do with the noise. A stop before the end raises :class:`TrainingStoppedError`; raises ``UserError``
    (exit 2) for a promise that cannot be kept: where people are items too, and where whom others are left in with
    depends on a person.
    """
    if request.epsilon is None:
        raise UserError("private.needs_epsilon", ExitCode.NOT_TRAINED)
    if dataset.mapping.core is not None:
        raise UserError("private.core")
    if dataset.shared_ids:
        raise UserError("private.people_are_items")
    budget = budget_for(request.epsilon, request.delta, dataset.user_count)
    if dataset.item_count < FEWEST_ITEMS:
        raise UserError("models.too_small", ExitCode.USAGE, users=dataset.user_count, items=dataset.item_count)
    releases = plan(budget, SENSITIVITIES, SHARES)
    return train_released(dataset, request, emit, stopped, budget, releases, noise or SecureNoise())


def train_released(
    dataset: Dataset,
    request: TrainingRequest,
    emit: Emit,
    stopped: Callable[[], bool],
    budget: Budget,
    releases: Mapping[str, Release],
    noise: Noise,
) -> tuple[TrainedModel, dict[str, Any]]:
    """The same with releases that were planned before: what they promise is what the caller says."""
    use_one_thread()
    run = Run(dataset, request, PRESETS["quick"], emit, stopped)
    pairs, ties = merged_pairs(dataset), Ties.of(dataset)
    histories = with_peers(histories_of(dataset, pairs), ties)
    shape = Shape()
    with run.stage("content_profiles") as stage:
        content, measured = fit_content_profiles(dataset.items, request.seed)
        stage.metrics |= measured
    with run.stage("statistics") as stage:
        statistics = release(histories, releases, noise, shape)
        stage.report(0.5)
        experts = private_experts(statistics, content)
        fusion = private_fusion(experts, request.horizon)
    everyone = np.zeros(len(histories), np.int32)
    model = TrainedModel(
        people_of(dataset, pairs, histories, ties, everyone, None),
        catalogue_of(dataset),
        experts,
        private_interaction(),
        fusion,
        item_features(experts.profiles, content, experts.popular.strength),
    )
    nobody = {"silhouette": None, "stability": None}
    everybody = {"name": say("private.everybody"), "size": len(histories), "cohesion": 0.0, "items": [], "terms": []}
    manifest = {
        "stages": run.stages,
        "interrupted": False,
        "validation": {},
        "parts": {},
        "learned_on": "cpu",
        "interaction": {},
        "ratings": {},
        "served": "deep",
        "epochs": {"loss": [], "ndcg@10": [], "kept": 0},
        "clustering": {},
        "clusters": [everybody | nobody],
        "removal_bands": [],
        "time_kind": dataset.time_kind.value,
        "lists": {"training": 0, "validation": 0},
        "privacy": privacy_of(budget, request, releases, shape, len(statistics.head)),
    }
    return model, manifest


def privacy_of(
    budget: Budget, request: TrainingRequest, releases: Mapping[str, Release], shape: Shape, head: int
) -> dict[str, Any]:
    """The accountant's figures, as the manifest and documents have them."""
    return {
        "epsilon": budget.epsilon,
        "delta": budget.delta,
        "delta_given": request.delta is not None,
        "mu": composed(list(releases.values())),
        "unit": "person",
        "neighbours": "add_or_remove_one",
        "mechanism": "gaussian",
        "newest_actions": shape.newest,
        "head": head,
        "releases": [asdict(entry) for entry in releases.values()],
        "left_out": list(LEFT_OUT),
        "taken_as_public": ["items", "people_count"],
    }
