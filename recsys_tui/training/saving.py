"""Writes a trained model into its workspace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.store.stored_versions import ModelKey, StoredModelInfo
from recsys_tui.store.workspace import Workspace
from recsys_tui.training.job import TrainingRequest


def save_trained(
    workspace: Workspace, request: TrainingRequest, model: TrainedModel, manifest: Mapping[str, Any]
) -> StoredModelInfo:
    """Save under the workspace's lock, then drop versions that are no longer needed."""
    key = ModelKey(request.preset, request.horizon, request.seed, request.device)
    return workspace.save_model(key, dict(manifest), model.to_arrays())
