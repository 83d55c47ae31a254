"""Writes a trained model into its workspace, and takes over what people called the clusters of the one before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.profiles.named_clusters import carry_names
from recsys_tui.store.cluster_names import ClusterNames
from recsys_tui.store.stored_versions import ModelKey, StoredModelInfo
from recsys_tui.store.workspace import Workspace
from recsys_tui.training.job import TrainingRequest


def save_trained(
    workspace: Workspace,
    request: TrainingRequest,
    model: TrainedModel,
    manifest: Mapping[str, Any],
    fingerprint: str | None = None,
) -> StoredModelInfo:
    """Save under the workspace's lock, then drop versions that are no longer needed.

    ``fingerprint``: of the data it was trained on, None for the current data.
    """
    key = ModelKey(request.preset, request.horizon, request.seed, request.device)
    return workspace.save_model(key, dict(manifest), model.to_arrays(), fingerprint)


def keep_names(workspace: Workspace, model: TrainedModel, tell: Callable[[str], None]) -> None:
    """Take the names of clusters over to a model that was just stored; ``tell`` is told of each that had to go."""
    try:
        dropped = carry_names(
            ClusterNames(workspace.folder),
            model.experts.profiles,
            model.people.histories.item_counts(),
            model.catalogue.ids,
        )
    except UserError as error:  # the model is stored: names wait for the next one
        tell(str(error))
        return
    for name in dropped:
        tell(say("models.cluster_name_dropped", name=name))
