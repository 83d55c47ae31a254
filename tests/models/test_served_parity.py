"""What is answered from a stored model equals what torch computes: fusion and encoder, after a round trip on disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from recsys_tui.data.histories import Histories
from recsys_tui.data.text_list import TextList
from recsys_tui.models import item_pools
from recsys_tui.models.candidate_lists import draw_candidates
from recsys_tui.models.context import context_of, item_features, with_peaks
from recsys_tui.models.encoder.averaged import AveragedAttention
from recsys_tui.models.encoder.network import build_network as build_encoder
from recsys_tui.models.encoder.self_attention import AttentionSettings, SelfAttention, newest_windows
from recsys_tui.models.experts import Experts
from recsys_tui.models.fusion import Fusion
from recsys_tui.models.fusion_network import build_network
from recsys_tui.models.interaction import InteractionModel
from recsys_tui.models.signal_names import signals_for
from recsys_tui.models.signals import signals_to_rank
from recsys_tui.models.trained_model import Catalogue, People, TrainedModel
from recsys_tui.recommend.ranking import rank
from recsys_tui.store.array_file import read_arrays, write_arrays

SETTINGS = AttentionSettings(width=8, blocks=2, heads=2, window=9)
PARITY = {"rtol": 1e-4, "atol": 1e-4}


def scattered(network: torch.nn.Module, seed: int) -> torch.nn.Module:
    """The network with every parameter moved at random, ready to answer."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return network.eval()


def arrays_of(network: torch.nn.Module) -> dict[str, np.ndarray]:
    """The parameters by name."""
    return {name: tensor.detach().numpy().copy() for name, tensor in network.state_dict().items()}


@pytest.fixture(scope="module")
def encoder(histories: Histories) -> torch.nn.Module:
    """A sequence encoder whose every parameter is random."""
    start = np.random.default_rng(3).normal(size=(histories.item_count, SETTINGS.width)).astype(np.float32)
    return scattered(build_encoder(start, SETTINGS), 4)


@pytest.fixture(scope="module", params=["next", "later"])
def both(
    request: pytest.FixtureRequest,
    encoder: torch.nn.Module,
    experts: Experts,
    interaction: InteractionModel,
    histories: Histories,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[torch.nn.Module, TrainedModel]:
    """A fusion in torch with random parameters, and the whole model as it comes back, memory-mapped, from its file."""
    known = np.ones(histories.item_count, np.bool_)
    experts = replace(experts, encoder=AveragedAttention((SelfAttention({**arrays_of(encoder), "known": known}),)))
    features = item_features(experts.profiles, experts.content, experts.popular.strength)
    popularity = np.asarray(experts.popular.strength)
    signals = len(signals_for(request.param))
    context = context_of(histories.rows(0, 1), experts.profiles, experts.content, popularity)
    width = with_peaks(context, np.zeros((1, 1, signals), np.float32), request.param).shape[1]
    blend = np.linspace(0.1, 1, signals).astype(np.float32)
    network = scattered(build_network(features.shape[1], blend, np.linspace(-1, 1, width).astype(np.float32)), 5)
    names = TextList.of([str(place) for place in range(len(histories))])
    items = TextList.of([str(place) for place in range(histories.item_count)])
    model = TrainedModel(
        People(names, histories, experts.profiles.cluster_of(histories).astype(np.int16)),
        Catalogue(items, items, items),
        experts,
        interaction,
        Fusion(horizon=request.param, candidates=20, blend=blend, **arrays_of(network)),
        features,
    )
    path: Path = tmp_path_factory.mktemp("parity") / "model.safetensors"
    write_arrays(path, model.to_arrays())
    return network, TrainedModel.from_arrays(read_arrays(path))


@pytest.mark.parametrize("bound", [8_000, 0])
def test_listed_scores_are_those_of_the_network(
    both: tuple[torch.nn.Module, TrainedModel], bound: int, monkeypatch: pytest.MonkeyPatch
):
    """From the same candidates, of the whole catalogue and of pools."""
    monkeypatch.setattr(item_pools, "POOLED_ABOVE", bound)
    network, model = both
    people = model.people.histories.rows(0, 25)
    allowed = np.ones((25, people.item_count), np.bool_)
    fusion, experts = model.fusion, model.experts
    stack = signals_to_rank(experts, model.interaction, people, allowed)
    places, z = draw_candidates(stack, fusion.signals, fusion.blend, fusion.candidates, allowed)
    codes = stack.codes(places)
    context = context_of(people, experts.profiles, experts.content, np.asarray(experts.popular.strength))
    context = with_peaks(context, z, fusion.horizon)
    with torch.no_grad():
        inputs = (
            torch.from_numpy(np.array(array)) for array in (z, context, model.item_features, codes.astype(np.int64))
        )
        expected = network(*inputs).numpy()
    ranked = rank(model, people, fusion.candidates, "deep", allowed)
    np.testing.assert_allclose(ranked.scores, -np.sort(-expected, axis=1), **PARITY)
    for row in range(25):
        by_code = dict(zip(codes[row].tolist(), expected[row].tolist(), strict=True))
        np.testing.assert_allclose([by_code[code] for code in ranked.items[row].tolist()], ranked.scores[row], **PARITY)
    assert np.ptp(expected) > 1


def test_encoder_scores_are_those_of_the_network(both: tuple[torch.nn.Module, TrainedModel], encoder: torch.nn.Module):
    _, model = both
    able = np.flatnonzero(model.people.histories.lengths > 0)
    people = model.people.histories.prefixes(able, model.people.histories.lengths[able])
    windows = newest_windows(people, np.arange(len(people)), SETTINGS.window)
    with torch.no_grad():
        states = encoder(torch.from_numpy(windows).long(), 1)[:, 0]
        expected = (states @ encoder.get_parameter("item_vectors").T).numpy()
    served = model.experts.encoder
    assert served is not None
    np.testing.assert_allclose(served.score(people), expected, **PARITY)
    np.testing.assert_allclose(served.score(people.rows(7, 8))[0], expected[7], **PARITY)
