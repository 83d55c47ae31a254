"""Writing what a person takes away: where they said, whole or not at all, and never over the data itself."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.store.exports import Exports

if TYPE_CHECKING:
    from recsys_tui.recommend.session import Session

LONGEST_NAME = 80
_NO_NAME = re.compile(r"[^\w.\-]+")


def default_name(*parts: str, kind: str) -> str:
    """A file name of some words: ``films-user-42.csv``."""
    words = (_NO_NAME.sub("-", part).strip("-.") for part in parts)
    return "-".join(word for word in words if word)[:LONGEST_NAME] + f".{kind}"


def target_of(typed: str, kind: str) -> Path:
    """The file that somebody means: of the current folder where they name none, of the kind where they name none."""
    path = Path(typed)
    try:
        path = path.expanduser()
    except RuntimeError:  # the ~ of nobody: a name like any other
        path = Path(typed)
    path = path.absolute()
    return path if path.suffix.lower() == f".{kind}" else path.with_name(f"{path.name}.{kind}")


def check_place(path: Path) -> None:
    """Raise ``UserError`` where no file can be written under a name."""
    folder = path.parent
    try:
        if not folder.is_dir():
            raise UserError("cli.no_such_folder", path=folder)
        refusal = errno.EISDIR if path.is_dir() else 0 if os.access(folder, os.W_OK | os.X_OK) else errno.EACCES
    except OSError as error:
        refusal = error.errno or errno.EIO
    if refusal:
        raise UserError("cli.output_failed", ExitCode.FAILED, path=path, reason=os.strerror(refusal))


def save(content: bytes, path: Path, session: Session, about: Sequence[str] = (), named: Sequence[str] = ()) -> bool:
    """Write a file, for its owner's eyes only, and say whether it is noted in the home, where ``forget`` finds it;
    ``about``: the people whom all of it is about, ``named``: those whom rows of it are about.

    Raises ``UserError`` where that fails or it would be among the data, and where one of them was forgotten since.
    """
    from recsys_tui.recommend.source_files import check_not_data
    from recsys_tui.store.tombstones import refuse_forgotten

    def refuse() -> None:
        refuse_forgotten(session.workspace.folder, map(session.names.stored, about))
        refuse_forgotten(session.workspace.folder, map(session.names.stored, named), "forget.named_meanwhile")

    refuse()
    check_place(path)
    check_not_data(path, session)
    try:
        return Exports(session.workspace.folder).write(path, content, about, refuse)
    except UserError as error:
        if error.__cause__ is None:  # nothing that the system refused
            raise
        reason = os.strerror(error.__cause__.errno or 0) if isinstance(error.__cause__, OSError) else str(error)
        raise UserError("cli.output_failed", ExitCode.FAILED, path=path, reason=reason) from error
