"""Which cluster of a model has which of the names that people gave, and what becomes of names with a new model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.text_list import TextList
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.profiles.cluster_signature import known_again, signature_of
from recsys_tui.profiles.user_profiles import UserProfiles
from recsys_tui.store.cluster_names import LONGEST_NAME, ClusterNames, NamedCluster, tidy_name


def names_by_cluster(names: Sequence[NamedCluster], profiles: UserProfiles, ids: TextList) -> dict[int, str]:
    """The given names by the number of the cluster of this model that has them."""
    found = known_again([entry.signature for entry in names], profiles, ids)
    return {cluster: entry.name for entry, cluster in zip(names, found, strict=True) if cluster is not None}


def rename(
    store: ClusterNames,
    cluster: int,
    name: str,
    automatic: Sequence[str],
    profiles: UserProfiles,
    item_counts: NDArray[np.int64],
    ids: TextList,
) -> dict[int, str]:
    """Give a cluster of a model a name, or take its name back with an empty one; returns :func:`names_by_cluster`.

    ``automatic``: what the clusters are called by themselves. Raises ``UserError``: exit 2 for a name that is too long
    or that another cluster has, exit 1 where it cannot be written.
    """
    wanted = tidy_name(name)
    if len(wanted) > LONGEST_NAME:
        raise UserError("store.name_too_long", ExitCode.USAGE, most=LONGEST_NAME, length=len(wanted))

    def changed(names: tuple[NamedCluster, ...]) -> list[NamedCluster]:
        owners = known_again([entry.signature for entry in names], profiles, ids)
        kept = [entry for entry, owner in zip(names, owners, strict=True) if owner != cluster]
        given = names_by_cluster(kept, profiles, ids)
        others = {given.get(number, own): number for number, own in enumerate(automatic) if number != cluster}
        if wanted in others:
            raise UserError("store.name_taken", ExitCode.USAGE, name=wanted, cluster=others[wanted])
        if wanted and wanted != automatic[cluster]:
            kept.append(NamedCluster(wanted, signature_of(profiles, item_counts, ids, cluster)))
        return kept

    return names_by_cluster(store.change(changed), profiles, ids)


def carry_names(
    store: ClusterNames, profiles: UserProfiles, item_counts: NDArray[np.int64], ids: TextList
) -> tuple[str, ...]:
    """Take the names over to a new model: each cluster that is known again keeps its name, from now on by what it is.

    Names without such a cluster are dropped; they are returned. Raises ``UserError`` (exit 1) where nothing can be
    written.
    """
    dropped: list[str] = []

    def changed(names: tuple[NamedCluster, ...]) -> list[NamedCluster]:
        kept = []
        for entry, cluster in zip(names, known_again([one.signature for one in names], profiles, ids), strict=True):
            if cluster is None:
                dropped.append(entry.name)
            else:
                kept.append(replace(entry, signature=signature_of(profiles, item_counts, ids, cluster)))
        return kept

    if store.read():
        store.change(changed)
    return tuple(dropped)
