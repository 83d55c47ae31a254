"""Causal self-attention over a history, as it is served: NumPy alone, from stored arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Flags, Floats, Histories, Ints, Longs
from recsys_tui.models.catalogue_head import head_positions
from recsys_tui.models.contract import Arrays
from recsys_tui.models.partial_scores import DotScores, HeadScores

FLOATS_AT_ONCE = 4_000_000
NO_ATTENTION = np.float32(-1e9)
NORM_EPSILON = np.float32(1e-5)
PADDING = -1


@dataclass(frozen=True)
class AttentionSettings:
    """How the model is built and trained.

    ``width`` d of all vectors, ``blocks`` of attention, ``heads`` in each (they divide d), ``window``: newest items
    that are looked at, ``dropout``, ``rate``: peak of the learning rate, ``epochs`` at most and ``targets`` at most,
    the next items learnt from in all epochs together (the time that training takes is proportional to them),
    ``negatives`` drawn for a batch (a catalogue that is not much larger is weighed up in full).
    """

    width: int = 64
    blocks: int = 1
    heads: int = 2
    window: int = 50
    dropout: float = 0.1
    rate: float = 4e-3
    epochs: int = 12
    targets: int = 12_000_000
    negatives: int = 512


GRID = (AttentionSettings(), AttentionSettings(dropout=0.3))
"""Settings to be tried on validation people, the best guess first; the second is for little data."""


class SelfAttention:
    """Next-item model with causal self-attention (SASRec; Kang & McAuley, ICDM 2018).

    Trained with softmax cross-entropy, with which it ranks far better than with the paper's own loss (Klenitskiy &
    Vasilev, RecSys 2023). A person is the newest ``window`` items of the history. x = the items' vectors; in each block
    x += attention(norm(x)), x += feed-forward(norm(x)) (pre-norm); a score is norm(x at the newest item) · the item's
    vector. Place enters the attention as a learned bias for each head and lag (how far back from the asking item), so
    that a window means the same wherever it is cut. An empty history scores 0 everywhere; an item that nobody had in
    training gets the lowest score of the known ones.

    Arrays, with n items, d the width, b blocks, h heads, L the window: ``item_vectors`` (n, d), ``known`` (n,),
    ``lag_bias`` (b, h, L), ``attention_in`` (b, d, 3d), ``attention_in_bias`` (b, 3d), ``attention_out`` (b, d, d),
    ``attention_out_bias`` (b, d), ``widen`` (b, d, 4d), ``widen_bias`` (b, 4d), ``narrow`` (b, 4d, d),
    ``narrow_bias`` (b, d), ``norm_scale`` and ``norm_shift`` (2b + 1, d): before attention and feed-forward of each
    block, then the last.
    """

    name = "sasrec"

    def __init__(self, arrays: Arrays) -> None:
        self._arrays = dict(arrays)
        self.item_vectors: Floats = arrays["item_vectors"]
        self.known: Flags = np.asarray(arrays["known"], np.bool_)
        self.blocks, self.heads, self.window = arrays["lag_bias"].shape

    @classmethod
    def fit(
        cls,
        histories: Histories,
        *,
        settings: AttentionSettings = GRID[0],
        seed: int = 0,
        device: str = "cpu",
        report: Callable[[float, dict[str, float]], None] | None = None,
        stopped: Callable[[], bool] | None = None,
    ) -> Self:
        """Train on the histories; see :func:`~.training.fit_self_attention`."""
        from recsys_tui.models.encoder.training import fit_self_attention

        arrays, _ = fit_self_attention(
            histories,
            settings,
            seed=seed,
            device=device,
            report=report or (lambda _share, _metrics: None),
            stopped=stopped or (lambda: False),
        )
        return cls(arrays)

    def taught(self, histories: Histories, settings: AttentionSettings, *, seed: int = 0, device: str = "cpu") -> Self:
        """The model after one more short pass over everybody's newest actions; ``settings``: those it was made with."""
        from recsys_tui.models.encoder.training import teach_newest

        return type(self)(teach_newest(self.to_arrays(), histories, settings, seed=seed, device=device))

    def moved(self, codes: NDArray[np.int64]) -> Self:
        """The same model for a catalogue in another order: ``codes`` (items,) are the items' codes here, -1 for new."""
        known = codes >= 0
        vectors = np.zeros((len(codes), self.item_vectors.shape[1]), np.float32)
        vectors[known] = self.item_vectors[codes[known]]
        kept = np.zeros(len(codes), np.bool_)
        kept[known] = self.known[codes[known]]
        return type(self)({**self._arrays, "item_vectors": vectors, "known": kept})

    def score(self, histories: Histories) -> Floats:
        """Scores of all items, shape (people, items)."""
        scores: Floats = self.encode(histories) @ self.item_vectors.T
        if not self.known.all() and self.known.any():
            scores[:, ~self.known] = scores[:, self.known].min(axis=1, keepdims=True)
        return scores

    def partial(self, histories: Histories, head: Ints) -> EncodedScores:
        """The scores of the items asked for; the best ones only among ``head``."""
        return EncodedScores(self.encode(histories), self.item_vectors, self.known, head)

    def encode(self, histories: Histories) -> Floats:
        """The state of each person after the newest item, shape (people, d); 0 for an empty history."""
        states = np.zeros((len(histories), self.item_vectors.shape[1]), np.float32)
        lengths = np.minimum(histories.lengths, self.window)
        order = np.argsort(lengths, kind="stable")
        order = order[lengths[order] > 0]
        # The feed-forward part holds 4d numbers a place, attention `window` numbers a head and place.
        each = self.window * (4 * states.shape[1] + self.heads * self.window)
        at_once = max(1, FLOATS_AT_ONCE // each)
        for start in range(0, len(order), at_once):
            people = order[start : start + at_once]
            states[people] = self._encode_windows(newest_windows(histories, people, int(lengths[people[-1]])))
        return states

    def _encode_windows(self, items: Ints) -> Floats:
        """States at the newest place of left-padded windows (people, places), shape (people, d)."""
        x: Floats = self.item_vectors[np.maximum(items, 0)].astype(np.float32)
        hidden = np.where(items == PADDING, NO_ATTENTION, np.float32(0))[:, None, None, :]
        for block in range(self.blocks):
            # Only the newest place is asked for in the end, so the last block computes no other.
            asked = 1 if block == self.blocks - 1 else x.shape[1]
            x = self._attend(block, x, hidden, asked)
            inner = self._norm(2 * block + 1, x) @ self._arrays["widen"][block] + self._arrays["widen_bias"][block]
            np.maximum(inner, 0, out=inner)
            x = x + (inner @ self._arrays["narrow"][block] + self._arrays["narrow_bias"][block])
        return self._norm(2 * self.blocks, x[:, -1])

    def _attend(self, block: int, x: Floats, hidden: Floats, asked: int) -> Floats:
        people, places, width = x.shape
        inputs = self._norm(2 * block, x)
        weights, bias = self._arrays["attention_in"][block], self._arrays["attention_in_bias"][block]
        asking = inputs[:, places - asked :] @ weights[:, :width] + bias[:width]
        offered = inputs @ weights[:, width:] + bias[width:]
        each = width // self.heads
        query = asking.reshape(people, asked, self.heads, each).transpose(0, 2, 1, 3)
        key = offered[..., :width].reshape(people, places, self.heads, each).transpose(0, 2, 3, 1)
        value = offered[..., width:].reshape(people, places, self.heads, each).transpose(0, 2, 1, 3)
        logits = query @ key
        logits *= np.float32(each**-0.5)
        logits += self._by_lag(block, asked, places)
        logits += hidden
        logits -= logits.max(axis=-1, keepdims=True)
        np.exp(logits, out=logits)
        logits /= logits.sum(axis=-1, keepdims=True)
        mixed = (logits @ value).transpose(0, 2, 1, 3).reshape(people, asked, width)
        attended: Floats = mixed @ self._arrays["attention_out"][block] + self._arrays["attention_out_bias"][block]
        attended += x[:, places - asked :]
        return attended

    def _by_lag(self, block: int, asked: int, places: int) -> Floats:
        """Bias of each (asking place, place): by their distance, and none to come, shape (heads, asked, places)."""
        lags = np.arange(places - asked, places)[:, None] - np.arange(places)[None, :]
        bias: Floats = self._arrays["lag_bias"][block][:, np.maximum(lags, 0)]
        return np.where(lags >= 0, bias, NO_ATTENTION)

    def _norm(self, place: int, x: Floats) -> Floats:
        """Layer normalisation over the last axis."""
        centred = x - x.mean(axis=-1, keepdims=True)
        spread = np.sqrt(np.square(centred).mean(axis=-1, keepdims=True) + NORM_EPSILON)
        result: Floats = centred / spread * self._arrays["norm_scale"][place] + self._arrays["norm_shift"][place]
        return result

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays for the store."""
        return dict(self._arrays)

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Build from :meth:`to_arrays`."""
        return cls(arrays)


@dataclass(frozen=True)
class EncodedScores:
    """``states`` (people, d) that score items by dot products with ``vectors`` (items, d).

    An item that nobody had in training (not ``known``) gets the lowest score of the known ones it is asked with. The
    best ones are sought among ``head`` (codes): among all items they would cost more than everything else.
    """

    states: Floats
    vectors: Floats
    known: Flags
    head: Ints

    def at(self, items: Ints) -> Floats:
        """See :class:`~recsys_tui.models.partial_scores.PartialScores`."""
        scores = DotScores(self.states, self.vectors).at(items)
        known = self.known[items]
        lowest = np.where(known, scores, np.inf).min(axis=1, keepdims=True, initial=np.inf)
        return np.where(known, scores, np.where(np.isfinite(lowest), lowest, scores)).astype(np.float32)

    def best(self, width: int, allowed: Flags) -> tuple[Longs, Ints]:
        """See :class:`~recsys_tui.models.partial_scores.PartialScores`."""
        head = self.head[self.known[self.head]]
        values = self.states @ self.vectors[head].T
        return HeadScores(values, head, head_positions(head, len(self.vectors))).best(width, allowed)


def newest_windows(histories: Histories, people: NDArray[np.int64], width: int) -> Ints:
    """The newest ``width`` items of some people, older first, padded on the left with -1, shape (people, width)."""
    places = histories.indptr[people + 1][:, None] - np.arange(width, 0, -1)[None, :]
    there = places >= histories.indptr[people][:, None]
    return np.where(there, histories.items[np.maximum(places, 0)], PADDING).astype(np.int32)
