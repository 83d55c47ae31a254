"""The four stages in order: profiles of people, profiles of content, the interaction model, the deep model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.dataset import Dataset
from recsys_tui.data.histories import Histories, histories_of
from recsys_tui.data.merged_pairs import MergedPairs, merged_pairs
from recsys_tui.data.text_list import TextList
from recsys_tui.models.attribute_popularity import AttributePopularity
from recsys_tui.models.candidate_lists import CandidateLists, blend_samples, candidate_lists
from recsys_tui.models.context import item_features
from recsys_tui.models.deep_candidates import DEEP
from recsys_tui.models.devices import choose_device, use_one_thread
from recsys_tui.models.ease_ridge import choose_ridge
from recsys_tui.models.encoder.averaged import AveragedAttention as Encoder
from recsys_tui.models.experts import Experts, fit_experts
from recsys_tui.models.explaining.removal_bands import removal_bands
from recsys_tui.models.fusion import Fusion
from recsys_tui.models.fusion_training import FusionReport, fit_blend, fit_fusion
from recsys_tui.models.held_out import HeldOut, hold_out
from recsys_tui.models.interaction import InteractionModel, Pairs, fit_interaction_model, sample_pairs
from recsys_tui.models.peers import Ties, peers_at, with_peers
from recsys_tui.models.repeat_consumption import RepeatModel, fit_repeat_model
from recsys_tui.models.signal_names import signals_for
from recsys_tui.models.trained_model import Catalogue, People, TrainedModel, against_of, catalogue_of
from recsys_tui.output.crowd_counts import open_parts
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.profiles.cluster_description import ClusterDescription, describe_clusters
from recsys_tui.profiles.content_profile_fitting import fit_content_profiles
from recsys_tui.profiles.content_profiles import ContentProfiles
from recsys_tui.profiles.user_profile_fitting import fit_user_profiles, refit_user_profiles
from recsys_tui.profiles.user_profiles import UserProfiles
from recsys_tui.training.events import CLUSTERS_FOUND, NOTE, PARTS_MEASURED, TrainingEvent
from recsys_tui.training.expected_ratings import fit_expected_ratings
from recsys_tui.training.floor import served
from recsys_tui.training.job import TrainingRequest
from recsys_tui.training.memory import check_can_train
from recsys_tui.training.presets import PRESETS
from recsys_tui.training.repeat_calibration import before_last_occasion, calibrated
from recsys_tui.training.run import Emit, Run, Stage

FEWEST_USERS = 2
FEWEST_ITEMS = 2


@dataclass(frozen=True)
class HeldBack:
    """What the interaction and the deep model were trained on: held-out moments, and experts that have not seen them.

    From it the benchmarks fit those two again without a part, to see what the part adds.
    """

    held_out: HeldOut
    experts: Experts
    pairs: Pairs


def train(
    dataset: Dataset,
    request: TrainingRequest,
    emit: Emit,
    stopped: Callable[[], bool],
    observe: Callable[[HeldBack], None] = lambda _held_back: None,
) -> tuple[TrainedModel, dict[str, Any]]:
    """Train all four stages on a dataset. Returns the model and what its manifest says about it.

    ``observe`` is given what the deep model is about to be trained on.

    ``stopped`` is asked at every report, and at every batch of the deep model. From the moment the deep model has its
    first form (the blend), a stop keeps the best so far; before, it raises :class:`TrainingStoppedError`. Raises
    ``UserError`` for data that cannot be learned from.
    """
    if dataset.user_count < FEWEST_USERS or dataset.item_count < FEWEST_ITEMS:
        raise UserError("models.too_small", ExitCode.USAGE, users=dataset.user_count, items=dataset.item_count)
    check_can_train(request.preset, dataset.user_count, dataset.item_count, dataset.interaction_count)
    device = choose_device(request.device)  # one that is not there is told before anything was done
    use_one_thread()
    run, gate = Run(dataset, request, PRESETS[request.preset], emit, stopped), CrowdGate()
    pairs = merged_pairs(dataset)
    ties = Ties.of(dataset)
    histories = with_peers(histories_of(dataset, pairs), ties)
    catalogue = catalogue_of(dataset)
    with run.stage("user_profiles") as stage:
        profiles, clustering, variance = fit_user_profiles(histories, stage.report)
        stage.metrics |= clustering.metrics() | {"variance_kept": variance}
    with run.stage("content_profiles") as stage:
        content, measured = fit_content_profiles(dataset.items, request.seed, histories)
        stage.metrics |= measured
        clusters, described = _described(histories, profiles, content, catalogue)
        emit(clusters_event(described, catalogue, len(histories)))
    with run.stage("interaction") as stage:
        held_out = hold_out(histories, request.horizon, run.has_dates, run.preset.lists, request.seed)
        at_moments = peers_at(histories, ties, held_out.people, held_out.lists.lengths)
        held_out = held_out.with_peers(with_peers(held_out.older, ties), at_moments)
        older = refit_user_profiles(held_out.older, profiles)
        if request.horizon == "later":
            run.ease_ridge = choose_ridge(held_out, run.preset.head, request.seed)
        fitted = _experts(run, held_out.older, older, content, stage.part(0.0, 0.7))
        experts = fitted.for_many()
        run.check()
        sampled = sample_pairs(experts, held_out, run.preset.pairs, request.seed)
        interaction, interaction_metrics = fit_interaction_model(sampled, signals_for(request.horizon))
        run.few = not gate.open_for(int(held_out.validation.sum()))
        stage.metrics |= interaction_metrics
        repeats = fit_repeat_model(dataset, pairs.taken, request.seed)
        rated = histories if dataset.explicit else replace(histories, ratings=None)
        ratings, rating_errors = fit_expected_ratings(rated, held_out.older, run.preset.ratings, request.seed)
        if not gate.open_for(int(rating_errors.get("ratings", 0))):
            rating_errors = {}
        stage.metrics |= {name: rating_errors[name] for name in ("rmse",) if name in rating_errors}
    with run.stage("deep") as stage:
        encoder = _encoder(run, held_out.older, stage)
        experts = replace(experts, encoder=encoder)
        observe(HeldBack(held_out, experts, sampled))
        fusion, lists, report = _deep(run, stage, experts, interaction, held_out)
        stage.metrics |= report.metrics
        interrupted = stopped()
        if interrupted:
            emit(TrainingEvent(NOTE, stage="deep", note=say("models.kept_best_so_far", epoch=report.kept_epoch)))
            experts = replace(fitted, encoder=encoder)
        else:
            experts = _experts(run, histories, profiles, content, stage.part(0.8, 1.0))
            experts = replace(experts, encoder=_taught(run, encoder, histories))
            interaction = interaction.moved(fitted, experts)
        if repeats is not None and not stopped():
            earlier, kept = before_last_occasion(dataset, histories)
            fit = partial(_earlier_experts, run, earlier, profiles, content, encoder, lambda _share: stage.report(1.0))
            repeats = calibrated(repeats, histories, kept, fit, interaction, fusion, request.seed)
    if experts.profiles is not profiles:
        clusters, described = _described(histories, experts.profiles, content, catalogue)
    model = TrainedModel(
        people_of(dataset, pairs, histories, ties, clusters, repeats),
        catalogue,
        experts,
        interaction,
        fusion,
        item_features(experts.profiles, content, experts.popular.strength),
        ratings,
        AttributePopularity.fit(histories, dataset.users, dataset.silent),
    )
    best = served(lists.part_gains, report.gains)
    ndcg = [] if run.few else list(report.ndcg)
    manifest = {
        "stages": run.stages,
        "interrupted": interrupted,
        "validation": run.told(report.metrics),
        "parts": lists.part_ndcg,
        "interaction": interaction_metrics,
        "ratings": rating_errors,
        "served": best,
        "learned_on": device.type,
        "epochs": {
            "loss": list(report.losses),
            "ndcg@10": ndcg,
            "kept": report.kept_epoch,
        },
        "clustering": clustering.metrics(),
        "clusters": [
            described_cluster(entry) | {"silhouette": silhouette, "stability": stability}
            for entry, silhouette, stability in zip(
                described, clustering.silhouettes, clustering.stabilities, strict=True
            )
        ],
        "removal_bands": [] if stopped() else removal_bands(model, request.seed),
        "part_bands": {} if best == DEEP or stopped() else {best: removal_bands(model, request.seed, best)},
        "time_kind": dataset.time_kind.value,
        "lists": {"training": int((~held_out.apart).sum()), "validation": int(lists.validation.sum())},
    }
    return model, manifest


def described_cluster(entry: ClusterDescription) -> dict[str, Any]:
    """A cluster as the manifest keeps it."""
    return {
        "name": entry.name,
        "size": entry.size,
        "cohesion": entry.cohesion,
        "items": [list(pair) for pair in entry.items],
        "terms": [list(pair) for pair in entry.terms],
    }


def clusters_event(described: list[ClusterDescription], catalogue: Catalogue, people: int) -> TrainingEvent:
    """What the second stage tells of the clusters as soon as it can name them; those of which nothing may be told,
    beside how many ``people`` there are, have a size of 0."""
    ids, titles = catalogue.ids, catalogue.titles
    sizes = np.array([entry.size for entry in described], np.int64)
    open_ = open_parts(sizes, CrowdGate(), untold=people - int(sizes.sum()))
    told = [
        {
            "name": entry.name,
            "size": entry.size if may else 0,
            "cohesion": entry.cohesion,
            "items": [[ids[code], titles[code] or None, lift] for code, lift in entry.items],
            "terms": [list(pair) for pair in entry.terms],
        }
        for entry, may in zip(described, open_.tolist(), strict=True)
    ]
    return TrainingEvent(CLUSTERS_FOUND, stage="content_profiles", fraction=1.0, clusters=told)


def _described(
    histories: Histories, profiles: UserProfiles, content: ContentProfiles, catalogue: Catalogue
) -> tuple[NDArray[np.int32], list[ClusterDescription]]:
    clusters = profiles.cluster_of(histories)
    return clusters, describe_clusters(histories, clusters, profiles, content, catalogue.titles, CrowdGate())


def _experts(
    run: Run, histories: Histories, profiles: UserProfiles, content: ContentProfiles, report: Callable[[float], None]
) -> Experts:
    return fit_experts(
        histories,
        profiles,
        content,
        head_limit=run.preset.head,
        has_dates=run.has_dates,
        ease_ridge=run.ease_ridge,
        report=report,
        count_pairs=run.pair_counts.of,
    )


def _encoder(run: Run, older: Histories, stage: Stage) -> Encoder | None:
    """The sequence encoder, trained on the older part; the deep stage's share from 0 to 0.4."""
    if run.preset.encoder is None or run.request.horizon != "next":
        return None
    return Encoder.fit(
        older,
        settings=run.preset.encoder,
        count=run.preset.encoders,
        seed=run.request.seed,
        device=run.request.device,
        report=lambda share, told: stage.report(0.4 * share, {f"encoder_{name}": told[name] for name in told}),
        stopped=run.stopped,
    )


