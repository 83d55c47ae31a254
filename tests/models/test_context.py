"""What the deep model knows about a person and about an item, by hand."""

from __future__ import annotations

import numpy as np

from recsys_tui.data.histories import Histories
from recsys_tui.models.context import context_of, item_features
from recsys_tui.models.experts import Experts


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
