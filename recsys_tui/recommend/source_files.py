"""Which files are the data's own: nothing is ever written over them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from recsys_tui.data.folder_listing import would_be_read
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.store.atomic_files import without_links

if TYPE_CHECKING:
    from recsys_tui.recommend.session import Session


def check_not_data(path: Path, session: Session) -> None:
    """Refuse a file that was read, one that lies in the folder that was opened, and a new table there, which would be
    read as part of the data. Raises ``UserError`` (exit 2)."""
    source, target = session.identity.path, without_links(path)
    version = session.workspace.dataset_version()
    read = {Path(name).resolve() for name in version.stamp} if version is not None else set()
    if target == source or target in read or (target.exists() and source in target.parents):
        raise UserError("cli.output_is_source", ExitCode.USAGE, path=path)
    if would_be_read(target, source):
        raise UserError("cli.output_in_data", ExitCode.USAGE, path=path, folder=source.name)
