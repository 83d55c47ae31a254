"""All people on a plane: the first two principal components of their profiles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recsys_tui.models.trained_model import TrainedModel

MOST_DRAWN = 20_000
SEED = 20_071


@dataclass(frozen=True)
class UserMap:
    """Where people stand: ``points`` (people drawn, 2), float32, and the cluster of each (-1: none).

    ``people``: codes of those who are drawn, at most 20,000. ``explained``: the share of the variance of the profiles
    that each of the two axes shows.
    """

    people: NDArray[np.int64]
    points: NDArray[np.float32]
    clusters: NDArray[np.int16]
    explained: tuple[float, float]


def user_map(model: TrainedModel, most: int = MOST_DRAWN) -> UserMap:
    """Map the people of a model: everyone, or a random sample of ``most``, the same every time.

    Signs are fixed: on each axis the coordinate of the profile that counts most points upwards.
    """
    everyone = model.people.histories
    people = np.arange(len(everyone))
    if len(people) > most:
        people = np.sort(np.random.default_rng(SEED).choice(people, most, replace=False))
    vectors = model.experts.profiles.long_term(everyone.prefixes(people, everyone.lengths[people]))
    points, explained = principal_plane(vectors)
    return UserMap(people, points, np.asarray(model.people.clusters)[people], explained)


def principal_plane(vectors: NDArray[np.float32]) -> tuple[NDArray[np.float32], tuple[float, float]]:
    """Rows of ``vectors`` (rows, dimensions) on their first two principal components, and the share of each axis.

    An axis that is missing, in fewer than two dimensions or among fewer than two rows, is all 0.
    """
    rows = vectors.astype(np.float64)
    if not rows.size:
        return np.zeros((len(rows), 2), np.float32), (0.0, 0.0)
    centred = rows - rows.mean(axis=0)
    variances, axes = np.linalg.eigh(centred.T @ centred)
    variances, axes = np.maximum(variances[::-1], 0), axes[:, ::-1][:, :2]
    axes = axes * np.where(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])] < 0, -1, 1)
    points = np.zeros((len(rows), 2), np.float32)
    points[:, : axes.shape[1]] = centred @ axes
    total = float(variances.sum()) or 1.0
    shares = [float(part) / total for part in variances[:2]] + [0.0]
    return points, (shares[0], shares[1])
