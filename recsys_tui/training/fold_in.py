"""A trained model brought up to new data without training: statistics are counted anew, learned weights stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from recsys_tui.data.dataset import Dataset, TimeKind
from recsys_tui.data.histories import Histories, Longs, histories_of
from recsys_tui.data.merged_pairs import merged_pairs
from recsys_tui.models.attribute_popularity import AttributePopularity
from recsys_tui.models.context import item_features
from recsys_tui.models.experts import Experts, Solved, fit_experts, solution_of
from recsys_tui.models.peers import Ties, with_peers
from recsys_tui.models.repeat_consumption import fit_repeat_model
from recsys_tui.models.trained_model import TrainedModel, catalogue_of
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.profiles.cluster_description import describe_clusters
from recsys_tui.profiles.fold_in import fold_in_content_profiles, fold_in_user_profiles, old_codes
from recsys_tui.training.expected_ratings import fit_expected_ratings
from recsys_tui.training.pipeline import described_cluster, people_of
from recsys_tui.training.presets import PRESETS
from recsys_tui.training.told_figures import still_told


def folded_in(
    model: TrainedModel,
    manifest: dict[str, Any],
    dataset: Dataset,
    preset: str,
    seed: int,
    solved: Solved,
) -> tuple[TrainedModel, dict[str, Any]]:
    """The model for the present dataset, and what its manifest says then.

    Every closed-form expert is solved from the sums over the present events; profiles keep their space and clusters,
    and take in new items and people; the interaction model, the sequence encoder and the deep model's weights stay as
    they were learned.
    The held-out figures of the manifest remain those of the training, where enough people stand behind them now.
    ``solved``: what was solved for another model of the same data and need not be solved again; what is solved here is
    put there.
    """
    pairs, ties = merged_pairs(dataset), Ties.of(dataset)
    histories = with_peers(histories_of(dataset, pairs), ties)
    catalogue = catalogue_of(dataset)
    codes = old_codes(model.catalogue.ids, catalogue.ids)
    profiles = fold_in_user_profiles(model.experts.profiles, histories, codes)
    content = fold_in_content_profiles(model.experts.content, dataset.items, codes)
    if _same_order(model, histories, codes):
        solved |= _still_valid(model.experts)
    experts = fit_experts(
        histories,
        profiles,
        content,
        head_limit=PRESETS[preset].head,
        has_dates=dataset.time_kind is TimeKind.TIME,
        ease_ridge=model.experts.ease.ridge,
        report=lambda _share: None,
        solved=solved,
    )
    if model.experts.encoder is not None:
        experts = replace(experts, encoder=model.experts.encoder.moved(codes))
    clusters = profiles.cluster_of(histories)
    repeats = fit_repeat_model(dataset, pairs.taken, seed)
    if repeats is not None and model.people.repeats is not None:
        repeats = replace(repeats, chances=np.asarray(model.people.repeats.chances))
    people = people_of(dataset, pairs, histories, ties, clusters, repeats)
    features = item_features(profiles, content, experts.popular.strength)
    described = describe_clusters(histories, clusters, profiles, content, catalogue.titles, CrowdGate())
    # What the training called them, and how good it found them.
    said = [
        {key: entry[key] for key in ("name", "silhouette", "stability") if key in entry}
        for entry in manifest["clusters"]
    ]
    updated = still_told(manifest) | {
        "clusters": [described_cluster(entry) | kept for entry, kept in zip(described, said, strict=True)],
        "time_kind": dataset.time_kind.value,
        "updated": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    ratings = None
    if model.ratings is not None:
        ratings, _ = fit_expected_ratings(histories, histories, PRESETS[preset].ratings, seed)
    interaction = model.interaction.moved(model.experts, experts)
    attributes = AttributePopularity.fit(histories, dataset.users, dataset.silent)
    return TrainedModel(people, catalogue, experts, interaction, model.fusion, features, ratings, attributes), updated


def _same_order(model: TrainedModel, histories: Histories, codes: Longs) -> bool:
    """Whether everyone has the same items in the same order as before, as where things were only taken again."""
    before = model.people.histories
    return (
        np.array_equal(codes, np.arange(before.item_count))
        and np.array_equal(before.indptr, histories.indptr)
        and np.array_equal(before.items, histories.items)
    )


def _still_valid(experts: Experts) -> Solved:
    """The experts that are made of the order of items alone. What is popular of late depends on times too, and how it
    is told on how many people are enough now.
    """
    head, ease_ridge = len(experts.ease.head), experts.ease.ridge
    names = ("transitions", "neighbours", "ease", "sequence")
    return {solution_of(name, head, ease_ridge): getattr(experts, name) for name in names}
