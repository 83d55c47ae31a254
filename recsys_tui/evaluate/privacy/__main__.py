"""The process of the audit: reads the stored dataset of a workspace, trains, attacks, tells its parent.

Its one argument is a JSON document with ``workspace``, ``people`` and the fields of a training request. Standard output
carries one JSON document a line: ``step`` and ``share`` on the way, at the end ``result``, or ``failed`` with a
sentence and ``exit_code``. Nothing is stored.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from recsys_tui.data.dataset import Dataset
    from recsys_tui.evaluate.privacy.attacks import Lister
    from recsys_tui.training.events import TrainingEvent
    from recsys_tui.training.job import TrainingRequest

SECONDS_BETWEEN_REPORTS = 0.1


def main() -> int:
    """Audit as the argument says; returns the exit code."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    # Libraries that print must not break the protocol: their standard output is our standard error.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    parent, told = os.getppid(), [0.0]

    def write(**document: object) -> None:
        out.write(json.dumps(document) + "\n")
        out.flush()

    def tell(step: str, share: float) -> None:
        if os.getppid() != parent:
            raise SystemExit(ExitCode.FAILED)
        now = time.monotonic()
        if now - told[0] >= SECONDS_BETWEEN_REPORTS:
            told[0] = now
            write(step=step, share=share)

    try:
        from recsys_tui.training.job import TrainingRequest

        document = json.loads(sys.argv[1])
        workspace, people = Path(document.pop("workspace")), int(document.pop("people"))
        write(result=_audited(workspace, people, TrainingRequest(**document), tell))
    except UserError as error:
        write(failed=str(error), exit_code=int(error.exit_code))
        return int(error.exit_code)
    except MemoryError:
        write(failed=say("models.out_of_memory"), exit_code=int(ExitCode.FAILED))
        return int(ExitCode.FAILED)
    return int(ExitCode.DONE)


def _audited(folder: Path, people: int, request: TrainingRequest, tell: Callable[[str, float], None]) -> dict[str, Any]:
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
        return audit_privacy(dataset, trained, people, request.seed, tell).to_json()


if __name__ == "__main__":
    sys.exit(main())