def _taught(run: Run, encoder: Encoder | None, histories: Histories) -> Encoder | None:
    """The encoder after a short pass over everybody's newest actions, which were held out before."""
    if encoder is None or run.preset.encoder is None:
        return None
    return encoder.taught(histories, run.preset.encoder, seed=run.request.seed, device=run.request.device)


def _earlier_experts(
    run: Run,
    earlier: Histories,
    profiles: UserProfiles,
    content: ContentProfiles,
    encoder: Encoder | None,
    report: Callable[[float], None],
) -> Experts:
    return replace(_experts(run, earlier, profiles, content, report), encoder=encoder)


def _deep(
    run: Run, stage: Stage, experts: Experts, interaction: InteractionModel, held_out: HeldOut
) -> tuple[Fusion, CandidateLists, FusionReport]:
    """Draw the lists and train the fusion on them; the deep stage's share from 0.4 to 0.8."""
    request, preset = run.request, run.preset
    samples = blend_samples(experts, interaction, held_out, request.horizon, preset.blend_lists, request.seed)
    blend = fit_blend(samples)
    stage.report(0.4)
    lists = candidate_lists(
        experts,
        interaction,
        held_out,
        request.horizon,
        blend,
        preset.candidates,
        stage.part(0.4, 0.6),
    )
    if not run.few:
        run.emit(TrainingEvent(PARTS_MEASURED, stage="deep", fraction=0.6, metrics=lists.part_ndcg))
    features = item_features(experts.profiles, experts.content, experts.popular.strength)
    fusion, report = fit_fusion(
        lists,
        features,
        blend,
        horizon=request.horizon,
        epochs=preset.epochs,
        seed=request.seed,
        device=choose_device(request.device),
        report=lambda share, metrics: stage.report(0.6 + 0.2 * share, metrics),
        stopped=run.stopped,
    )
    return fusion, lists, report


def people_of(
    dataset: Dataset,
    pairs: MergedPairs,
    histories: Histories,
    ties: Ties | None,
    clusters: NDArray[np.int32],
    repeats: RepeatModel | None,
) -> People:
    """The people of a dataset as a model keeps them; ``clusters`` (people,): the cluster of each."""
    from recsys_tui.data.dataset import ID

    return People(
        TextList.of(dataset.users[ID].to_list()),
        histories,
        clusters.astype(np.int16),
        against_of(dataset, pairs),
        ties.item_of if ties is not None and dataset.shared_ids else None,
        repeats,
    )
