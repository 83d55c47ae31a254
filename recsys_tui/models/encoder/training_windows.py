"""Histories cut into overlapping windows of inputs and next items, batched by length, to train sequence models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Histories, Ints, Longs
from recsys_tui.models.encoder.self_attention import PADDING


@dataclass(frozen=True)
class Windows:
    """``first`` and ``stop`` (windows,): which actions are the inputs; of the newest ``asked`` of them the next item is
    asked for. Neighbouring windows share inputs, but an action is asked about once.
    """

    first: Longs
    stop: Longs
    asked: Longs

    def __len__(self) -> int:
        return len(self.first)

    def take(self, chosen: NDArray[Any]) -> Windows:
        """Some of the windows, by their numbers or by flags."""
        return Windows(self.first[chosen], self.stop[chosen], self.asked[chosen])


@dataclass(frozen=True)
class WindowBatch:
    """``inputs`` (windows, places), padded on the left with -1, and ``targets`` (windows, asked): the next item after
    each of the newest ``asked`` places, -1 where none is asked for.
    """

    inputs: Ints
    targets: Ints


def cut_windows(histories: Histories, width: int, stride: int, random: np.random.Generator) -> Windows:
    """Windows of at most ``width`` inputs, each asking about at most ``stride`` of its newest.

    Every person's row of next items is cut into stretches at a random offset, so that each pass sees other windows.
    """
    targets = np.maximum(histories.lengths - 1, 0)
    offset = random.integers(0, stride, len(histories))
    pieces = np.where(targets > 0, -(-(targets + offset) // stride), 0)
    people = np.repeat(np.arange(len(histories)), pieces)
    piece = np.arange(len(people)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    newest = targets[people] + offset[people] - piece * stride  # the newest target of the stretch, counted from 1
    oldest = np.maximum(newest - stride + 1, 1)
    newest = np.minimum(newest, targets[people])
    keep = newest >= oldest
    people, newest, oldest = people[keep], newest[keep], oldest[keep]
    stop = histories.indptr[people] + newest
    return Windows(stop - np.minimum(newest, width), stop, newest - oldest + 1)


def newest_of_each(histories: Histories, windows: Windows) -> Windows:
    """Only the windows that ask for people's newest items."""
    return windows.take(np.isin(windows.stop + 1, histories.indptr[1:]))


def sample_of(windows: Windows, targets: int, random: np.random.Generator) -> Windows:
    """All windows if they ask for ``targets`` items at most; else as many, drawn at random, as ask for no more."""
    if int(windows.asked.sum()) <= targets:
        return windows
    order = random.permutation(len(windows))
    return windows.take(order[np.cumsum(windows.asked[order]) <= targets])


def batches_by_length(
    histories: Histories, windows: Windows, targets_at_once: int, random: np.random.Generator
) -> Iterator[WindowBatch]:
    """Batches of about ``targets_at_once`` targets, of windows of like length, in random order."""
    order = random.permutation(len(windows))
    order = order[np.argsort((windows.stop - windows.first)[order], kind="stable")]
    batch_of = np.cumsum(windows.asked[order]) // targets_at_once
    edges = np.flatnonzero(np.diff(batch_of)) + 1
    stretches = np.split(order, edges)
    for number in random.permutation(len(stretches)):
        if len(stretches[number]):
            yield _batch(histories, windows, stretches[number])


def _batch(histories: Histories, windows: Windows, chosen: NDArray[np.int64]) -> WindowBatch:
    first, stop, asked = windows.first[chosen], windows.stop[chosen], windows.asked[chosen]
    places = stop[:, None] - np.arange(int((stop - first).max()), 0, -1)[None, :]
    inputs = np.where(places >= first[:, None], histories.items[np.maximum(places, 0)], PADDING)
    back = np.arange(int(asked.max()), 0, -1)[None, :]
    targets = np.where(back <= asked[:, None], histories.items[np.maximum(stop[:, None] - back + 1, 0)], PADDING)
    return WindowBatch(inputs.astype(np.int32), targets.astype(np.int32))
