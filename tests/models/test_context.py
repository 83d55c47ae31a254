"""What the deep model knows about a person and about an item, by hand."""

from __future__ import annotations

import numpy as np

from recsys_tui.data.histories import Histories
from recsys_tui.models.context import (
    context_of,
    context_sources,
    feature_sources,
    item_features,
    with_peaks,
)
from recsys_tui.models.experts import Experts
from recsys_tui.models.held_out import HeldOut


def test_context_of_a_person_by_its_parts(experts: Experts, histories: Histories):
    fame = np.asarray(experts.popular.strength, np.float64)
    context = context_of(histories, experts.profiles, experts.content, experts.popular.strength)
    clusters, dimensions = experts.profiles.cluster_count, experts.content.dense.shape[1]
    assert context.shape == (len(histories), 2 * clusters + dimensions + 3)
    person = 12
    items = histories.items_of(person)
    alone = histories.rows(person, person + 1)
    long_term, recent = experts.profiles.long_term(alone)[0], experts.profiles.recent(alone)[0]
    np.testing.assert_allclose(context[person, :clusters].sum(), 1, rtol=1e-5)
    np.testing.assert_allclose(context[person, clusters : 2 * clusters].sum(), 1, rtol=1e-5)
    newest = items[-5:]
    np.testing.assert_allclose(
        context[person, -3:],
        [np.log1p(len(items)) / 3 - 1, 2 * fame[newest].mean() / fame.max() - 1, long_term @ recent],
        rtol=1e-4,
        atol=1e-5,
    )


def test_context_of_nobody_is_finite_and_undecided(experts: Experts, histories: Histories):
    empty = Histories.of_one([], histories.item_count)
    context = context_of(empty, experts.profiles, experts.content, experts.popular.strength)
    clusters = experts.profiles.cluster_count
    np.testing.assert_allclose(context[0, : 2 * clusters], 1 / clusters, rtol=1e-5)
    np.testing.assert_allclose(context[0, 2 * clusters :], [*[0] * experts.content.dense.shape[1], -1, -1, 0])


def test_features_of_an_item_are_its_places_and_its_fame(experts: Experts):
    features = item_features(experts.profiles, experts.content, experts.popular.strength)
    width = experts.profiles.item_places.shape[1]
    np.testing.assert_array_equal(features[:, :width], experts.profiles.item_places)
    np.testing.assert_array_equal(features[:, width:-1], experts.content.dense)
    assert features[:, -1].max() == 1
    assert features[np.argmin(experts.popular.strength), -1] == features[:, -1].min() >= -1


def test_every_column_has_a_source(experts: Experts, held_out: HeldOut):
    fame = np.asarray(experts.popular.strength, np.float32)
    context = context_of(held_out.lists.rows(0, 3), experts.profiles, experts.content, fame)
    sources = context_sources(experts.profiles, experts.content)
    assert len(sources) == context.shape[1]
    # Soft memberships sum to one for each history; the content profile has unit length.
    members = np.flatnonzero([source == "profile" for source in sources])[:-1]
    np.testing.assert_allclose(context[:, members].sum(axis=1), 2, rtol=1e-4)
    content = context[:, [source == "content" for source in sources]]
    np.testing.assert_allclose(np.linalg.norm(content, axis=1), 1, rtol=1e-4)
    features = item_features(experts.profiles, experts.content, fame)
    assert len(feature_sources(experts.profiles, experts.content)) == features.shape[1]


def test_peaks_say_how_far_the_best_candidate_of_each_signal_stands_out():
    context = np.array([[1.0], [2.0]], np.float32)
    z = np.array([[[0.5, -1.0], [-0.5, 3.0], [0.0, -2.0]], [[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]], np.float32)
    np.testing.assert_allclose(with_peaks(context, z, "next"), [[1, 0.05, 0.3], [2, 0, 0]], rtol=1e-6)
    assert with_peaks(context, z, "later") is context
    assert with_peaks(context[:0], z[:0], "next").shape == (0, 3)
    assert with_peaks(context, z[:, :0], "next").tolist() == [[1, 0, 0], [2, 0, 0]]
