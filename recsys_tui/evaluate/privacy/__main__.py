"""The process of the audit: reads the stored dataset of a workspace, trains, attacks, tells its parent.

Its argument has ``workspace``, ``people``, ``forget`` and the fields of a training request; see
:mod:`recsys_tui.processes.telling_child`. Nothing is stored.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.processes.telling_child import Tell, tell_parent

if TYPE_CHECKING:
    from recsys_tui.data.dataset import Dataset
    from recsys_tui.evaluate.privacy.attacks import Lister
    from recsys_tui.training.events import TrainingEvent
    from recsys_tui.training.job import TrainingRequest


def audit(document: dict[str, Any], tell: Tell, _orphaned: Callable[[], bool]) -> dict[str, Any]:
    """Audit as the document says."""
    from recsys_tui.training.job import TrainingRequest

    workspace, people = Path(document.pop("workspace")), int(document.pop("people"))
    forget = bool(document.pop("forget"))
    return _audited(workspace, people, forget, TrainingRequest(**document), tell)


def _audited(folder: Path, people: int, forget: bool, request: TrainingRequest, tell: Tell) -> dict[str, Any]:
    from recsys_tui.evaluate.privacy.audit import audit_privacy, lister_of
    from recsys_tui.store.in_use import in_use
    from recsys_tui.store.workspace import Workspace
    from recsys_tui.training.events import STAGES
    from recsys_tui.training.job import PRIVATE
    from recsys_tui.training.pipeline import train
    from recsys_tui.training.private_training import train_private
    from recsys_tui.training.text_vectors import with_text_vectors

    def trained(dataset: Dataset, progress: Callable[[float], None]) -> tuple[Lister, dict[str, Any] | None]:
        def emit(event: TrainingEvent) -> None:
            if event.stage in STAGES:
                progress((STAGES.index(event.stage) + (event.fraction or 0.0)) / len(STAGES))

        learn = train_private if request.preset == PRIVATE else train
        model, manifest = learn(dataset, request, emit, lambda: False)
        return lister_of(model, manifest, request.preset, request.horizon), manifest.get("privacy")

    workspace = Workspace(folder)
    with in_use(folder):
        dataset = workspace.load_dataset()
        if dataset is None:
            raise UserError("models.no_stored_data", ExitCode.FAILED)
        dataset = with_text_vectors(dataset, workspace, request.device)
        return audit_privacy(dataset, trained, people, request.seed, tell, forget).to_json()


if __name__ == "__main__":
    sys.exit(tell_parent(audit))
