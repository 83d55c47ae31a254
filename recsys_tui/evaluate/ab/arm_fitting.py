"""Fitting a classic recommender as an arm, in a process of its own, and keeping it beside the models.

The child's argument has ``workspace``, ``arm``, ``fingerprint`` (of the data) and ``seed``; see
:mod:`recsys_tui.processes.telling_child`.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recsys_tui.evaluate.ab.arms import ARRAYS, CLASSICS, FOLDER, fitted
from recsys_tui.evaluate.lanes import Children
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.processes.telling_child import Tell, tell_parent
from recsys_tui.processes.told_process import begin, last_words, listen
from recsys_tui.store.ab_log import AbLog
from recsys_tui.store.in_use import in_use
from recsys_tui.store.workspace import Workspace

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
    with tempfile.TemporaryFile() as errors:
        with Children().running(partial(begin, "recsys_tui.evaluate.ab.arm_fitting", asked, errors)) as process:
            found, failure = listen(process, lambda _step, _share: None)
            code = process.wait()
        if found is None:
            detail = last_words(code, errors)
            raise failure or UserError("evaluate.contender_failed", ExitCode.FAILED, name=name, detail=detail)


def fit_running_arms(session: Session) -> None:
    """Fit the classic arms of the test that runs on the data that the session's model was trained on."""
    test = AbLog(session.workspace.folder).running()
    for name in () if test is None else (test.a, test.b):
        fit_arm(session, name)


def fit(document: dict[str, Any], _tell: Tell, _orphaned: Callable[[], bool]) -> dict[str, Any]:
    """Fit the arm that the document asks for, in the child."""
    workspace = Path(document["workspace"])
    with in_use(workspace):
        _fit(Workspace(workspace), document["arm"], document["fingerprint"], document["seed"])
    return {}


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
    sys.exit(tell_parent(fit))
