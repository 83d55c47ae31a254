"""What can be an arm of an A/B test: the deep model, its parts, and classic recommenders fitted when a test begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recsys_tui.models.contract import Expert
from recsys_tui.models.deep_candidates import DEEP
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.recommend.ranking import ALIASES
from recsys_tui.store.damage import DamagedFileError
from recsys_tui.store.version_folder import check_files, damaged, read_manifest, reason_of, versions

if TYPE_CHECKING:
    from pathlib import Path

    from recsys_tui.recommend.recommender import Recommender
    from recsys_tui.recommend.session import Session
    from recsys_tui.store.stored_versions import StoredModelInfo
    from recsys_tui.store.workspace import Workspace

# Recommenders that are no part of the model; each is fitted with the setting that is the best guess.
CLASSICS = ("als", "warp", "mf", "sasrec")
FOLDER, ARRAYS = "ab_arms", "arm.safetensors"


@dataclass(frozen=True)
class Arm:
    """What ranks: a model of the trained ones (``expert`` None), or a classic one."""

    name: str
    expert: Expert | None = None


def servable(recommender: Recommender, explicit: bool) -> tuple[str, ...]:
    """The names of everything that can be an arm on this data: the deep model, parts that say anything, classics.

    ``explicit``: people rate, which one of the classics needs.
    """
    parts = [name for name, measured in recommender.manifest["parts"].items() if measured > 0]
    return (DEEP, *parts, *(name for name in CLASSICS if explicit or name != "mf"))


def check_arms(recommender: Recommender, names: Sequence[str], explicit: bool) -> tuple[str, ...]:
    """The names of the arms as they are kept. Raises ``UserError`` (exit 2) for one that cannot be served, and where
    two are the same ranking under two names."""
    able = servable(recommender, explicit)
    found = tuple(ALIASES.get(name, name) for name in names)
    for name in found:
        if name not in able:
            raise UserError("ab.no_such_arm", ExitCode.USAGE, name=name, names=", ".join(able))
    ranked_by = [name if name in CLASSICS else recommender.serving(name)[0] for name in found]
    if len(set(ranked_by)) < len(found):
        raise UserError("ab.same_arms", ExitCode.USAGE, names=", ".join(found), model=ranked_by[0])
    return found


def load_arm(session: Session, name: str) -> Arm:
    """An arm that is ready to rank beside the session's model.

    Raises ``UserError`` (exit 1) for a classic one that was not fitted on the data of that model, or is damaged.
    """
    if name not in CLASSICS:
        return Arm(name)
    info = session.model_info()
    folder = None if info is None else fitted(session.workspace, name, info)
    if folder is None:
        raise UserError("ab.arm_of_other_data", ExitCode.FAILED, name=name)
    recommender = session.recommender()
    items = None if recommender is None else len(recommender.model.catalogue)
    return Arm(name, _read(session.workspace, folder, name, items))


def fitted(workspace: Workspace, name: str, info: StoredModelInfo) -> Path | None:
    """The folder of a classic arm that was fitted on the data that a model was trained on; None where there is none."""
    for folder in versions(workspace.folder / FOLDER):
        manifest = read_manifest(folder, workspace.key)
        if manifest.get("arm") == name and manifest.get("fingerprint") == info.fingerprint:
            return folder
    return None


def _read(workspace: Workspace, folder: Path, name: str, items: int | None) -> Expert:
    from recsys_tui.models.contract import with_prefix
    from recsys_tui.models.sound_arrays import check_arrays
    from recsys_tui.store.array_file import read_arrays

    check_files(folder, read_manifest(folder, workspace.key), workspace.key)
    try:
        arrays = read_arrays(folder / ARRAYS)
    except (DamagedFileError, OSError) as error:
        raise damaged(folder / ARRAYS, reason_of(error), workspace.key) from error
    try:
        check_arrays(with_prefix(name, arrays), {} if items is None else {"items": items})
        return _kind(name).from_arrays(arrays)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise damaged(folder / ARRAYS, say("store.no_model_in_it"), workspace.key) from error


def _kind(name: str) -> type[Expert]:
    """The class of a classic arm, which reads what :meth:`Expert.to_arrays` gave."""
    from recsys_tui.models.classics.als import Als
    from recsys_tui.models.classics.biased_factors import BiasedFactors
    from recsys_tui.models.classics.ranked_factors import RankedFactors
    from recsys_tui.models.encoder.self_attention import SelfAttention

    kinds: dict[str, type[Expert]] = {"als": Als, "mf": BiasedFactors, "warp": RankedFactors, "sasrec": SelfAttention}
    return kinds[name]
