"""The groups that results are told by: held-out pairs parted by person, by item, by taste and by time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.dataset import ITEM, USER
from recsys_tui.data.histories import Flags
from recsys_tui.evaluate.judge import Judge
from recsys_tui.evaluate.list_making import people_asked
from recsys_tui.evaluate.protocols import Split
from recsys_tui.processes.cores import cores_by_openmp

ACTIVITY, NEW_PEOPLE, POPULARITY, NEW_ITEMS, PERIOD, CLUSTER = (
    "activity", "new_people", "popularity", "new_items", "period", "cluster",
)  # fmt: skip
THIRDS = {ACTIVITY: ("light", "middle", "heavy"), POPULARITY: ("rare", "between", "popular")}
FEW = 5


@dataclass(frozen=True)
class Group:
    """Some of the held-out pairs. ``by``: what parts them from the others; ``name``: which part this is.

    ``among`` (pairs,): which they are. ``values`` (pairs,): what they were parted by, None for nothing that is counted.
    ``label``: the name of a cluster.
    """

    by: str
    name: str
    among: Flags
    values: NDArray[np.int64] | None = None
    label: str = ""

    def ends(self, owners: NDArray[np.int64], people: int) -> tuple[int, int]:
        """The least and the most of what it was parted by, as far as so many ``people`` reach, who ``owners`` (pairs,)
        says; 0 and 0 where nothing is counted, or an end would be of fewer.

        So many have the low end or less, and so many the high end or more. As many lie on the other side of each, or it
        would be what the one person who has the most, or the least, of a group that is hardly large enough has.
        """
        if self.values is None:
            return 0, 0
        who, values = np.unique(owners[self.among], return_inverse=True)[1], self.values[self.among]
        count = int(who.max(initial=-1)) + 1
        if count < people:
            return 0, 0
        lowest, highest = np.full(count, np.iinfo(np.int64).max), np.zeros(count, np.int64)
        np.minimum.at(lowest, who, values)
        np.maximum.at(highest, who, values)
        least, most = int(np.sort(lowest)[people - 1]), int(np.sort(highest)[-people])
        inside = (lowest >= least).sum() >= people and (highest <= most).sum() >= people
        return (least, most) if inside and least <= most else (0, 0)


def groups_of(split: Split, judge: Judge) -> list[Group]:
    """All groups of a comparison that hold any pair.

    - ``activity``: thirds of the people by how many items they had; ``new_people``: those who had fewer than five.
    - ``popularity``: thirds of the held-out pairs by how many people of the training have the item, which is told as
      lists tell it; ``new_items``: pairs with items that fewer than five have.
    - ``period``: the earlier and the later half of the held-out pairs, where there are times.
    - ``cluster``: the person's user profile, fitted on the training part.

    Equal values stay together, so that parts may differ in size.
    """
    pairs = judge.pairs
    activity, having = _activity(split, judge)[pairs.owners], judge.people_having(pairs.items)
    of_people = _activity(split, judge)
    found = [
        *_thirds(ACTIVITY, activity, of_people),
        Group(NEW_PEOPLE, NEW_PEOPLE, activity < FEW, activity),
        *_thirds(POPULARITY, having, having, judge.told_having(pairs.items)),
        Group(NEW_ITEMS, NEW_ITEMS, having < FEW),
        *_periods(pairs.times),
        *_clusters(split, judge),
    ]
    return [group for group in found if group.among.any()]


def _activity(split: Split, judge: Judge) -> NDArray[np.int64]:
    """How many different items each person asked about had, shape (people,)."""
    asked = split.asked
    taken = asked.interactions.select(USER, ITEM).unique()
    counts = np.bincount(taken[USER].to_numpy(), minlength=asked.user_count)
    return counts[judge.chosen].astype(np.int64)


def _thirds(
    by: str, values: NDArray[np.int64], over: NDArray[np.int64], told: NDArray[np.int64] | None = None
) -> Iterator[Group]:
    """Thirds of ``values``, whose bounds are the terciles of ``over``; ``told``: the values as they may be told."""
    lower, upper = np.quantile(over, (1 / 3, 2 / 3), method="lower")
    for name, among in zip(
        THIRDS[by], (values <= lower, (values > lower) & (values <= upper), values > upper), strict=True
    ):
        if among.any():
            yield Group(by, name, among, values if told is None else told)


def _periods(times: NDArray[np.float64] | None) -> Iterator[Group]:
    if times is None or not len(times) or not np.isfinite(times).all():
        return
    early = times <= np.quantile(times, 0.5, method="lower")
    if not early.all():
        yield Group(PERIOD, "early", early)
        yield Group(PERIOD, "late", ~early)


def _clusters(split: Split, judge: Judge) -> Iterator[Group]:
    """Clusters of the training part, by size, with the names that the program gives them."""
    from threadpoolctl import threadpool_limits

    from recsys_tui.models.trained_model import catalogue_of
    from recsys_tui.output.crowd_gate import CrowdGate
    from recsys_tui.profiles.cluster_description import describe_clusters
    from recsys_tui.profiles.user_profile_fitting import fit_user_profiles

    if min(split.train.user_count, split.train.item_count) < 2:
        return
    learned = people_asked(split.train).histories
    with cores_by_openmp(), threadpool_limits(1):  # many small steps, which several threads make ten times as slow
        profiles, _, _ = fit_user_profiles(learned, lambda _share, _metrics: None)
    if profiles.cluster_count < 2:
        return
    titles = catalogue_of(split.train).titles
    described = describe_clusters(learned, profiles.cluster_of(learned), profiles, judge.content, titles, CrowdGate())
    asked = learned if split.asked is split.train else people_asked(split.asked).histories
    of_pairs = profiles.cluster_of(asked)[judge.chosen][judge.pairs.owners]
    for cluster, entry in enumerate(described):
        yield Group(CLUSTER, CLUSTER, of_pairs == cluster, label=entry.name)
