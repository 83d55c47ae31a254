"""Models as they were stored, ready to answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recsys_tui.data.dataset import TimeKind
from recsys_tui.output.messages import say
from recsys_tui.store.stored_versions import StoredModel
from recsys_tui.store.version_folder import damaged
from recsys_tui.store.workspace import ARRAYS, Workspace

if TYPE_CHECKING:
    from recsys_tui.models.trained_model import TrainedModel


def model_of(stored: StoredModel, workspace: Workspace) -> TrainedModel:
    """The model that some arrays are. Raises ``UserError`` (exit 1) where they are none of a model, or hold what none
    does: numbers that are none, or point to where nothing is."""
    from recsys_tui.models.sound_arrays import check_model
    from recsys_tui.models.trained_model import TrainedModel

    try:
        check_model(stored.arrays, stored.manifest.get("time_kind") == TimeKind.TIME.value)
        return TrainedModel.from_arrays(stored.arrays)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise damaged(stored.info.folder / ARRAYS, say("store.no_model_in_it"), workspace.key) from error
