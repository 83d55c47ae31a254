"""The loss of the next item: the full softmax by hand, the sampled one right on average."""

from __future__ import annotations

import numpy as np
import pytest

from recsys_tui.models.encoder.next_item_loss import next_item_loss

torch = pytest.importorskip("torch")
CPU = torch.device("cpu")


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    """Normal numbers, always the same."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def test_a_small_catalogue_is_weighed_up_in_full():
    """Item 1, which nobody had, is no alternative."""
    counts = np.array([50, 0, 3, 20, 1, 7, 9])
    states, vectors, targets = drawn(5, 4), drawn(7, 4, seed=1), torch.tensor([0, 2, 3, 4, 6])
    scores = (states @ vectors.T).numpy().astype(np.float64)
    scores[:, 1] = -np.inf
    expected = np.mean(np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(5), targets.numpy()])
    found = next_item_loss(counts, 2, CPU, np.random.default_rng(0))(states, targets, vectors)
    assert float(found) == pytest.approx(expected, rel=1e-5)


def test_a_sample_gives_the_sum_over_the_catalogue_on_average():
    """exp(loss) = Σ exp(score) / exp(right score), whose mean over draws is that of the full softmax."""
    counts = np.array([8, 1, 3, 4, 0, 2, 6, 5, 7, 9])
    state, vectors, target = drawn(1, 4), drawn(10, 4, seed=1), torch.tensor([2])
    loss_of = next_item_loss(counts, 2, CPU, np.random.default_rng(0))
    estimates = [float(torch.exp(loss_of(state, target, vectors))) for _ in range(4_000)]
    scores = np.delete((state @ vectors.T).numpy()[0].astype(np.float64), 4)
    expected = np.exp(scores).sum() / np.exp(scores[2])
    error = np.std(estimates) / len(estimates) ** 0.5
    assert abs(np.mean(estimates) - expected) < 4 * error
    assert error < 0.05 * expected


def test_gradients_reach_states_and_items_and_are_finite():
    counts = np.arange(1, 41)
    states, vectors = drawn(6, 4).requires_grad_(), drawn(40, 4, seed=1).requires_grad_()
    next_item_loss(counts, 3, CPU, np.random.default_rng(0))(states, torch.arange(6), vectors).backward()
    for tensor in (states, vectors):
        assert tensor.grad is not None
        assert torch.isfinite(tensor.grad).all()
        assert tensor.grad.abs().sum() > 0


def test_the_slopes_are_those_of_the_written_out_loss():
    """Against autograd on the plain formula, with the same draws: some twice, and some the targets themselves."""
    counts, negatives = np.arange(1, 61) ** 2, 14
    targets = torch.tensor([59, 58, 57, 3, 59, 40, 55])
    chances = counts**0.75 / (counts**0.75).sum()
    drawn_items = np.searchsorted(np.cumsum(chances), np.random.default_rng(4).random(negatives))
    assert len(set(drawn_items)) < negatives
    assert set(drawn_items) & set(targets.tolist())

    def written_out(states: torch.Tensor, vectors: torch.Tensor) -> torch.Tensor:
        others = torch.from_numpy(drawn_items)
        logits = states @ vectors[others].T - torch.from_numpy(np.log(chances[drawn_items] * negatives)).float()
        logits = logits.masked_fill(others[None, :] == targets[:, None], float("-inf"))
        right = (states * vectors[targets]).sum(dim=1, keepdim=True)
        return torch.nn.functional.cross_entropy(torch.cat([right, logits], 1), torch.zeros(7, dtype=torch.long))

    def sampled(states: torch.Tensor, vectors: torch.Tensor) -> torch.Tensor:
        return next_item_loss(counts, negatives, CPU, np.random.default_rng(4))(states, targets, vectors)

    found = []
    for loss_of in (written_out, sampled):
        states, vectors = (3 * drawn(7, 4)).requires_grad_(), drawn(60, 4, seed=1).requires_grad_()
        loss = loss_of(states, vectors)
        (2 * loss).backward()
        found.append((loss.detach(), states.grad, vectors.grad))
    for expected, got in zip(*found, strict=True):
        torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-6)


def test_nothing_but_the_target_drawn_costs_nothing():
    """Two draws that both hit the target: it stands against nobody, so the loss is 0."""
    counts = np.array([10**9, 1, 1, 1, 1, 1, 1, 1, 1])
    loss = next_item_loss(counts, 2, CPU, np.random.default_rng(0))(drawn(1, 4), torch.tensor([0]), drawn(9, 4))
    assert float(loss) == 0
