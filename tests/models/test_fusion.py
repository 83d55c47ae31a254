"""The deep model: its served form equals its trained form, starts as the blend, and its parts sum to the score."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from recsys_tui.models.candidate_lists import draw_candidates, ndcg_of_hits, standardise_where
from recsys_tui.models.devices import choose_device
from recsys_tui.models.fusion import Fusion
from recsys_tui.models.fusion_network import build_network, listwise_loss
from recsys_tui.models.fusion_training import fit_blend
from recsys_tui.models.signal_names import SIGNALS, signals_for
from recsys_tui.models.signals import SignalStack, standardise
from recsys_tui.output.errors import UserError

PEOPLE, CANDIDATES, CONTEXT, FEATURES, ITEM_COUNT = 4, 9, 6, 5, 20
WIDTH = len(SIGNALS)
RANDOM = np.random.default_rng(0)
Z = RANDOM.normal(size=(PEOPLE, CANDIDATES, WIDTH)).astype(np.float32)
WHO = RANDOM.normal(size=(PEOPLE, CONTEXT)).astype(np.float32)
ITEMS = RANDOM.normal(size=(ITEM_COUNT, FEATURES)).astype(np.float32)
PLACES = RANDOM.integers(0, ITEM_COUNT, (PEOPLE, CANDIDATES))
WHAT = ITEMS[PLACES]
BLEND = RANDOM.normal(size=WIDTH).astype(np.float32)
MEAN = RANDOM.normal(size=CONTEXT).astype(np.float32)


def network_and_twin(seed: int) -> tuple[torch.nn.Module, Fusion]:
    torch.manual_seed(seed)
    network = build_network(FEATURES, BLEND, MEAN)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.3)
    arrays = {name: tensor.detach().numpy().copy() for name, tensor in network.state_dict().items()}
    return network.eval(), Fusion(horizon="next", candidates=CANDIDATES, blend=BLEND, **arrays)


@pytest.mark.parametrize("seed", range(5))
def test_numpy_equals_torch(seed: int):
    network, served = network_and_twin(seed)
    with torch.no_grad():
        expected = network(*(torch.from_numpy(array) for array in (Z, WHO, ITEMS, PLACES))).numpy()
    np.testing.assert_allclose(served.score(Z, WHO, WHAT), expected, rtol=1e-5, atol=1e-5)


def test_components_sum_to_the_score():
    _, served = network_and_twin(1)
    parts = served.components(Z, WHO, WHAT)
    np.testing.assert_allclose(sum(parts.values()), served.score(Z, WHO, WHAT), atol=1e-5)
    assert set(parts) == {
        "sequence", "co_liking", "content", "profile", "popularity", "friends", "interaction", "encoder", "interplay",
        "match",
    }  # fmt: skip


def test_an_untrained_network_is_the_blend():
    network = build_network(FEATURES, BLEND, MEAN).eval()
    with torch.no_grad():
        scores = network(*(torch.from_numpy(array) for array in (Z, WHO, ITEMS, PLACES))).numpy()
    np.testing.assert_allclose(scores, Z @ BLEND, atol=1e-5)


def test_arrays_bring_back_the_same_fusion():
    _, served = network_and_twin(2)
    again = Fusion.from_arrays(served.to_arrays())
    assert (again.horizon, again.candidates) == ("next", CANDIDATES)
    np.testing.assert_array_equal(again.score(Z, WHO, WHAT), served.score(Z, WHO, WHAT))


def test_listwise_loss_by_hand():
    # Two candidates with scores 0 and log 3: the softmax is ¼ and ¾; the taken one is the second. A third is absent.
    scores = torch.tensor([[0.0, float(np.log(3)), 50.0]])
    loss = listwise_loss(scores, torch.tensor([[0.0, 1.0, 0.0]]), torch.tensor([[True, True, False]]))
    assert float(loss) == pytest.approx(-np.log(0.75), abs=1e-6)


def test_shapes_hold_on_a_device_without_numbers():
    device = choose_device("meta")
    network = build_network(FEATURES, BLEND, MEAN).to(device)
    scores = network(*(torch.from_numpy(array).to(device) for array in (Z, WHO, ITEMS, PLACES)))
    assert scores.shape == (PEOPLE, CANDIDATES)
    assert scores.device.type == "meta"


def test_devices_that_are_not_there_are_told():
    assert choose_device("cpu").type == "cpu"
    assert choose_device("auto").type in ("cpu", "cuda", "mps")
    with pytest.raises(UserError, match="no device 'abacus'"):
        choose_device("abacus")
    if not torch.cuda.is_available():
        with pytest.raises(UserError, match="no usable cuda"):
            choose_device("cuda")


def test_the_blend_learns_which_signal_finds_the_target():
    samples = np.random.default_rng(1).normal(size=(300, 50, 3)).astype(np.float32)
    samples[:, 0, 1] += 3.0
    weights = fit_blend(samples)
    assert weights[1] > 5 * max(abs(weights[0]), abs(weights[2]))


def test_candidates_are_allowed_and_standardised():
    values = np.random.default_rng(2).normal(size=(WIDTH, 3, 20)).astype(np.float32)
    allowed = np.ones((3, 20), np.bool_)
    allowed[0, :15] = False
    allowed[2, :] = False
    items, z = draw_candidates(SignalStack(values), signals_for("next"), np.ones(WIDTH, np.float32), 8, allowed)
    assert set(items[0][items[0] >= 0].tolist()) == set(range(15, 20))
    assert (items[0] == -1).sum() == 3
    assert (items[2] == -1).all()
    assert (z[2] == 0).all()
    np.testing.assert_allclose(z[1].mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(z[1].std(axis=0), 1, atol=1e-4)


def test_standardising_by_hand():
    np.testing.assert_allclose(standardise(np.array([[1.0, 3.0], [2.0, 2.0]], np.float32)), [[-1, 1], [0, 0]])
    there = np.array([[True, True, False]])
    np.testing.assert_allclose(standardise_where(np.array([[1.0, 3.0, 99.0]], np.float32), there), [[-1, 1, 0]])


def test_ndcg_by_hand():
    # One target at place 2: 1/log2(3). Two targets, hits at places 1 and 3: (1 + ½) / (1 + 1/log2(3)).
    assert ndcg_of_hits(np.array([[False, True, False]]), np.array([1])) == pytest.approx(1 / np.log2(3))
    two = ndcg_of_hits(np.array([[True, False, True]]), np.array([2]))
    assert two == pytest.approx(1.5 / (1 + 1 / np.log2(3)))
    assert ndcg_of_hits(np.zeros((1, 3), np.bool_), np.array([1])) == 0
