"""Where the data lies: a file, a folder, or the name of a dataset that is bundled or in the home folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from recsys_tui.data.bundled import bundled_path, named_folders
from recsys_tui.output.errors import UserError
from recsys_tui.output.neutralise import neutral_text


@dataclass(frozen=True)
class Source:
    """``path`` is absolute and resolved; ``name`` is what to call the data on screen."""

    path: Path
    name: str
    bundled: bool


def expanded(path: Path) -> Path:
    """A path with ``~`` read as the home directory; the ``~`` of nobody is a name like any other."""
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def locate(data: str | Path, datasets: Path | None = None) -> Source:
    """Find some data. An existing path wins over a name, and a bundled dataset over one of the same name in
    ``datasets``, the folder of those that were downloaded or made.

    Raises ``UserError`` (exit 2) where there is neither, or where the path is neither a file nor a folder.
    """
    if str(data) == "":
        raise UserError("data.no_data_named", names=", ".join(named_folders(datasets)))
    path = Path(data)
    try:
        path = path.expanduser()
        exists = path.exists()
    except PermissionError as error:
        raise UserError("data.no_permission", path=neutral_text(str(data))[:200]) from error
    except (OSError, ValueError, RuntimeError) as error:  # a name too long, a NUL byte, the ~ of nobody
        raise UserError("data.no_such_path", path=neutral_text(str(data))[:200]) from error
    if not exists:
        named = named_folders(datasets)
        if (folder := named.get(str(data))) is not None:
            return Source(folder.resolve(), str(data), bundled_path(str(data)) is not None)
        from recsys_tui.data.public_datasets import PUBLIC

        if str(data) in PUBLIC:
            raise UserError("data.not_downloaded", name=str(data))
        names = ", ".join(named)
        raise UserError("data.no_such_path_or_name", path=neutral_text(str(data))[:200], names=names)
    if not path.is_file() and not path.is_dir():
        raise UserError("data.not_a_file", path=neutral_text(str(data)))
    resolved = path.resolve()
    return Source(resolved, neutral_text(resolved.name) or str(resolved), False)
