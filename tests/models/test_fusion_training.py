"""Training of the deep model: learns what the blend misses, keeps its best epoch, stops when asked, repeats."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.metrics import ndcg_score

from recsys_tui.models.candidate_lists import CandidateLists, ndcg_of_hits
from recsys_tui.models.devices import choose_device
from recsys_tui.models.fusion import Fusion
from recsys_tui.models.fusion_network import build_network, listwise_loss
from recsys_tui.models.fusion_training import INPUTS, FusionReport, _on_device, fit_blend, fit_fusion, fit_start
from recsys_tui.models.list_judging import list_metrics, scores_of_lists, validation_ndcg
from recsys_tui.models.signal_names import SIGNALS, signals_for

CANDIDATES, CONTEXT, ITEMS, FEATURES = 15, 4, 40, 3
WIDTH = len(SIGNALS)
FEATURE_TABLE = np.random.default_rng(9).normal(size=(ITEMS, FEATURES)).astype(np.float32)
BLEND = np.eye(1, WIDTH, dtype=np.float32)[0]  # the first signal alone


def made_lists(count: int = 400, seed: int = 0) -> CandidateLists:
    """Lists whose target is told by the second signal for people with a positive context, by the third for others.

    The first signal is noise; every fifth list is kept for validation; in every tenth nothing was taken.
    """
    random = np.random.default_rng(seed)
    z = random.normal(size=(count, CANDIDATES, WIDTH)).astype(np.float32)
    context = random.normal(size=(count, CONTEXT)).astype(np.float32)
    telling = np.where(context[:, 0] > 0, 1, 2)
    best = z[np.arange(count), :, telling].argmax(axis=1)
    taken = np.zeros((count, CANDIDATES), np.bool_)
    taken[np.arange(count), best] = np.arange(count) % 10 != 3
    items = np.stack([random.permutation(ITEMS)[:CANDIDATES] for _ in range(count)]).astype(np.int32)
    return CandidateLists(
        z, items, taken, np.ones(count, np.int64), context, np.arange(count) % 5 == 0, {}, np.arange(count)
    )


def fit(lists: CandidateLists, **changed: Any) -> tuple[Fusion, FusionReport]:
    """Fit with plain settings, of which some may be changed."""
    settings: dict[str, Any] = {
        "horizon": "next",
        "epochs": 30,
        "seed": 0,
        "device": choose_device("cpu"),
        "report": lambda _share, _metrics: None,
        "stopped": lambda: False,
    }
    return fit_fusion(lists, FEATURE_TABLE, BLEND, **(settings | changed))


@pytest.fixture(scope="module")
def lists() -> CandidateLists:
    return made_lists()


@pytest.fixture(scope="module")
def fitted(lists: CandidateLists) -> tuple[Fusion, FusionReport]:
    return fit(lists)


def test_it_learns_what_the_blend_misses(lists: CandidateLists, fitted: tuple[Fusion, FusionReport]):
    fusion, report = fitted
    start, _ = fit(lists, epochs=0)
    validation = lists.select(lists.validation)
    blend = ndcg_of_hits(
        np.take_along_axis(validation.taken, np.argsort(-validation.z[:, :, 0], axis=1), axis=1), validation.wanted
    )
    convex = validation_ndcg(start, validation, FEATURE_TABLE)
    after = validation_ndcg(fusion, validation, FEATURE_TABLE)
    assert blend < 0.45
    # The convex start knows that both signals tell something, the epochs for whom each does.
    assert convex > blend + 0.1
    assert after > convex + 0.03
    assert report.losses[-1] < report.losses[0]


def test_the_kept_epoch_is_the_best_on_validation(lists: CandidateLists, fitted: tuple[Fusion, FusionReport]):
    fusion, report = fitted
    assert len(report.ndcg) == len(report.losses) == 30
    assert report.kept_epoch == 1 + int(np.argmax(report.ndcg))
    kept = validation_ndcg(fusion, lists.select(lists.validation), FEATURE_TABLE)
    assert kept == pytest.approx(max(report.ndcg))


def test_the_same_seed_gives_the_same_model_and_another_does_not(lists: CandidateLists):
    first, again, other = fit(lists, epochs=2), fit(lists, epochs=2), fit(lists, epochs=2, seed=1)
    assert first[1] == again[1]
    np.testing.assert_array_equal(first[0].gate_weights, again[0].gate_weights)
    assert first[1] != other[1]


def test_asked_to_stop_at_once_it_keeps_the_convex_start(lists: CandidateLists):
    fusion, report = fit(lists, stopped=lambda: True)
    assert report == FusionReport((), (), 0)
    scores = fusion.score(lists.z, lists.context, FEATURE_TABLE[lists.items])
    start = fit_start(lists.select(~lists.validation & lists.taken.any(axis=1)))
    np.testing.assert_allclose(scores, lists.z @ start, atol=1e-5)


def test_the_start_is_the_minimum_of_its_convex_loss_without_negative_weights(lists: CandidateLists):
    """Cross entropy of each list plus 0.001 ‖w‖²; its slope, by hand, is 0 where a weight is free and up where it is 0.

    Cross entropy's slope is what the softmax expects of each signal less what was taken.
    """
    against = replace(lists, z=np.concatenate([lists.z, -lists.z[:, :, 1:2]], axis=2))
    some = against.select(against.taken.any(axis=1))
    start = fit_start(some).astype(np.float64)
    scores = np.exp(some.z @ start)
    share = scores / scores.sum(axis=1, keepdims=True)
    taken = some.z[np.arange(len(some.z)), some.taken.argmax(axis=1)]
    slope = ((share[:, :, None] * some.z).sum(axis=1) - taken).mean(axis=0) + 2e-3 * start
    assert (start >= 0).all()
    assert start[-1] == 0
    assert start[[1, 2]].min() > 0.5
    np.testing.assert_allclose(slope[start > 0], 0, atol=2e-4)
    assert (slope[start == 0] > -2e-4).all()


def test_over_weeks_the_score_is_a_sum_over_signals_and_taste(lists: CandidateLists):
    names = signals_for("later")
    fewer = replace(lists, z=lists.z[:, :, : len(names)])
    fusion, report = fit_fusion(
        fewer, FEATURE_TABLE, BLEND[: len(names)], horizon="later", epochs=30, seed=0, device=choose_device("cpu"),
        report=lambda _share, _metrics: None, stopped=lambda: False,
    )  # fmt: skip
    assert report.kept_epoch > 0
    parts = fusion.components(fewer.z, fewer.context, FEATURE_TABLE[fewer.items])
    assert not parts["interplay"].any()
    assert parts["match"].any()
    assert (fusion.gate_weights >= 0).all()


def test_of_few_people_each_is_judged_by_a_network_that_did_not_learn_from_them(lists: CandidateLists):
    """Three folds, everybody judged once; the network that is kept has learned from all of them."""
    crossed = replace(lists, validation=np.ones(400, np.bool_), folds=np.arange(400) % 3)
    fusion, report = fit(crossed, epochs=8)
    assert len(report.gains) == 400
    assert report.metrics["ndcg@10"] == pytest.approx(report.gains.mean(), abs=1e-6)
    assert report.metrics["ndcg@10"] == pytest.approx(max(report.ndcg))
    # By hand: the fold that is left out, judged after as many epochs as were best.
    fold = replace(crossed, validation=crossed.folds == 1, folds=None)
    alone, _ = fit(fold, epochs=8)
    by_hand = np.array([validation_ndcg(alone, fold.select(np.arange(400) == row), FEATURE_TABLE) for row in (1, 4)])
    if report.kept_epoch == 8:
        np.testing.assert_allclose(report.gains[[1, 4]], by_hand, atol=1e-6)
    whole = validation_ndcg(fusion, crossed, FEATURE_TABLE)
    assert whole > report.metrics["ndcg@10"]


def test_what_everybody_takes_is_no_matter_of_taste(lists: CandidateLists):
    """The low-rank term sees people as they differ from the mean: for the mean person it says nothing of any item."""
    fusion, _ = fit(lists, epochs=4)
    everyone = lists.context[~lists.validation & lists.taken.any(axis=1)].mean(axis=0, keepdims=True)
    parts = fusion.components(lists.z[:1], everyone, FEATURE_TABLE[lists.items[:1]])
    np.testing.assert_allclose(parts["match"], 0, atol=1e-5)
    assert np.abs(fusion.components(lists.z[:1], lists.context[:1], FEATURE_TABLE[lists.items[:1]])["match"]).max() > 0


def test_stopped_within_an_epoch_it_tells_the_loss_of_what_it_saw(lists: CandidateLists):
    """Three batches an epoch: stopped after the first, its mean loss is near that of a whole first epoch."""
    answers = iter([False, True, True, True])
    _, report = fit(lists, stopped=lambda: next(answers))
    _, whole = fit(lists, epochs=1)
    assert len(report.losses) == 1
    assert report.losses[0] == pytest.approx(whole.losses[0], rel=0.3)


def test_lists_without_their_target_teach_nothing(lists: CandidateLists):
    """Dropping them beforehand gives the same model: a missing target is never put into a list."""
    kept = lists.select(lists.taken.any(axis=1) | lists.validation)
    whole, without = fit(lists, epochs=1)[0], fit(kept, epochs=1)[0]
    np.testing.assert_array_equal(whole.hidden_out, without.hidden_out)


def test_without_lists_to_learn_from_the_blend_serves(lists: CandidateLists):
    for mask in (lists.validation, np.zeros(400, np.bool_)):
        fusion, report = fit(lists.select(mask), epochs=1)
        assert report.kept_epoch == 0
        np.testing.assert_array_equal(fusion.gate_weights, BLEND)


def test_without_lists_to_judge_by_the_convex_start_serves(lists: CandidateLists):
    fusion, report = fit(lists.select(~lists.validation), epochs=1)
    assert (report.kept_epoch, report.metrics, report.ndcg) == (0, {}, ())
    assert not fusion.gate_context.any()
    assert list_metrics(fusion, lists.select(~lists.validation), FEATURE_TABLE) == {}


def test_progress_tells_loss_and_validation(lists: CandidateLists):
    told: list[tuple[float, dict[str, float]]] = []
    fit(lists, epochs=2, report=lambda share, metrics: told.append((share, metrics)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert [metrics["epoch"] for _, metrics in told if "ndcg@10" in metrics] == [1, 2]
    assert all(np.isfinite(metrics["loss"]) for _, metrics in told)


def test_list_metrics_are_those_of_sklearn_and_of_counting(lists: CandidateLists, fitted: tuple[Fusion, FusionReport]):
    random = np.random.default_rng(4)
    many = random.random(lists.taken.shape) < 0.25
    wanted = many.sum(axis=1) + 1  # one more that is not among the candidates
    several = CandidateLists(
        lists.z, lists.items, many, wanted, lists.context, lists.validation, {}, lists.people
    ).select(lists.validation)
    scores = scores_of_lists(fitted[0], several, FEATURE_TABLE)
    ndcg, hit, recall = [], [], []
    for row, score in enumerate(scores):
        # The one that was missed is a sixteenth candidate below all others.
        truth = np.append(several.taken[row], True).astype(float)
        ndcg.append(ndcg_score(truth[None, :], np.append(score, score.min() - 1)[None, :], k=10))
        order = np.argsort(-score)
        hit.append(several.taken[row][order[:10]].any())
        recall.append(several.taken[row][order[:20]].sum() / min(20, several.wanted[row]))
    found = list_metrics(fitted[0], several, FEATURE_TABLE)
    assert found["ndcg@10"] == pytest.approx(np.mean(ndcg))
    assert found["hr@10"] == pytest.approx(np.mean(hit))
    assert found["recall@20"] == pytest.approx(np.mean(recall))


def test_places_without_an_item_are_last(lists: CandidateLists, fitted: tuple[Fusion, FusionReport]):
    items = lists.items.copy()
    items[:, -3:] = -1
    short = CandidateLists(lists.z, items, lists.taken, lists.wanted, lists.context, lists.validation, {}, lists.people)
    assert np.isneginf(scores_of_lists(fitted[0], short, FEATURE_TABLE)[:, -3:]).all()


def test_loss_shares_equally_between_several_that_were_taken():
    """Scores 0, log 2, log 5: softmax ⅛, ¼, ⅝. The first and the last were taken: −(log ⅛ + log ⅝) / 2."""
    scores = torch.tensor([[0.0, np.log(2), np.log(5)]] * 2)
    taken = torch.tensor([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    there = torch.ones(2, 3, dtype=torch.bool)
    by_hand = (-(np.log(1 / 8) + np.log(5 / 8)) / 2 - np.log(1 / 4)) / 2
    assert float(listwise_loss(scores, taken, there)) == pytest.approx(by_hand, abs=1e-6)


def test_a_step_of_training_stays_on_its_device(lists: CandidateLists):
    """On torch's meta device, which has shapes but no numbers: nothing comes from or goes to another device."""
    device = choose_device("meta")
    network = build_network(FEATURES, BLEND, np.zeros(CONTEXT, np.float32)).to(device)
    tensors = _on_device(lists, FEATURE_TABLE, np.arange(8), device)
    assert {tensor.device.type for tensor in tensors.values()} == {"meta"}
    loss = listwise_loss(network(*(tensors[name] for name in INPUTS)), tensors["taken"], tensors["there"])
    loss.backward()
    assert {parameter.grad.device.type for parameter in network.parameters()} == {"meta"}


def test_blend_without_samples_weighs_all_alike():
    np.testing.assert_allclose(fit_blend(np.zeros((0, 201, 4), np.float32)), 0.25)


def test_blend_is_the_minimum_of_its_convex_loss():
    """Cross entropy of the first of each list plus 0.001 ‖w‖², minimised by SciPy instead."""
    from scipy.optimize import minimize
    from scipy.special import log_softmax

    random = np.random.default_rng(3)
    samples = random.normal(size=(300, 20, 3)).astype(np.float32)
    samples[:, 0, 0] += 0.8
    samples[:, 0, 2] -= 0.4

    def loss(weights: np.ndarray) -> float:
        return float(-log_softmax(samples @ weights, axis=1)[:, 0].mean() + 1e-3 * (weights**2).sum())

    np.testing.assert_allclose(fit_blend(samples), minimize(loss, np.zeros(3)).x, atol=1e-3)
