"""What the deep model knows about a person apart from any item: the context that opens and closes its gates."""

from __future__ import annotations

import numpy as np

from recsys_tui.data.histories import Floats, Histories
from recsys_tui.profiles.content_profiles import ContentProfiles
from recsys_tui.profiles.user_profiles import UserProfiles

LAST_ITEMS = 5
# How far the best candidate stands out tells the next item; over weeks it told nothing.
WITH_PEAKS = ("next",)
DEVIATIONS = 10


def context_of(histories: Histories, profiles: UserProfiles, content: ContentProfiles, popularity: Floats) -> Floats:
    """Context of each person, shape (people, 2 · clusters + content dimensions + 3), float32.

    Soft membership of the whole history and of the recent one, the content profile, log length of the history, mean
    log popularity of the last five items, cosine between long-term and recent taste; the last three near unit size.
    """
    long_term, recent = profiles.long_term(histories), profiles.recent(histories)
    lags = histories.lags
    near = lags < LAST_ITEMS
    summed = np.bincount(histories.owners[near], popularity[histories.items[near]], minlength=len(histories))
    fame = summed / np.maximum(1, np.minimum(histories.lengths, LAST_ITEMS))
    scale = max(1e-6, float(popularity.max(initial=0.0)))
    plain = np.stack([np.log1p(histories.lengths) / 3 - 1, 2 * fame / scale - 1, (long_term * recent).sum(axis=1)])
    return np.concatenate(
        [
            profiles.membership(long_term),
            profiles.membership(recent),
            content.dense_profile(histories),
            plain.T,
        ],
        axis=1,
    ).astype(np.float32)


def with_peaks(context: Floats, z: Floats, horizon: str) -> Floats:
    """The context of lists, and for the horizon ``next`` how sure each signal is, (lists, features + signals).

    ``z`` (lists, candidates, signals): the signals, standardised over each list. How far the best candidate of a signal
    lies above their mean, in tens of deviations: a signal that singles out an item deserves more weight than one that
    finds all alike.
    """
    if horizon not in WITH_PEAKS:
        return context
    peaks = z.max(axis=1, initial=0) / np.float32(DEVIATIONS)
    return np.concatenate([context, peaks], axis=1).astype(np.float32)


def item_features(profiles: UserProfiles, content: ContentProfiles, popularity: Floats) -> Floats:
    """What the deep model knows about an item apart from any person, shape (items, features): places and fame."""
    scale = max(1e-6, float(popularity.max(initial=0.0)))
    return np.concatenate([profiles.item_places, content.dense, (2 * popularity / scale - 1)[:, None]], axis=1).astype(
        np.float32
    )


def context_sources(profiles: UserProfiles, content: ContentProfiles) -> tuple[str | None, ...]:
    """The component that each column of :func:`context_of` is made of; None where it is made of none of them."""
    return (
        *("profile",) * (2 * profiles.cluster_count),
        *("content",) * content.dense.shape[1],
        None,
        "popularity",
        "profile",
    )


def feature_sources(profiles: UserProfiles, content: ContentProfiles) -> tuple[str | None, ...]:
    """The component that each column of :func:`item_features` is made of."""
    return *("profile",) * profiles.item_places.shape[1], *("content",) * content.dense.shape[1], "popularity"
