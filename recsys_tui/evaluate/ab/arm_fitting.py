"""Fitting a classic recommender as an arm, in a process of its own, and keeping it beside the models.

The child's one argument is a JSON document with ``workspace``, ``arm``, ``fingerprint`` (of the data) and ``seed``. It
prints ``{}``, or ``failed`` with a sentence and ``exit_code``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from recsys_tui.evaluate.ab.arms import ARRAYS, CLASSICS, FOLDER, fitted
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.store.ab_log import AbLog
from recsys_tui.store.in_use import in_use
from recsys_tui.store.workspace import Workspace
from recsys_tui.training.job import CHILD, ONE_THREAD

if TYPE_CHECKING:
    from recsys_tui.recommend.session import Session

KEPT = 8  # versions, of all arms together


def fit_arm(session: Session, name: str, seed: int = 0) -> None:
    """Fit an arm on the data that the session's model was trained on, unless it is stored or needs no fitting.

    An interrupt ends the child. Raises ``UserError`` where the fit fails.
    """
    info = session.model_info()
    if name not in CLASSICS or info is None or fitted(session.workspace, name, info) is not None:
        return
    asked = {"workspace": str(session.workspace.folder), "arm": name, "fingerprint": info.fingerprint, "seed": seed}
    done = subprocess.run(
        [*CHILD, "recsys_tui.evaluate.ab.arm_fitting", json.dumps(asked)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={**ONE_THREAD, **os.environ},
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
        check=False,
    )
    try:
        said = json.loads(done.stdout.strip().splitlines()[-1])
    except (ValueError, IndexError):
        lines = done.stderr.strip().splitlines()
        detail = lines[-1] if lines else say("evaluate.no_word", code=done.returncode)
        raise UserError("evaluate.contender_failed", ExitCode.FAILED, name=name, detail=detail) from None
    if "failed" in said:
        raise UserError("evaluate.contender_said", ExitCode(said["exit_code"]), sentence=said["failed"])


def fit_running_arms(session: Session) -> None:
    """Fit the classic arms of the test that runs on the data that the session's model was trained on."""
    test = AbLog(session.workspace.folder).running()
    for name in () if test is None else (test.a, test.b):
        fit_arm(session, name)


def main() -> int:
    """Fit as the argument says; returns the exit code."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    # Libraries that print must not break the protocol: their standard output is our standard error.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    code, said = ExitCode.DONE, {}
    try:
        asked = json.loads(sys.argv[1])
        with in_use(Path(asked["workspace"])):
            _fit(Workspace(Path(asked["workspace"])), asked["arm"], asked["fingerprint"], asked["seed"])
    except UserError as error:
        code, said = error.exit_code, {"failed": str(error), "exit_code": int(error.exit_code)}
    except MemoryError:
        code = ExitCode.FAILED
        said = {"failed": say("models.out_of_memory"), "exit_code": int(ExitCode.FAILED)}
    with out:
        out.write(json.dumps(said) + "\n")
    return int(code)


def _fit(workspace: Workspace, name: str, fingerprint: str, seed: int) -> None:
    from recsys_tui.evaluate.classics import FitContext, classics
    from recsys_tui.evaluate.list_making import people_asked
    from recsys_tui.models.devices import use_one_thread
    from recsys_tui.store.array_file import write_arrays
    from recsys_tui.store.version_folder import remove_version, sweep_partial, versions, write_version

    use_one_thread()
    dataset = workspace.load_dataset(fingerprint)
    if dataset is None:
        raise UserError("ab.arm_of_other_data", ExitCode.FAILED, name=name)
    classic = classics()[name]
    context = FitContext(dataset, seed, "auto", lambda _share: None)
    arrays = classic.fit(people_asked(dataset).histories, classic.grid[0], context).to_arrays()
    manifest = {"arm": name, "fingerprint": fingerprint, "setting": dict(classic.grid[0]), "seed": seed}
    with workspace.lock(say("store.storing_model")):
        parent = workspace.folder / FOLDER
        sweep_partial(parent)
        write_version(parent, name, manifest, lambda partial: write_arrays(partial / ARRAYS, arrays))
        for old in versions(parent)[KEPT:]:
            remove_version(old)


if __name__ == "__main__":
    sys.exit(main())
