"""Which files are the data's own: nothing is ever written over them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recsys_tui.recommend.session import Session


def belongs_to_data(target: Path, session: Session) -> bool:
    """Whether a file (resolved) is one of those that were read, or lies in the folder that was opened."""
    source = session.identity.path
    version = session.workspace.dataset_version()
    read = {Path(name).resolve() for name in version.stamp} if version is not None else set()
    return target == source or target in read or (target.exists() and source in target.parents)
