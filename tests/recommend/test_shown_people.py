"""How many people are in which group, as lists and a training tell it."""

import pytest

from recsys_tui.data.text_list import TextList
from recsys_tui.models.trained_model import Catalogue
from recsys_tui.profiles.cluster_description import ClusterDescription
from recsys_tui.recommend.answers import Cluster
from recsys_tui.recommend.shown_people import shown_clusters
from recsys_tui.training.pipeline import clusters_event, described_cluster
from recsys_tui.tui.state.jobs import JobState

SIZES = (60, 45)
NOTHING = Catalogue(*(TextList.of([]) for _ in range(3)))


@pytest.mark.parametrize(("gone", "told"), [(0, [60, 45]), (3, [60, None]), (20, [60, 45])])
def test_sizes_of_groups_tell_not_how_few_are_in_none(gone: int, told: list[int | None]):
    """Who took back all they had is in no group: everybody less all groups would be how many they are."""
    described = [ClusterDescription(f"group {size}", size, 0.5, (), ()) for size in SIZES]
    people = sum(SIZES) + gone

    def sizes(clusters: tuple[Cluster, ...]) -> list[int | None]:
        return [cluster.size for cluster in clusters]

    manifest = {"clusters": [described_cluster(entry) for entry in described]}
    assert sizes(shown_clusters(NOTHING, manifest, people)) == told
    trained = JobState("quick").after(clusters_event(described, NOTHING, people))
    assert sizes(trained.clusters) == told
