"""The self-attention model as served: equal to torch, indifferent to padding, light to import."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.models.encoder.network import build_network
from recsys_tui.models.encoder.self_attention import AttentionSettings, SelfAttention, newest_windows

ITEMS, WINDOW, WIDTH = 30, 7, 8
SETTINGS = AttentionSettings(width=WIDTH, blocks=2, heads=2, window=WINDOW, dropout=0.3)


def some_histories(lengths: list[int], seed: int = 3) -> Histories:
    """People with random items, as many as said."""
    items = np.random.default_rng(seed).integers(0, ITEMS, sum(lengths)).astype(np.int32)
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return Histories(indptr, items, None, np.ones(len(items), np.float32), ITEMS)


@pytest.fixture(scope="module")
def network():
    """A network of two blocks whose every parameter is random."""
    torch = pytest.importorskip("torch")
    generator = torch.Generator().manual_seed(1)
    network = build_network(np.zeros((ITEMS, WIDTH), np.float32), SETTINGS)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.4)
    return network.eval()


@pytest.fixture(scope="module")
def model(network) -> SelfAttention:
    """The network as it is served; the last item was never trained on."""
    arrays = {name: tensor.detach().numpy() for name, tensor in network.named_parameters()}
    return SelfAttention({**arrays, "known": np.arange(ITEMS) < ITEMS - 1})


def test_states_equal_those_of_the_trained_network(network, model: SelfAttention):
    import torch

    people = some_histories([1, 2, 5, 7, 8, 20, 3])
    windows = newest_windows(people, np.arange(len(people)), WINDOW)
    with torch.no_grad():
        expected = network(torch.from_numpy(windows).long(), 1)[:, 0].numpy()
    np.testing.assert_allclose(model.encode(people), expected, rtol=1e-4, atol=1e-5)


def test_states_equal_those_of_torch_s_own_encoder_layers(model: SelfAttention):
    """PyTorch's pre-norm ``TransformerEncoderLayer`` with the biases of the lags as its mask.

    It stays in training mode (there is no dropout), as its fast path takes no mask of numbers.
    """
    import torch
    from torch import nn

    arrays = {name: torch.from_numpy(np.asarray(array)) for name, array in model.to_arrays().items()}
    people = some_histories([6])
    x = arrays["item_vectors"][people.items.astype(np.int64)][None]
    lags = torch.arange(6)[:, None] - torch.arange(6)[None, :]
    for block in range(2):
        layer = nn.TransformerEncoderLayer(WIDTH, 2, 4 * WIDTH, 0.0, batch_first=True, norm_first=True)
        with torch.no_grad():
            layer.self_attn.in_proj_weight.copy_(arrays["attention_in"][block].T)
            layer.self_attn.in_proj_bias.copy_(arrays["attention_in_bias"][block])
            layer.self_attn.out_proj.weight.copy_(arrays["attention_out"][block].T)
            layer.self_attn.out_proj.bias.copy_(arrays["attention_out_bias"][block])
            layer.linear1.weight.copy_(arrays["widen"][block].T)
            layer.linear1.bias.copy_(arrays["widen_bias"][block])
            layer.linear2.weight.copy_(arrays["narrow"][block].T)
            layer.linear2.bias.copy_(arrays["narrow_bias"][block])
            for place, norm in ((2 * block, layer.norm1), (2 * block + 1, layer.norm2)):
                norm.weight.copy_(arrays["norm_scale"][place])
                norm.bias.copy_(arrays["norm_shift"][place])
            mask = arrays["lag_bias"][block][:, lags.clamp(min=0)].masked_fill(lags < 0, float("-inf"))
            x = layer(x, src_mask=mask)
    last = nn.functional.layer_norm(x[0, -1], (WIDTH,), arrays["norm_scale"][4], arrays["norm_shift"][4])
    np.testing.assert_allclose(model.encode(people)[0], last.numpy(), rtol=1e-4, atol=1e-5)


def test_scores_are_products_of_state_and_item(model: SelfAttention):
    people = some_histories([4, 9])
    expected = model.encode(people).astype(np.float64) @ model.item_vectors.T.astype(np.float64)
    np.testing.assert_allclose(model.score(people)[:, :-1], expected[:, :-1], rtol=1e-4, atol=1e-5)


def test_an_item_never_trained_on_comes_last(model: SelfAttention):
    scores = model.score(some_histories([4, 9]))
    np.testing.assert_array_equal(scores[:, -1], scores[:, :-1].min(axis=1))


def test_company_of_other_lengths_changes_no_state(model: SelfAttention):
    people = some_histories([1, 7, 3, 0, 12])
    together = model.encode(people)
    for person in range(len(people)):
        alone = model.encode(people.rows(person, person + 1))[0]
        np.testing.assert_allclose(alone, together[person], rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(together[3], 0)


def test_what_lies_before_the_window_is_not_looked_at(model: SelfAttention):
    recent = [4, 2, 9, 9, 1, 0, 3]
    assert len(recent) == WINDOW
    long = Histories.of_one([7, 8, *recent], ITEMS)
    np.testing.assert_array_equal(model.encode(long), model.encode(Histories.of_one(recent, ITEMS)))
    changed = Histories.of_one([5, *recent[1:]], ITEMS)
    assert not np.allclose(model.encode(changed), model.encode(long))


def test_many_people_are_scored_in_blocks(model: SelfAttention, monkeypatch: pytest.MonkeyPatch):
    people = some_histories([3, 8, 1, 5, 5, 9])
    expected = model.encode(people)
    monkeypatch.setattr("recsys_tui.models.encoder.self_attention.FLOATS_AT_ONCE", 1)
    np.testing.assert_allclose(model.encode(people), expected, rtol=1e-5, atol=1e-6)


def test_newest_windows_are_padded_on_the_left():
    people = Histories(
        np.array([0, 1, 4], np.int64), np.array([5, 6, 7, 8], np.int32), None, np.ones(4, np.float32), ITEMS
    )
    np.testing.assert_array_equal(newest_windows(people, np.array([1, 0]), 2), [[7, 8], [-1, 5]])


def test_the_network_walks_a_device_without_numbers(network):
    import torch

    on_meta = build_network(np.zeros((ITEMS, WIDTH), np.float32), SETTINGS).to("meta")
    states = on_meta(torch.zeros((4, WINDOW), dtype=torch.long, device="meta"), 3)
    assert states.shape == (4, 3, WIDTH)
    assert states.device.type == "meta"


def test_serving_imports_no_torch():
    code = (
        "import sys, numpy as np\n"
        "from recsys_tui.data.histories import Histories\n"
        "from recsys_tui.models.encoder.self_attention import SelfAttention\n"
        "shapes = dict(item_vectors=(3, 2), lag_bias=(1, 1, 4), attention_in=(1, 2, 6), attention_in_bias=(1, 6),\n"
        "    attention_out=(1, 2, 2), attention_out_bias=(1, 2), widen=(1, 2, 8), widen_bias=(1, 8),\n"
        "    narrow=(1, 8, 2), narrow_bias=(1, 2), norm_scale=(3, 2), norm_shift=(3, 2))\n"
        "arrays = {name: np.ones(shape, np.float32) for name, shape in shapes.items()}\n"
        "model = SelfAttention.from_arrays({**arrays, 'known': np.ones(3, bool)})\n"
        "assert model.score(Histories.of_one([0, 2], 3)).shape == (1, 3)\n"
        "print('torch' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_catalogue_in_another_order_scores_alike_and_new_items_as_the_lowest(histories: Histories):
    model = SelfAttention.fit(histories, settings=AttentionSettings(width=8, window=6, epochs=1))
    count = histories.item_count
    codes = np.concatenate([[-1], np.arange(count)[::-1]])
    moved = model.moved(codes)
    items = (count - histories.items).astype(np.int32)
    elsewhere = replace(histories, items=items, item_count=count + 1)
    before, after = model.score(histories), moved.score(elsewhere)
    np.testing.assert_allclose(after[:, 1:], before[:, ::-1], rtol=1e-5, atol=1e-6)
    known = before[:, model.known]
    np.testing.assert_allclose(after[:, 0], np.where(histories.lengths > 0, known.min(axis=1), 0), rtol=1e-5, atol=1e-6)


def test_a_last_pass_takes_in_what_is_newest(histories: Histories):
    settings = AttentionSettings(width=8, window=6, epochs=4)
    older = histories.prefixes(range(len(histories)), np.maximum(0, histories.lengths - 1))
    model = SelfAttention.fit(older, settings=settings)
    taught = model.taught(histories, settings)
    able = np.flatnonzero(histories.lengths > 1)
    newest = histories.items[histories.indptr[able + 1] - 1]
    lists = older.prefixes(able, older.lengths[able])

    def log_share(scorer: SelfAttention) -> float:
        scores = scorer.score(lists).astype(np.float64)
        scores -= np.log(np.exp(scores - scores.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True)) + scores.max(
            axis=1, keepdims=True
        )
        return float(scores[np.arange(len(able)), newest].mean())

    assert log_share(taught) > log_share(model)
    np.testing.assert_array_equal(model.taught(histories, settings).item_vectors, taught.item_vectors)
