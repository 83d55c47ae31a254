"""The process that compares models for the workbench: cuts the stored dataset, tries the models, keeps what it found.

Its one argument is a JSON document with ``home``, ``workspace`` and the fields of a comparison's request. Standard
output carries one event a line.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from recsys_tui.evaluate.comparison_job import DONE, FAILED, SAVED, STEP, ComparisonEvent, ComparisonRequest
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.processes.orphans import end_with_parent
from recsys_tui.processes.out_of_memory import out_of_memory, ran_out
from recsys_tui.store.in_use import in_use

SECONDS_BETWEEN_REPORTS = 0.1
PREPARING, TRYING, JUDGING = "preparing", "trying", "judging"


def main() -> int:
    """Compare as the argument says; returns the exit code."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    # Libraries that print must not break the protocol: their standard output is our standard error.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    parent = os.getppid()
    end_with_parent(out)

    def write(event: ComparisonEvent) -> None:
        out.write(event.to_line() + "\n")
        out.flush()

    trying: dict[str, tuple[str, float]] = {}  # the step of each model, and its share
    last: tuple[float, tuple[str, ...]] = 0.0, ()  # when something was told, and of which models

    def tell(model: str, step: str, share: float) -> None:
        if os.getppid() != parent:
            raise SystemExit(ExitCode.FAILED)
        nonlocal last
        trying[model] = step, share
        running = tuple((name, trying[name][0]) for name in request.models if trying.get(name, (DONE,))[0] != DONE)
        names, now = tuple(name for name, _ in running), time.monotonic()
        if names != last[1] or now - last[0] >= SECONDS_BETWEEN_REPORTS:
            last = now, names
            done = sum(share for _, share in trying.values()) / max(1, len(request.models))
            write(ComparisonEvent(STEP, TRYING, running, min(1.0, done)))

    try:
        document = json.loads(sys.argv[1])
        home, workspace = Path(document.pop("home")), Path(document.pop("workspace"))
        request = ComparisonRequest(**{**document, "models": tuple(document["models"])})
        write(ComparisonEvent(STEP, PREPARING))
        with in_use(workspace):
            failures = _compare(home, workspace, request, tell, write)
        write(ComparisonEvent(SAVED, notes=failures))
    except UserError as error:
        write(ComparisonEvent(FAILED, note=str(error)))
        return int(error.exit_code)
    except (MemoryError, ImportError) as error:
        if not ran_out(error):
            raise
        write(ComparisonEvent(FAILED, note=out_of_memory()))
        return int(ExitCode.FAILED)
    return int(ExitCode.DONE)


def _compare(
    home: Path,
    folder: Path,
    request: ComparisonRequest,
    tell: Callable[[str, str, float], None],
    write: Callable[[ComparisonEvent], None],
) -> tuple[str, ...]:
    """Make the comparison and keep it; returns a sentence for each model that could not be tried."""
    from recsys_tui.evaluate.comparison import compare, model_names
    from recsys_tui.evaluate.contender import ContenderRequest
    from recsys_tui.evaluate.protocols import HORIZON_OF, split
    from recsys_tui.evaluate.shared_folder import shared_folder
    from recsys_tui.evaluate.side_by_side import side_by_side
    from recsys_tui.evaluate.stored_comparison import StoredComparison, model_mark, save_comparison
    from recsys_tui.store.workspace import Workspace
    from recsys_tui.training.job import PRIVATE

    workspace = Workspace(folder)
    version = workspace.dataset_version()
    dataset = None if version is None else workspace.load_dataset(version.fingerprint)
    if version is None or dataset is None:
        raise UserError("models.no_data_yet", ExitCode.USAGE)
    mark = model_mark(workspace.find_model())
    cut = split(dataset, None, request.seed)
    names = model_names(",".join(request.models), cut, PRIVATE in request.models)
    horizon = HORIZON_OF.get(cut.protocol, "next")
    requests = [
        ContenderRequest(name, request.seed, "auto", request.preset, horizon, epsilon=request.epsilon) for name in names
    ]
    with shared_folder(home) as shared:
        evaluation = compare(cut, requests, {}, shared, tell)
    write(ComparisonEvent(STEP, JUDGING, share=1.0))
    found = StoredComparison(
        evaluation.to_json(),
        side_by_side(evaluation),
        version.fingerprint,
        mark,
        request.preset,
        datetime.now(UTC).isoformat(timespec="seconds"),
    )
    save_comparison(workspace, found)
    return tuple(sentence for _, sentence in evaluation.failures)


if __name__ == "__main__":
    sys.exit(main())
